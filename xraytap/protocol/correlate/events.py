"""Chains of event calls: registration, polls that brought something and polls that did not, losses.

The two hosts read `event.unregister` in opposite ways: XAPI drops the classes that it names, xend keeps them
and drops all others (wire facts, section 2).
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

_CALLS = frozenset({"register", "unregister", "next", "from"})
LOST = "EVENTS_LOST"
EVERY_CLASS = "*"
"""What stands for a registration without classes: it is one for all."""
_JOINED = ("idle", "waiting", "error")
STEPS_KEPT = 10_000
"""The last steps of a chain; of earlier ones the sums remain."""


@dataclass(slots=True, kw_only=True)
class Step:
    """What happened in a chain. `kind`: `register` or `unregister` (`text` names the classes), `events`,
    `idle` (polls that brought nothing, joined: `count` of them from `seq` to `last_seq`), `lost`,
    `restart` (event.from from the start again), `jump` (event.from with a token that was not the last one),
    `waiting` (a poll without an answer) or `error`; the last two are joined like idle polls where one follows
    the other. `waited_ms` is the time the polls took."""

    kind: str
    seq: int
    last_seq: int
    at_us: int
    count: int = 1
    waited_ms: float = 0.0
    text: str = ""


@dataclass(slots=True, kw_only=True)
class Chain:
    """The event calls of one session of one kind: `next`, or `from` for one set of classes. `classes` are
    those asked for, of `next` those registered for when the capture ends."""

    number: int
    session: str
    kind: str
    classes: tuple[str, ...]
    first_seq: int
    last_seq: int = 0
    polls: int = 0
    idle: int = 0
    events: int = 0
    lost: int = 0
    waited_ms: float = 0.0
    token: str | None = None
    by_class: Counter[str] = field(default_factory=Counter)
    steps: deque[Step] = field(default_factory=lambda: deque(maxlen=STEPS_KEPT))
    steps_left_out: int = 0


class Events:
    """A `Tracker`. `api` is `xend` or `xapi`."""

    def __init__(self, api: str) -> None:
        self._api = api
        self._all: dict[tuple[str, ...], Chain] = {}

    def __iter__(self) -> Iterator[Chain]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def wants(self, row: CallRow) -> bool:
        """The four event calls."""
        return row.class_name == "event" and row.message in _CALLS

    def add(self, row: CallRow, call: DecodedCall | None) -> None:
        """Take one call in."""
        if not self.wants(row) or call is None or call.request is None:
            return
        chain = self._chain(row, call.request)
        chain.last_seq = row.seq
        if row.message in ("register", "unregister"):
            self._registration(chain, row, call.request)
            return
        chain.polls += 1
        elapsed = row.elapsed_ms or 0.0
        chain.waited_ms += elapsed
        if row.message == "from":
            self._token(chain, row, call.request)
        if row.outcome is Outcome.NO_RESPONSE:
            self._step(chain, row, "waiting", text=row.note or "no answer")
        elif row.error_code == LOST:
            chain.lost += 1
            self._step(chain, row, "lost", text="the host dropped events: what they told must be asked anew")
        elif row.outcome is not Outcome.SUCCESS or call.answer is None:
            self._step(chain, row, "error", text=row.error_code or row.outcome.value)
        else:
            self._events(chain, row, call.answer.value)

    # -- inside -------------------------------------------------------------------------------------

    def _chain(self, row: CallRow, request: Request) -> Chain:
        kind = "from" if row.message == "from" else "next"
        classes = _names(request) if kind == "from" else ()
        key = (row.session or "", kind, *classes)
        if key not in self._all:
            self._all[key] = Chain(
                number=len(self._all) + 1,
                session=row.session or "",
                kind=kind,
                classes=classes,
                first_seq=row.seq,
            )
        return self._all[key]

    def _registration(self, chain: Chain, row: CallRow, request: Request) -> None:
        if row.outcome is not Outcome.SUCCESS:
            self._step(chain, row, "error", text=f"{row.message}: {row.error_code or row.outcome.value}")
            return
        named = _names(request)
        text = " ".join(named) or "every class"
        if row.message == "register":
            chain.classes = tuple(dict.fromkeys((*chain.classes, *(named or (EVERY_CLASS,)))))
        elif self._api == "xend":
            chain.classes = named if EVERY_CLASS in chain.classes else _common(chain.classes, named)
            text += f" (xend keeps what is named: registered for {' '.join(chain.classes) or 'none'} now)"
        else:
            gone = _common(chain.classes, named)
            chain.classes = tuple(each for each in chain.classes if each not in gone)
            text += f" (registered for {' '.join(chain.classes) or 'none'} now)"
        self._step(chain, row, row.message or "", text=text)

    def _token(self, chain: Chain, row: CallRow, request: Request) -> None:
        sent = request.params[2] if len(request.params) > 2 else ""
        if chain.token is None:
            return
        if sent == "":
            self._step(chain, row, "restart", text="from the start: every object comes again")
        elif sent != chain.token:
            self._step(chain, row, "jump", text=f"token {sent!r} where {chain.token!r} came last")

    def _events(self, chain: Chain, row: CallRow, value: Value) -> None:
        told = dict(members(value) or ())
        batch = told.get("events") if not isinstance(value, list) else value
        token = told.get("token")
        if isinstance(token, str):
            chain.token = str(token)
        if not isinstance(batch, list) or not batch:
            chain.idle += 1
            self._step(chain, row, "idle")
            return
        kinds: Counter[str] = Counter()
        for event in batch:
            facts = dict(members(event) or ())
            kinds[f"{_text(facts.get('class'))} {_text(facts.get('operation'))}"] += 1
        chain.events += len(batch)
        chain.by_class.update(kinds)
        text = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(6))
        self._step(chain, row, "events", count=len(batch), text=text)

    @staticmethod
    def _step(chain: Chain, row: CallRow, kind: str, *, count: int = 1, text: str = "") -> None:
        last = chain.steps[-1] if chain.steps else None
        if last is not None and kind in _JOINED and (last.kind, last.text) == (kind, text):
            last.last_seq = row.seq
            last.count += 1
            last.waited_ms += row.elapsed_ms or 0.0
            return
        chain.steps_left_out += len(chain.steps) == STEPS_KEPT
        chain.steps.append(
            Step(
                kind=kind,
                seq=row.seq,
                last_seq=row.seq,
                at_us=row.started_at_us,
                count=count,
                waited_ms=row.elapsed_ms or 0.0,
                text=text,
            )
        )


def _text(value: Value) -> str:
    return str(value) if isinstance(value, str) else "?"


def _names(request: Request) -> tuple[str, ...]:
    """The classes that a call names."""
    value = request.params[1] if len(request.params) > 1 else None
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _common(classes: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `classes` that are named too, in any case."""
    wanted = {each.casefold() for each in named}
    return tuple(each for each in classes if each.casefold() in wanted)
