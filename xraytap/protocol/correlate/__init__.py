"""What calls mean together: sessions, tasks, event chains, objects and their names, statistics.

Each tracker is fed the calls of one capture in order, once, and keeps what it has learnt. `wants` tells from
the row alone whether the decoded call is needed, so that a long capture is not decoded for nothing.
References and task references count within the session that got them, never across.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall


class Tracker(Protocol):
    """Learns from calls."""

    def wants(self, row: CallRow) -> bool:
        """Whether `add` needs the decoded call."""

    def add(self, row: CallRow, call: DecodedCall | None) -> None:
        """Take one call in; `call` may be None where `wants` said so."""


def feed(rows: Iterable[CallRow], decode: Callable[[int], DecodedCall], *trackers: Tracker) -> None:
    """Give every tracker every call, in order; `decode` is asked at most once for each."""
    for row in rows:
        wanted = any(tracker.wants(row) for tracker in trackers)
        call = decode(row.seq) if wanted else None
        for tracker in trackers:
            tracker.add(row, call)
