"""Calls and failures over time: a tracker with so many spans of time as keep its memory small."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.phrases import many, span

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall

_SPANS = 2048


class Rate:
    """A `Tracker`. Spans double in length whenever there would be more than _SPANS of them."""

    def __init__(self) -> None:
        self._begin_us = 0
        self._span_us = 1000
        self._calls = [0] * _SPANS
        self._failures = [0] * _SPANS
        self._last = 0
        self.calls = self.failures = 0

    def wants(self, _row: CallRow) -> bool:
        """Nothing: rows tell it all."""
        return False

    def add(self, row: CallRow, _call: DecodedCall | None) -> None:
        """Take one call in. One that began before the first counts with it."""
        if not self.calls:
            self._begin_us = row.started_at_us
        since = max(0, row.started_at_us - self._begin_us)
        while since // self._span_us >= _SPANS:
            self._double()
        at = since // self._span_us
        self._last = max(self._last, at)
        failed = row.outcome is not Outcome.SUCCESS
        self._calls[at] += 1
        self._failures[at] += failed
        self.calls += 1
        self.failures += failed

    def columns(self, width: int) -> tuple[list[int], list[int]]:
        """Calls and failures in `width` equal spans, or in fewer where there are fewer."""
        used = self._last + 1
        count = min(width, used)
        if not self.calls:
            return [], []
        edges = [used * each // count for each in range(count + 1)]
        pairs = list(itertools.pairwise(edges))
        return (
            [sum(self._calls[low:high]) for low, high in pairs],
            [sum(self._failures[low:high]) for low, high in pairs],
        )

    def words(self) -> str:
        """`12 calls in 4.2 s: 2.9 a second; 1 failed`."""
        if not self.calls:
            return ""
        lasted_us = (self._last + 1) * self._span_us
        pace = self.calls / (lasted_us / 1_000_000)
        failed = f"; {self.failures:,} did not succeed" if self.failures else ""
        return f"{many(self.calls, 'call')} in {span(lasted_us)}: {pace:,.1f} a second{failed}"

    def _double(self) -> None:
        for counts in (self._calls, self._failures):
            counts[: _SPANS // 2] = [counts[at] + counts[at + 1] for at in range(0, _SPANS, 2)]
            counts[_SPANS // 2 :] = [0] * (_SPANS // 2)
        self._span_us *= 2
        self._last //= 2
