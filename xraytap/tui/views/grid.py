"""A list with columns: entries as lines of cells, each with the value that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from xraytap.protocol.printable import printable
from xraytap.tui.calls.render import fitted
from xraytap.tui.lines import LinesView
from xraytap.tui.styles import part_style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`least`: cells below which it is left out rather than cut; `leaves`: who goes first where room is short,
    the highest number; 0 stays. `plot`: the cells hold shares from 0 to 1, drawn as bars. `end`: of a text that
    is cut the end stays, as of a path."""

    title: str
    least: int = 4
    right: bool = False
    leaves: int = 0
    plot: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `cells` go with the columns; `of` is what it stands for; `word` names a style of the calls'
    outcomes (`failure`, `success` ...), `""` is plain."""

    cells: tuple[object, ...]
    of: Any = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text that is sorted by something else, such as a length of time by its microseconds."""

    text: str
    order: float

    def __str__(self) -> str:
        return self.text


_BAR = 12
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, width: int = _BAR) -> str:
    """A share from 0 to 1 as a bar of at most `width` cells; what is not nothing shows."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


class Grid(LinesView):
    """Shows entries. Cells are made safe to show here."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "grid--dim",
        "grid--success",
        "grid--failure",
        "grid--bar",
    }

    def __init__(self, columns: Sequence[Column], *, id: str = "grid") -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.entries: list[Entry] = []
        self._widths: list[int] = []
        self.touched = False
        """Whether a person has moved the cursor."""

    def fill(self, entries: Sequence[Entry], columns: Sequence[Column] | None = None) -> None:
        """Show other entries; the cursor stays on what a person put it on, where that is still there."""
        kept = self.chosen if self.touched else None
        if columns is not None:
            self.columns = tuple(columns)
        self.entries = list(entries)
        step = max(1, len(entries) // _MEASURED)
        looked_at = [self.texts(each) for each in self.entries[::step]]
        self._widths = [
            max([cell_len(column.title), *(cell_len(row[at]) for row in looked_at)])
            for at, column in enumerate(self.columns)
        ]
        self.measure()
        same = (
            None if kept is None else next((n for n, each in enumerate(entries) if each.of == kept.of), None)
        )
        self.move_to(same or 0)
        self.refresh()

    def on_lines_view_moved(self, message: LinesView.Moved) -> None:
        """From now on the cursor stays with its entry, not at the top."""
        self.touched = self.touched or message.by_hand

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.cursor] if 0 <= self.cursor < len(self.entries) else None

    def count(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def line(self, index: int, width: int) -> Text:
        """One entry."""
        word = self.entries[index].word
        style = part_style(self, f"grid--{word}") if word else ""
        plot = part_style(self, "grid--bar")
        text = Text(end="", no_wrap=True)
        cells, texts = self.entries[index].cells, self.texts(self.entries[index])
        for number, (at, room) in enumerate(self.layout_for(width)):
            column = self.columns[at]
            shown = bar(float(str(cells[at])), room) if column.plot else texts[at]
            if column.end and cell_len(shown) > room > 1:
                shown = "…" + shown[-(room - 1) :]
            cell = fitted(shown, room, right=column.right)
            text.append((" " * GAP if number else "") + cell, plot if column.plot else style)
        return text

    def head(self, width: int) -> Text:
        """The titles."""
        text = Text(end="", no_wrap=True)
        for number, (at, room) in enumerate(self.layout_for(width)):
            column = self.columns[at]
            text.append((" " * GAP if number else "") + fitted(column.title, room, right=column.right))
        return text

    def layout_for(self, width: int) -> list[tuple[int, int]]:
        """Which columns there is room for, and how wide each is: those that leave go first, then the widest
        are cut; the last takes what is left."""
        shown = list(range(len(self.columns)))
        widths = dict(enumerate(self._widths or [cell_len(each.title) for each in self.columns]))

        def over() -> int:
            return sum(widths[at] + GAP for at in shown) - GAP - width

        def can_give() -> int:
            texts = (at for at in shown if not self.columns[at].right)
            return min(_SPARE, sum(max(0, widths[at] - self.columns[at].least) for at in texts))

        for at in sorted(shown, key=lambda at: -self.columns[at].leaves):
            if not self.columns[at].leaves or over() <= can_give():
                break
            shown.remove(at)
        while (more := over()) > 0:
            given = [at for at in shown if widths[at] > self.columns[at].least and not self.columns[at].right]
            if not given:
                break
            widest = max(given, key=lambda at: widths[at])
            second = max((widths[at] for at in given if at != widest), default=0)
            widths[widest] = max(
                self.columns[widest].least, min(widths[widest] - 1, max(second, widths[widest] - more))
            )
        return [(at, widths[at]) for at in shown]

    def texts(self, entry: Entry) -> tuple[str, ...]:
        """The cells of an entry, whole and safe to show."""
        return tuple(map(self._text, self.columns, entry.cells))

    @staticmethod
    def _text(column: Column, cell: object) -> str:
        if column.plot:
            return bar(float(str(cell)))
        return "" if cell is None else printable(str(cell))


_MEASURED = 1000
"""Entries that are looked at for how wide the columns must be."""
_SPARE = 24
"""Cells by which texts may be cut before a column has to leave."""


class GridHead(Widget):
    """The line above a grid."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(classes="grid-head")
        self._grid = grid

    def render(self) -> Text:
        """One line."""
        return self._grid.head(self._grid.scrollable_content_region.width or self.size.width)
