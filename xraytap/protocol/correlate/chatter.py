"""Traffic that a client could spare: getters in a row, the same question again and again, polling, logins
and connections for a single call."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.stats import percentile

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.correlate.sessions import Sessions
    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.summary import DecodedCall

MANY_OBJECTS = 10
"""Objects asked one by one before it is worth telling."""
MANY_TIMES = 5
"""The same question so often before it is worth telling."""
SHORT_SESSION = 3
"""Calls of a session that was hardly worth its login."""

_POLLED_S = 0.2
_KEYS_KEPT = 50_000
_INTERVALS_KEPT = 1_000
_JSON_ID = re.compile(rb'"id"\s*:\s*(?:"[^"]*"|-?\d+|null)')
_BULK = frozenset({"get_all", "get_record", "get_all_records", "get_all_records_where", "get_all_where"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to spare. `kind`: `n+1`, `repeated`, `polling`, `connections`, `sessions`. `calls` is how many
    calls it is about, `ms` the time they took; `first_seq` and `last_seq` are None where it is about all."""

    kind: str
    text: str
    calls: int
    ms: float = 0.0
    first_seq: int | None = None
    last_seq: int | None = None


@dataclass(slots=True)
class _Run:
    """Getters of one class, one after the other in one session."""

    first_seq: int
    last_seq: int = 0
    calls: int = 0
    us: int = 0
    first_at_us: int = 0
    last_at_us: int = 0
    questions: dict[str, set[int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Question:
    """One question as it was asked again."""

    first_seq: int
    last_at_us: int
    last_seq: int = 0
    times: int = 1
    us: int = 0
    answer: int = 0
    changes: int = 0
    intervals_us: list[int] = field(default_factory=list)


class Chatter:
    """A `Tracker`. `exchange` gives the kept bytes of a call: equal questions are equal bytes.

    `model` tells whether a class has get_all_records. Memory stays bounded: of questions, the last
    50,000 different ones are known.
    """

    def __init__(self, sessions: Sessions, model: Model, exchange: Callable[[int], Exchange]) -> None:
        self._sessions = sessions
        self._model = model
        self._exchange = exchange
        self._runs: dict[str, dict[str, _Run]] = {}
        self._questions: OrderedDict[tuple[str, str, int], _Question] = OrderedDict()
        self._n_plus_1: list[Advice] = []
        self._per_connection: Counter[int] = Counter()

    def wants(self, _row: CallRow) -> bool:
        """Nothing decoded."""
        return False

    def add(self, row: CallRow, _call: DecodedCall | None) -> None:
        """Take one call in."""
        self._per_connection[row.connection] += 1
        where = row.session or row.client
        if row.message is None or not row.message.startswith("get_") or row.is_async:
            self._end_runs(where)
            return
        exchange = self._exchange(row.seq)
        body = exchange.request.body
        key = hash(_JSON_ID.sub(b"", body) if row.protocol == "jsonrpc" else body)
        reply = b"" if exchange.response is None else exchange.response.body
        answer = hash(_JSON_ID.sub(b"", reply) if row.protocol == "jsonrpc" else reply)
        self._ask(row, where, key, answer)
        if row.message not in _BULK or row.message == "get_record":
            self._run(row, where, key)

    def advice(self) -> list[Advice]:
        """What could be spared, the most calls first. Call it when all calls are in."""
        for where in list(self._runs):
            self._end_runs(where)
        found = [*self._n_plus_1, *self._asked_again(), *self._connections(), *self._short_sessions()]
        return sorted(found, key=lambda each: (-each.calls, each.first_seq or 0))

    # -- inside -------------------------------------------------------------------------------------

    def _run(self, row: CallRow, where: str, key: int) -> None:
        name = row.class_name or ""
        runs = self._runs.setdefault(where, {})
        run = runs.get(name)
        if run is None:
            run = runs[name] = _Run(first_seq=row.seq, first_at_us=row.started_at_us)
        run.last_seq, run.last_at_us = row.seq, row.started_at_us + (row.elapsed_us or 0)
        run.calls += 1
        run.us += row.elapsed_us or 0
        run.questions.setdefault(row.method or "", set()).add(key)

    def _end_runs(self, where: str) -> None:
        for name, run in self._runs.pop(where, {}).items():
            many = [method for method, keys in run.questions.items() if len(keys) >= MANY_OBJECTS]
            if not many or self._model.message(f"{name}.get_all_records") is None:
                continue
            objects = max(len(run.questions[method]) for method in many)
            calls = sum(len(run.questions[method]) for method in many)
            took = (run.last_at_us - run.first_at_us) / 1_000_000
            self._n_plus_1.append(
                Advice(
                    kind="n+1",
                    text=f"{', '.join(many)}: {calls} calls for {objects} objects in {took:.1f} s; "
                    f"one {name}.get_all_records would do",
                    calls=calls,
                    ms=run.us / 1000,
                    first_seq=run.first_seq,
                    last_seq=run.last_seq,
                )
            )

    def _ask(self, row: CallRow, where: str, key: int, answer: int) -> None:
        name = (where, row.method or "", key)
        known = self._questions.get(name)
        if known is None:
            self._questions[name] = _Question(
                row.seq, row.started_at_us, row.seq, us=row.elapsed_us or 0, answer=answer
            )
            if len(self._questions) > _KEYS_KEPT:
                self._questions.popitem(last=False)
            return
        self._questions.move_to_end(name)
        known.times += 1
        known.us += row.elapsed_us or 0
        if len(known.intervals_us) < _INTERVALS_KEPT:
            known.intervals_us.append(row.started_at_us - known.last_at_us)
        known.last_at_us, known.last_seq = row.started_at_us, row.seq
        if row.outcome is Outcome.SUCCESS and answer != known.answer:
            known.changes += 1
            known.answer = answer

    def _asked_again(self) -> list[Advice]:
        groups: dict[tuple[str, str], list[_Question]] = {}
        for (where, method, _), asked in self._questions.items():
            if asked.times >= MANY_TIMES:
                groups.setdefault((where, method), []).append(asked)
        return [self._again(method, asked) for (_, method), asked in groups.items()]

    @staticmethod
    def _again(method: str, asked: list[_Question]) -> Advice:
        times = sum(each.times for each in asked)
        changes = sum(each.changes for each in asked)
        every_s = percentile([gap for each in asked for gap in each.intervals_us], 50) / 1_000_000
        of = f" of {len(asked)} objects" if len(asked) > 1 else ""
        told = f"the answer changed {changes} times" if changes else "always the same answer"
        polled = every_s >= _POLLED_S
        if polled and method.startswith("task."):
            hint = "; event.from on task tells when it ends"
        elif polled:
            hint = "; events would tell of changes"
        else:
            hint = "; ask once and keep it"
        pace = f" every {every_s:.1f} s" if polled else ""
        return Advice(
            kind="polling" if polled else "repeated",
            text=f"{method}{of}: asked {times} times{pace}, {told}{hint}",
            calls=times,
            ms=sum(each.us for each in asked) / 1000,
            first_seq=min(each.first_seq for each in asked),
            last_seq=max(each.last_seq for each in asked),
        )

    def _connections(self) -> list[Advice]:
        connections, calls = len(self._per_connection), sum(self._per_connection.values())
        if connections < MANY_OBJECTS or calls >= 2 * connections:
            return []
        text = f"{connections} connections for {calls} calls; keep-alive would do with one"
        return [Advice(kind="connections", text=text, calls=calls)]

    def _short_sessions(self) -> list[Advice]:
        short = [
            each for each in self._sessions if each.login_seq is not None and each.calls <= SHORT_SESSION
        ]
        if len(short) < MANY_TIMES:
            return []
        text = f"{len(short)} sessions of at most {SHORT_SESSION} calls; one login would do for all"
        return [
            Advice(
                kind="sessions",
                text=text,
                calls=sum(each.calls + 1 for each in short),
                first_seq=short[0].first_seq,
                last_seq=short[-1].last_seq,
            )
        ]
