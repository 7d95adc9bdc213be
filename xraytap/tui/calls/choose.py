"""Which columns the table shows, and in which order: a list to tick off and to move lines in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen

from xraytap.tui.calls.columns import CHOSEN, COLUMNS
from xraytap.tui.key_line import KeyLine
from xraytap.tui.keys import bindings
from xraytap.tui.lines import LinesView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

_NAMES = {"mark": "mark", "sign": "sign"}


class ColumnsList(LinesView):
    """Every column: those that are shown first, in their order."""

    def __init__(self, chosen: Sequence[str]) -> None:
        super().__init__(id="columns-list")
        self.order = [*chosen, *(each for each in COLUMNS if each not in chosen)]
        self.shown = set(chosen)

    def count(self) -> int:
        """One line a column."""
        return len(self.order)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002
        """Ticked or not, name, what it shows."""
        column = COLUMNS[self.order[index]]
        tick = "[x]" if column.id in self.shown else "[ ]"
        text = Text(f" {tick} {_NAMES.get(column.id, column.title):<11}", end="", no_wrap=True)
        return text.append(f" {column.help}", "dim")

    def toggle(self) -> None:
        """Tick, or take the tick away."""
        self.shown ^= {self.order[self.cursor]}
        self.refresh()

    def move(self, step: int) -> None:
        """Move the line under the cursor."""
        at, to = self.cursor, self.cursor + step
        if 0 <= to < len(self.order):
            self.order[at], self.order[to] = self.order[to], self.order[at]
            self.move_to(to)
            self.refresh()

    def reset(self) -> None:
        """As nobody had ever chosen."""
        self.order = [*CHOSEN, *(each for each in COLUMNS if each not in CHOSEN)]
        self.shown = set(CHOSEN)
        self.refresh()


class ColumnsScreen(ModalScreen["tuple[str, ...] | None"]):
    """Ends with the ids of the columns, None where nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("columns")]

    def __init__(self, chosen: Sequence[str]) -> None:
        super().__init__()
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """A box with the list and its keys."""
        with Vertical(classes="dialog", id="columns-box") as box:
            box.border_title = "columns"
            yield ColumnsList(self._chosen)
            yield KeyLine()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.columns.measure()
        self.columns.focus()

    @property
    def columns(self) -> ColumnsList:
        """The list."""
        return self.query_one(ColumnsList)

    def action_toggle(self, *_: object) -> None:  # type: ignore[override]
        """Show the column, or do not."""
        self.columns.toggle()

    def action_move(self, step: int) -> None:
        """Move it."""
        self.columns.move(step)

    def action_default(self) -> None:
        """As it was at first."""
        self.columns.reset()

    def action_take(self) -> None:
        """Show the table so."""
        shown = tuple(each for each in self.columns.order if each in self.columns.shown)
        self.dismiss(shown or None)

    def action_close(self) -> None:
        """Leave the table as it is."""
        self.dismiss(None)
