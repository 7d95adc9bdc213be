"""The lines of the open tab, with a cursor, folding, and what a search found lit up."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style

from xraytap.tui.detail.content import Content, Lines
from xraytap.tui.keys import bindings
from xraytap.tui.lines import LinesView
from xraytap.tui.styles import part_style

if TYPE_CHECKING:
    from rich.text import Text
    from textual.binding import BindingType

_NO_STYLE = Style()


class DetailView(LinesView):
    """Shows one `Content`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("view")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "detail--dim",
        "detail--name",
        "detail--type",
        "detail--value",
        "detail--tag",
        "detail--string",
        "detail--number",
        "detail--trouble",
        "detail--title",
    }

    def __init__(self) -> None:
        super().__init__(id="detail-view")
        self.content: Content = Lines([])
        self.needles: tuple[str, ...] = ()
        self._widest = 0

    def show(self, content: Content, *, keep: bool = False) -> None:
        """Show other lines; `keep` leaves the cursor where it is."""
        cursor, top = self.cursor, self.scroll_offset.y
        self.content = content
        self._measure()
        if keep:
            self._scroll(top)
            self.move_to(cursor)
        else:
            self.scroll_to(x=0, y=0, animate=False, immediate=True)
            self.move_to(0)

    def count(self) -> int:
        """How many lines the content has now."""
        return self.content.count()

    def widest(self) -> int:
        """Measured when lines come or go."""
        return self._widest

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002
        """One line, with matches lit up."""
        text = self.content.line(index, self._palette)
        self.light(text, self.needles)
        return text

    def find(self, needle: str, *, forward: bool, first: bool = False) -> bool:
        """Go to the next line with `needle` in it."""
        found = self.content.find(needle, -1 if first else self.cursor, forward=forward)
        if found is None:
            return False
        self._measure()
        self.move_to(found, by_hand=True)
        return True

    def action_copy_line(self) -> None:
        """Copy the value under the cursor."""
        if self.count():
            text = self.content.copied(self.cursor)
            self.app.copy_to_clipboard(text)
            self.notify(f"copied {len(text):,} characters", markup=False)

    def action_fold(self) -> None:
        """Fold or unfold the line under the cursor."""
        self._folding(self.content.toggle)

    def action_fold_all(self) -> None:
        """Fold or unfold all."""
        self.content.toggle_all()
        self._measure()
        self.move_to(self.cursor)

    def action_left(self) -> None:
        """Fold, where lines fold and nothing is hidden at the left."""
        if self.content.foldable and not self.scroll_offset.x:
            self._folding(self.content.fold)
        else:
            super().action_left()

    def action_right(self) -> None:
        """Unfold; where there is nothing to unfold, look further right."""
        before = self.count(), self.cursor
        if self.content.foldable:
            self._folding(self.content.unfold)
        if before == (self.count(), self.cursor):
            super().action_right()

    def on_lines_view_chosen(self) -> None:
        """A second click folds."""
        self.action_fold()

    def _folding(self, how: object) -> None:
        if self.count() and callable(how):
            index = how(self.cursor)
            self._measure()
            self.move_to(index)

    def _measure(self) -> None:
        self._widest = self.content.widest()
        self.measure()

    def _palette(self, word: str) -> Style:
        return part_style(self, f"detail--{word}") if word else _NO_STYLE
