"""Which of several equal recorded calls is due. Each session goes through the recording by itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mode(StrEnum):
    """How calls find their recorded answers.

    MATCH: by meaning; equal calls get their answers in order, then the last one again. LOOP: then the first
    one again. STRICT: each session's calls must come in the order of the recording, and none twice.
    """

    MATCH = "match"
    STRICT = "strict"
    LOOP = "loop"


class Order:
    """How far each lane is: a lane is a session's token, or `""` for the calls that carry none."""

    def __init__(self, mode: Mode) -> None:
        self._loops = mode is Mode.LOOP
        self._times: dict[str, dict[tuple[int, int], int]] = {}
        self._position: dict[str, int] = {}

    def pick(self, lane: str, series: Sequence[int], *, again: bool = False) -> int:
        """The one of `series` (equal calls, in recorded order) that is due in `lane`; with `again` the first
        follows the last whatever the mode."""
        counts = self._times.setdefault(lane, {})
        mark = (series[0], len(series))
        times = counts.get(mark, 0)
        counts[mark] = times + 1
        if times < len(series):
            return series[times]
        return series[times % len(series)] if self._loops or again else series[-1]

    def due(self, lane: str, recorded: Sequence[int]) -> int | None:
        """STRICT: the call of the lane that must come now; None at its end."""
        position = self._position.get(lane, 0)
        return recorded[position] if position < len(recorded) else None

    def advance(self, lane: str) -> None:
        """STRICT: it came."""
        self._position[lane] = self._position.get(lane, 0) + 1

    def end(self, lane: str) -> None:
        """A session has ended; what it was up to need not be kept."""
        self._times.pop(lane, None)
