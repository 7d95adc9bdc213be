"""A screen that is a list: a title, the columns' names, the lines, the keys. What every list beside the table is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from xraytap.protocol.printable import printable
from xraytap.tui.guard import Guarded
from xraytap.tui.key_line import KeyLine
from xraytap.tui.styles import part_style
from xraytap.tui.views.grid import Column, Grid, GridHead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult


class ViewTitle(Widget):
    """The first line: what is listed, how many, how far the reading is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"title--word", "title--trouble"}
    what: reactive[str] = reactive("")
    word: reactive[str] = reactive("")
    trouble: reactive[str] = reactive("")

    def render(self) -> Text:
        """One line."""
        text = Text(" xraytap  ", end="", no_wrap=True, overflow="ellipsis")
        text.append(printable(self.what), "bold")
        if self.trouble:
            text.append(f"  {printable(self.trouble)}", part_style(self, "title--trouble"))
        elif self.word:
            text.append(f"  {printable(self.word)}", part_style(self, "title--word"))
        return text


class GridScreen(Guarded, Screen[None]):
    """A deriving class has its columns in COLUMNS or makes them, and may put more above or below the list."""

    COLUMNS: ClassVar[tuple[Column, ...]] = ()

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        grid = Grid(self.columns())
        yield ViewTitle(id="view-title")
        yield from self.above()
        yield GridHead(grid)
        yield grid
        yield from self.below()
        yield KeyLine()

    def columns(self) -> tuple[Column, ...]:
        """The columns, where they change."""
        return self.COLUMNS

    def above(self) -> Iterable[Widget]:
        """What stands between the title and the list."""
        return ()

    def below(self) -> Iterable[Widget]:
        """What stands between the list and the keys."""
        return ()

    @property
    def grid(self) -> Grid:
        """The list."""
        return self.query_one(Grid)

    @property
    def title_line(self) -> ViewTitle:
        """The first line."""
        return self.query_one(ViewTitle)

    @property
    def head(self) -> GridHead:
        """The columns' names."""
        return self.query_one(GridHead)
