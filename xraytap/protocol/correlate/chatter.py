"""Traffic that a client could spare: getters in a row, the same question again and again, polling, logins
and connections for a single call.

Advice must be true of the API spoken: what a host lacks or does not tell by events is not recommended.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.stats import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.correlate.sessions import Session, Sessions
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
_GAPS_KEPT = 100
_GAPS_OF_ALL = 10_000
_PLACES_KEPT = 10_000
_JSON_ID = re.compile(rb'"id"\s*:\s*(?:"[^"]*"|-?\d+|null)')
_IN_RECORDS = frozenset({"get", "get_record", "get_by_uuid", "get_by_name_label"})


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
    us: int = 0
    first_at_us: int = 0
    last_at_us: int = 0
    questions: dict[str, set[int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Rounds:
    """The runs of the same getters, added up."""

    first_seq: int
    last_seq: int = 0
    rounds: int = 0
    calls: int = 0
    objects: int = 0
    us: int = 0
    took_us: int = 0


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
    gaps_us: array[int] = field(default_factory=lambda: array("q"))


@dataclass(slots=True)
class _Again:
    """The questions of one method that were asked again, added up."""

    first_seq: int
    last_seq: int = 0
    questions: int = 0
    times: int = 0
    us: int = 0
    changes: int = 0
    gaps_us: array[int] = field(default_factory=lambda: array("q"))
    places: set[str] = field(default_factory=set)

    def add(self, where: str, asked: _Question) -> None:
        """Count one question in."""
        if len(self.places) < _PLACES_KEPT:
            self.places.add(where)
        self.first_seq = min(self.first_seq, asked.first_seq)
        self.last_seq = max(self.last_seq, asked.last_seq)
        self.questions += 1
        self.times += asked.times
        self.us += asked.us
        self.changes += asked.changes
        if len(self.gaps_us) < _GAPS_OF_ALL:
            self.gaps_us.extend(asked.gaps_us)


class Chatter:
    """A `Tracker`. `exchange` gives the kept bytes of a call: equal questions are equal bytes.
    `model` tells what else could have been asked. Memory stays bounded: of questions, the last 50,000
    different ones are known.
    """

    def __init__(self, sessions: Sessions, model: Model, exchange: Callable[[int], Exchange]) -> None:
        self._sessions = sessions
        self._model = model
        self._exchange = exchange
        self._runs: dict[str, dict[str, _Run]] = {}
        self._rounds: dict[tuple[str, ...], _Rounds] = {}
        self._questions: OrderedDict[tuple[str, str, int], _Question] = OrderedDict()
        self._again: dict[str, _Again] = {}
        self._connections: dict[str, set[int]] = {}
        self._per_client: dict[str, int] = {}
        self._refused_bulk: set[str] = set()

    def wants(self, _row: CallRow) -> bool:
        """Nothing decoded."""
        return False

    def add(self, row: CallRow, _call: DecodedCall | None) -> None:
        """Take one call in."""
        client = row.client.rpartition(":")[0]
        self._connections.setdefault(client, set()).add(row.connection)
        self._per_client[client] = self._per_client.get(client, 0) + 1
        where = row.session or row.client
        if row.message is None or not row.message.startswith("get_") or row.is_async:
            self._end_runs(where)
            return
        if row.message == "get_all_records" and row.outcome is not Outcome.SUCCESS:
            self._refused_bulk.add(row.class_name or "")
        exchange = self._exchange(row.seq)
        body = exchange.request.body
        key = hash(_JSON_ID.sub(b"", body) if row.protocol == "jsonrpc" else body)
        reply = b"" if exchange.response is None else exchange.response.body
        answer = hash(_JSON_ID.sub(b"", reply) if row.protocol == "jsonrpc" else reply)
        self._ask(row, where, key, answer)
        facts = self._model.message(row.method or "")
        if facts is not None and facts.kind in _IN_RECORDS:
            self._run(row, where, key)

    def advice(self) -> list[Advice]:
        """What could be spared as far as calls are in, the most calls first."""
        found = [*self._getters(), *self._asked_again(), *self._for_connections(), *self._short_sessions()]
        return sorted(found, key=lambda each: (-each.calls, each.first_seq or 0))

    # -- getters in a row ---------------------------------------------------------------------------

    def _run(self, row: CallRow, where: str, key: int) -> None:
        name = row.class_name or ""
        runs = self._runs.setdefault(where, {})
        run = runs.get(name)
        if run is None:
            run = runs[name] = _Run(first_seq=row.seq, first_at_us=row.started_at_us)
        run.last_seq, run.last_at_us = row.seq, row.started_at_us + (row.elapsed_us or 0)
        run.us += row.elapsed_us or 0
        run.questions.setdefault(row.method or "", set()).add(key)

    def _end_runs(self, where: str) -> None:
        for name, run in self._runs.pop(where, {}).items():
            self._add_run(name, run, self._rounds)

    @staticmethod
    def _add_run(name: str, run: _Run, rounds: dict[tuple[str, ...], _Rounds]) -> None:
        asked = {method: len(keys) for method, keys in run.questions.items() if len(keys) >= MANY_OBJECTS}
        if not asked:
            return
        sums = rounds.setdefault((name, *asked), _Rounds(first_seq=run.first_seq))
        sums.first_seq = min(sums.first_seq, run.first_seq)
        sums.last_seq = max(sums.last_seq, run.last_seq)
        sums.rounds += 1
        sums.calls += sum(asked.values())
        sums.objects = max(sums.objects, *asked.values())
        sums.us += run.us
        sums.took_us += run.last_at_us - run.first_at_us

    def _getters(self) -> Iterator[Advice]:
        rounds = deepcopy(self._rounds)
        for runs in self._runs.values():
            for name, run in runs.items():
                self._add_run(name, run, rounds)
        for (name, *many), sums in rounds.items():
            bulk = self._model.message(f"{name}.get_all_records")
            if bulk is None or bulk.status != "ok" or name in self._refused_bulk:
                continue
            of = f"{sums.objects} objects" if sums.rounds == 1 else f"{sums.rounds} rounds of objects"
            yield Advice(
                kind="n+1",
                text=f"{', '.join(many)}: {sums.calls} calls for {of} in {sums.took_us / 1e6:.1f} s; "
                f"one {name}.get_all_records {'would do' if sums.rounds == 1 else 'a round would do'}",
                calls=sums.calls,
                ms=sums.us / 1000,
                first_seq=sums.first_seq,
                last_seq=sums.last_seq,
            )

    # -- the same question again --------------------------------------------------------------------

    def _ask(self, row: CallRow, where: str, key: int, answer: int) -> None:
        name = (where, row.method or "", key)
        known = self._questions.get(name)
        if known is None:
            self._questions[name] = _Question(
                row.seq, row.started_at_us, row.seq, us=row.elapsed_us or 0, answer=answer
            )
            if len(self._questions) > _KEYS_KEPT:
                (place, method, _), oldest = self._questions.popitem(last=False)
                self._add_up(place, method, oldest, self._again)
            return
        self._questions.move_to_end(name)
        known.times += 1
        known.us += row.elapsed_us or 0
        if len(known.gaps_us) < _GAPS_KEPT:
            known.gaps_us.append(row.started_at_us - known.last_at_us)
        known.last_at_us, known.last_seq = row.started_at_us, row.seq
        if row.outcome is Outcome.SUCCESS and answer != known.answer:
            known.changes += 1
            known.answer = answer

    @staticmethod
    def _add_up(where: str, method: str, asked: _Question, sums: dict[str, _Again]) -> None:
        if asked.times >= MANY_TIMES:
            sums.setdefault(method, _Again(first_seq=asked.first_seq)).add(where, asked)

    def _asked_again(self) -> Iterator[Advice]:
        sums = deepcopy(self._again)
        for (where, method, _), asked in self._questions.items():
            self._add_up(where, method, asked, sums)
        for method, again in sums.items():
            every_s = percentile(again.gaps_us, 50) / 1_000_000
            polled = every_s >= _POLLED_S
            of = f" of {again.questions} objects" if again.questions > 1 else ""
            if len(again.places) > 1:
                of = f" ({again.questions} questions of {len(again.places)} sessions)"
            pace = f" every {every_s:.1f} s" if polled else ""
            times = "once" if again.changes == 1 else f"{again.changes} times"
            told = f"the answer changed {times}" if again.changes else "always the same answer"
            yield Advice(
                kind="polling" if polled else "repeated",
                text=f"{method}{of}: asked {again.times} times{pace}, {told}"
                + self._hint(method, polled=polled, changed=again.changes > 0),
                calls=again.times,
                ms=again.us / 1000,
                first_seq=again.first_seq,
                last_seq=again.last_seq,
            )

    def _hint(self, method: str, *, polled: bool, changed: bool) -> str:
        """Only XAPI tells by events of what happens; xend tells only of what clients set."""
        if not polled and not changed:
            return "; ask once and keep it"
        if self._model.name != "xapi":
            return ""
        if method.startswith("task."):
            return "; event.from on task tells when it ends"
        return "; event.from would tell of changes"

    # -- connections and sessions -------------------------------------------------------------------

    def _for_connections(self) -> Iterator[Advice]:
        for client, numbers in self._connections.items():
            calls = self._per_client[client]
            if len(numbers) >= MANY_OBJECTS and calls < 2 * len(numbers):
                text = f"{client}: {len(numbers)} connections for {calls} calls; keep-alive would spare most"
                yield Advice(kind="connections", text=text, calls=calls)

    def _short_sessions(self) -> Iterator[Advice]:
        groups: dict[tuple[str, ...], list[Session]] = {}
        for each in self._sessions:
            if each.login_seq is not None and each.calls <= SHORT_SESSION:
                who = (each.user or "", each.originator or "", *sorted(each.clients))
                groups.setdefault(who, []).append(each)
        for (user, _, *clients), short in groups.items():
            if len(short) >= MANY_TIMES:
                text = f"{len(short)} sessions of at most {SHORT_SESSION} calls"
                yield Advice(
                    kind="sessions",
                    text=f"{text} ({user} from {' '.join(clients)}); one login would do for all",
                    calls=sum(each.calls + 1 for each in short),
                    first_seq=short[0].first_seq,
                    last_seq=short[-1].last_seq,
                )
