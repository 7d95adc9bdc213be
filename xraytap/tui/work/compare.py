"""Two calls side by side: the lines that differ, or all; the line under the cursor in full below. And what any
list of differences has: all or some, the way from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from xraytap.protocol.phrases import many
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Column, Entry
from xraytap.tui.views.screen import GridScreen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.binding import BindingType
    from textual.widget import Widget

    from xraytap.tui.lines import LinesView
    from xraytap.tui.work.pairs import Line

_WORDS = {"=": "dim", "~": "dim"}


class DifferencesScreen(GridScreen):
    """A list in which some lines differ. A deriving class gives the entries."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]

    def __init__(self) -> None:
        super().__init__()
        self.all = False

    def fill(self) -> None:
        """Show the lines anew."""
        raise NotImplementedError

    def differs(self, entry: Entry) -> bool:
        """Whether an entry is one to go to."""
        raise NotImplementedError

    def action_toggle_all(self) -> None:
        """All lines, or those that differ."""
        self.all = not self.all
        self.fill()

    def action_next_difference(self) -> None:
        """To the next line that differs."""
        self._leap(1)

    def action_previous_difference(self) -> None:
        """To the one before."""
        self._leap(-1)

    def action_close(self) -> None:
        """Back."""
        self.dismiss()

    def _leap(self, step: int) -> None:
        entries = self.grid.entries
        at = self.grid.cursor + step
        while 0 <= at < len(entries) and not self.differs(entries[at]):
            at += step
        if 0 <= at < len(entries):
            self.grid.move_to(at, by_hand=True)


class CompareScreen(DifferencesScreen):
    """`left` and `right` are the titles of the two sides; `lines` is what `side_by_side` made."""

    def __init__(self, what: str, left: str, right: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._what, self._left, self._right = what, left, right
        self._lines = lines

    def columns(self) -> tuple[Column, ...]:
        """A side each."""
        return (
            Column(title="", least=1),
            Column(title="where", least=14, end=True),
            Column(title=self._left, least=14),
            Column(title=self._right, least=14),
        )

    def below(self) -> Iterator[Widget]:
        """The line under the cursor in full."""
        yield Static(id="both-where", markup=False)
        yield Horizontal(
            *(
                VerticalScroll(Static(markup=False), id=f"both-{side}", can_focus=False)
                for side in ("left", "right")
            ),
            id="both",
        )

    def on_mount(self) -> None:
        """Begin with what differs."""
        self.title_line.what = self._what
        self.grid.focus()
        self.fill()

    def on_lines_view_moved(self, message: LinesView.Moved) -> None:
        """Show the line in full."""
        message.stop()
        self._show()

    def differs(self, entry: Entry) -> bool:
        """Whether a line differs and that says something."""
        return entry.of.sign not in _WORDS

    # -- inside -------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Show the lines that differ, or all."""
        differ = [each for each in self._lines if not each.same]
        count = sum(each.sign != "~" for each in differ)
        title = self.title_line
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
