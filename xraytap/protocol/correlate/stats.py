"""Counts, times and sizes by method, by originator or by what else is asked for, and the slowest calls.

Waiting for events is no slowness: the time of `event.next` and `event.from` counts for these methods alone.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.sessions import Session, Sessions
    from xraytap.protocol.summary import DecodedCall

SLOWEST = 10
"""How many of the slowest calls are kept."""
LONG_POLLS = frozenset({"event.next", "event.from"})
"""Calls that wait by design."""


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of a non-empty sequence."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


@dataclass(slots=True, kw_only=True)
class Group:
    """The calls of one method, originator ... `elapsed_us` holds the time of every answered call: 8 bytes each."""

    name: str
    calls: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    elapsed_us: array[int] = field(default_factory=lambda: array("q"))
    request_bytes: int = 0
    response_bytes: int = 0

    @property
    def errors(self) -> int:
        """Calls that did not succeed."""
        return self.calls - self.outcomes[Outcome.SUCCESS]

    @property
    def total_ms(self) -> float:
        """Time spent waiting for the host."""
        return sum(self.elapsed_us) / 1000

    def add(self, row: CallRow, *, timed: bool = True) -> None:
        """Count one call; its time only if `timed`."""
        self.calls += 1
        self.outcomes[row.outcome] += 1
        if row.error_code is not None:
            self.codes[row.error_code] += 1
        if timed and row.elapsed_us is not None and row.outcome is not Outcome.NO_RESPONSE:
            self.elapsed_us.append(row.elapsed_us)
        self.request_bytes += row.request_bytes
        self.response_bytes += row.response_bytes

    def percentiles_ms(self) -> tuple[float, float, float, float] | None:
        """p50, p90, p99 and the maximum; None where no call was answered."""
        if not self.elapsed_us:
            return None
        ordered = sorted(self.elapsed_us)
        found = [percentile(ordered, percent) / 1000 for percent in (50, 90, 99)]
        return found[0], found[1], found[2], ordered[-1] / 1000


def method_of(row: CallRow) -> str:
    """The method as called; the protocol for what is no RPC."""
    return ("Async." if row.is_async else "") + (row.method or f"({row.protocol})")


def _address(row: CallRow) -> str:
    return row.client.rpartition(":")[0]


def _originator(row: CallRow, session: Session | None) -> str:
    """Calls of sessions without one count for the client's address."""
    return (session.originator if session is not None else None) or _address(row)


KEYS: dict[str, Callable[[CallRow, Session | None], str]] = {
    "method": lambda row, _: method_of(row),
    "class": lambda row, _: row.class_name or f"({row.protocol})",
    "outcome": lambda row, _: row.outcome.value,
    "error": lambda row, _: row.error_code or f"({row.outcome.value})",
    "session": lambda row, _: row.session or "(none)",
    "user": lambda _, session: (session.user if session is not None else None) or "(unknown)",
    "originator": _originator,
    "client": lambda row, _: _address(row),
    "connection": lambda row, _: str(row.connection),
    "protocol": lambda row, _: row.protocol,
}
"""By what calls may be grouped."""


class Stats:
    """A `Tracker`. `sessions`, fed before it, tells user and originator. `groups` are the calls by the one of
    `KEYS` that `by` names."""

    def __init__(self, sessions: Sessions, by: str = "method") -> None:
        self._sessions = sessions
        self.methods: dict[str, Group] = {}
        self.originators: dict[str, Group] = {}
        self._more: dict[str, Group] = {}
        self._by = by
        self.total = Group(name="all")
        self.first_at_us = 0
        self.last_at_us = 0
        self._slowest: list[tuple[int, int, CallRow]] = []

    def wants(self, _row: CallRow) -> bool:
        """Nothing: rows tell it all."""
        return False

    def add(self, row: CallRow, _call: DecodedCall | None) -> None:
        """Take one call in."""
        session = self._sessions.get(row.session)
        name, origin = method_of(row), _originator(row, session)
        timed = name not in LONG_POLLS
        self.methods.setdefault(name, Group(name=name)).add(row)
        self.originators.setdefault(origin, Group(name=origin)).add(row, timed=timed)
        if self._by not in ("method", "originator"):
            key = KEYS[self._by](row, session)
            self._more.setdefault(key, Group(name=key)).add(row, timed=timed)
        self.total.add(row, timed=timed)
        self.first_at_us = min(self.first_at_us or row.started_at_us, row.started_at_us)
        self.last_at_us = max(self.last_at_us, row.started_at_us + (row.elapsed_us or 0))
        if timed and row.elapsed_us is not None and row.outcome is not Outcome.NO_RESPONSE:
            entry = (row.elapsed_us, -row.seq, row)
            if len(self._slowest) < SLOWEST:
                heapq.heappush(self._slowest, entry)
            else:
                heapq.heappushpop(self._slowest, entry)

    @property
    def groups(self) -> dict[str, Group]:
        """The calls by what was asked for."""
        return {"method": self.methods, "originator": self.originators}.get(self._by, self._more)

    @property
    def slowest(self) -> list[CallRow]:
        """The slowest calls, the slowest first."""
        return [row for _, _, row in sorted(self._slowest, reverse=True)]
