"""What the lists that a reading fills have in common: its progress, sorting, the way from an entry to its calls."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from xraytap.protocol.phrases import many
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Cell
from xraytap.tui.views.screen import GridScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType

    from xraytap.tui.capture import Capture
    from xraytap.tui.lines import LinesView
    from xraytap.tui.views.grid import Entry
    from xraytap.tui.views.reading import Progress, Reading, Trackers

_LOOK_EVERY_S = 1.0
_RESTS = 20


class ListScreen(GridScreen):
    """A list of what a reading found. A deriving class says what it is called, which columns it has and what
    entries the trackers give."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]
    NAME: ClassVar[str] = ""
    ENTRY: ClassVar[str] = "line"
    """What one line is."""
    EMPTY: ClassVar[str] = ""
    """What is said where there is nothing to list."""

    class Told(Message):
        """The reading has come further."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    def __init__(self, capture: Capture, reading: Reading) -> None:
        super().__init__()
        self.capture, self.reading = capture, reading
        self._sorted_by: int | None = None
        self._stopped = False
        self._due = 0.0
        self._more = ""
        self.settled = False
        """Whether all that was there has been read and is shown."""

    def on_mount(self) -> None:
        """Read, or read on."""
        self.title_line.what = f"{self.NAME} of {self.capture.name}"
        self.reading.told = lambda progress: self.post_message(self.Told(progress))
        self.grid.focus()
        self.show_entries()
        self.reading.start()
        self.set_interval(_LOOK_EVERY_S, self._look)

    def on_unmount(self) -> None:
        """What was read is kept for the next time."""
        self.reading.stop()

    def on_list_screen_told(self, message: Told) -> None:
        """More entries, and how far it is."""
        self.settled = message.progress.done
        now = monotonic()
        if self.settled or now > self._due:
            self.show_entries()
            # A long list takes a while to make: it must not hold up the keys.
            self._due = monotonic() + _RESTS * (monotonic() - now)
        self._say(message.progress)

    # -- what a deriving class says -----------------------------------------------------------------

    def listed(self, trackers: Trackers) -> Iterable[Entry]:
        """The entries."""
        raise NotImplementedError

    def filter_of(self, entry: Entry) -> str:
        """The filter for the calls of an entry, empty for one that has none."""
        raise NotImplementedError

    def told_of(self, _trackers: Trackers) -> str:
        """What more the title says."""
        return ""

    # -- actions ------------------------------------------------------------------------------------

    def action_close(self) -> None:
        """Back to the table."""
        self.dismiss()

    def action_calls(self) -> None:
        """The calls of the entry under the cursor, in the table."""
        chosen = self.grid.chosen
        wanted = "" if chosen is None else self.filter_of(chosen)
        if wanted:
            self.app.show_calls(wanted)  # type: ignore[attr-defined]
        elif chosen is not None:
            self.notify("this entry stands for no calls of its own", markup=False)

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A second click."""
        message.stop()
        self.action_calls()

    def action_sort(self) -> None:
        """Sort by the next column; after the last, as it was found."""
        count = len(self.grid.columns)
        now = -1 if self._sorted_by is None else self._sorted_by
        self._sorted_by = None if now + 1 >= count else now + 1
        self.show_entries()

    def action_stop(self) -> None:
        """Stop reading, or read on."""
        if self.reading.running:
            self._stopped = True
            self.reading.stop()
        else:
            self._stopped = False
            self.reading.start()

    # -- inside -------------------------------------------------------------------------------------

    def show_entries(self) -> None:
        """Make the list anew."""
        with self.reading.looking() as trackers:
            entries = list(self.listed(trackers)) if trackers else []
            more = self.told_of(trackers) if trackers else ""
        columns = self.columns()
        if self._sorted_by is not None and self._sorted_by < len(columns):
            at = self._sorted_by
            down = columns[at].right or columns[at].plot
            entries.sort(key=lambda each: _ordering(each.cells[at]), reverse=down)
            marked = replace(columns[at], title=f"{columns[at].title}{'↓' if down else '↑'}")
            columns = (*columns[:at], marked, *columns[at + 1 :])
        self.grid.fill(entries, columns)
        self.head.refresh()
        self._more = more
        self._say(self.reading.progress)

    def _say(self, progress: Progress) -> None:
        title = self.title_line
        count = len(self.grid.entries)
        words = [many(count, self.ENTRY) if count else self.EMPTY if progress.done else ""]
        if self._more:
            words.append(self._more)
        if progress.stopped or (progress.read < progress.last and not progress.done):
            share = 100 * progress.read // max(1, progress.last)
            state = "stopped at" if progress.stopped else "reading"
            words.append(f"{state} {share}% of {progress.last:,} calls")
        title.word = "  ".join(each for each in words if each)
        title.trouble = progress.error

    def _look(self) -> None:
        """New calls of a live capture."""
        if self.capture.pages.last_seq > self.reading.progress.read and not self._stopped:
            self.reading.start()
        elif self.capture.live and not self._stopped:
            self.capture.pages.refresh()
            if self.capture.pages.last_seq > self.reading.progress.read:
                self.reading.start()


def _ordering(cell: object) -> tuple[bool, float, str]:
    """Numbers by size, texts by letter, nothing before both."""
    order = cell.order if isinstance(cell, Cell) else cell
    if isinstance(order, int | float):
        return True, float(order), ""
    return bool(order), 0.0, "" if order is None else str(order).casefold()


def quoted(text: str) -> str:
    """A text as one word of a filter."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
