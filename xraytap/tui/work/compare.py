"""Two calls side by side: the lines that differ, or all; the line under the cursor in full below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from xraytap.protocol.phrases import many
from xraytap.tui.key_line import KeyLine
from xraytap.tui.keys import bindings
from xraytap.tui.views.base import ViewTitle
from xraytap.tui.views.grid import Column, Entry, Grid, GridHead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from xraytap.tui.lines import LinesView
    from xraytap.tui.work.pairs import Line

_WORDS = {"=": "dim", "~": "dim"}


class CompareScreen(Screen[None]):
    """`left` and `right` are the titles of the two sides; `lines` is what `side_by_side` made."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]

    def __init__(self, what: str, left: str, right: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._what, self._left, self._right = what, left, right
        self._lines = lines
        self.all = False

    def compose(self) -> ComposeResult:
        """Title, lines, and the line under the cursor in full."""
        grid = Grid(self._columns())
        yield ViewTitle(id="view-title")
        yield GridHead(grid)
        yield grid
        yield Static(id="both-where", markup=False)
        with Horizontal(id="both"):
            for side in ("left", "right"):
                with VerticalScroll(id=f"both-{side}", can_focus=False):
                    yield Static(markup=False)
        yield KeyLine()

    @property
    def grid(self) -> Grid:
        """The lines."""
        return self.query_one(Grid)

    def on_mount(self) -> None:
        """Begin with what differs."""
        self.query_one(ViewTitle).what = self._what
        self.grid.focus()
        self._fill()

    def on_lines_view_moved(self, message: LinesView.Moved) -> None:
        """Show the line in full."""
        message.stop()
        self._show()

    def action_toggle_all(self) -> None:
        """All lines, or those that differ."""
        self.all = not self.all
        self._fill()

    def action_next_difference(self) -> None:
        """To the next line that differs."""
        self._leap(1)

    def action_previous_difference(self) -> None:
        """To the one before."""
        self._leap(-1)

    def action_close(self) -> None:
        """Back."""
        self.dismiss()

    # -- inside -------------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column(title="", least=1),
            Column(title="where", least=14, end=True),
            Column(title=self._left, least=14),
            Column(title=self._right, least=14),
        )

    def _fill(self) -> None:
        differ = [each for each in self._lines if not each.same]
        count = sum(each.sign != "~" for each in differ)
        title = self.query_one(ViewTitle)
        title.word = f"{many(count, 'difference')}, {len(differ) - count} that say nothing (~)"
        title.trouble = ""
        shown = self._lines if self.all else differ
        self.grid.fill(
            [
                Entry(
                    cells=(each.sign, each.where, each.left, each.right),
                    of=each,
                    word=_WORDS.get(each.sign, "failure"),
                )
                for each in shown
            ]
        )
        self._show()

    def _show(self) -> None:
        chosen = self.grid.chosen
        line: Line | None = None if chosen is None else chosen.of
        self.query_one("#both-where", Static).update(Text("" if line is None else f" {line.where}"))
        for side, text in (
            ("left", "" if line is None else line.left),
            ("right", "" if line is None else line.right),
        ):
            self.query_one(f"#both-{side} Static", Static).update(Text(text))

    def _leap(self, step: int) -> None:
        entries = self.grid.entries
        at = self.grid.cursor + step
        while 0 <= at < len(entries) and entries[at].of.sign in _WORDS:
            at += step
        if 0 <= at < len(entries):
            self.grid.move_to(at, by_hand=True)
