"""How far a replay is, on the terminal that stderr is; silent where it is none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """A bar with calls and time left, from `with` to its end; it leaves nothing on the screen. `total` is None
    where nobody knows how many calls there are."""

    def __init__(self, total: int | None, what: str = "replay") -> None:
        self._total = total
        self._what = what
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn(self._what), BarColumn(), MofNCompleteColumn(), TextColumn("calls, left"),
                TimeRemainingColumn(), console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._task = self._bar.add_task(self._what, total=self._total)
            self._bar.start()
        return self

    def advance(self) -> None:
        """One call further."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
