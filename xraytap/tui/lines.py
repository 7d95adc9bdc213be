"""A list of lines of any length with a cursor, drawn line by line as they come into view.

Whoever derives from it says how many lines there are and what each is; nothing else is ever computed. The
keys of movement are the same in the table of calls and in every tab of the detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xraytap.protocol.printable import printable
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.binding import BindingType


class LinesView(Guarded, ScrollView, can_focus=True):
    """The base of lists. `cursor` counts from 0 and stays inside the list."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lines")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--cursor-away", "lines--match"}

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    class Moved(Message):
        """The cursor stands on another line. `by_hand`: a key or the mouse did it."""

        def __init__(self, view: LinesView, *, by_hand: bool) -> None:
            super().__init__()
            self.view = view
            self.by_hand = by_hand

    class Chosen(Message):
        """Enter, or a second click, on a line."""

        def __init__(self, view: LinesView) -> None:
            super().__init__()
            self.view = view

    _by_hand = False

    # -- what a list is -----------------------------------------------------------------------------

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int, width: int) -> Text:
        """One line; longer ones can be looked along with left and right."""
        raise NotImplementedError

    def widest(self) -> int:
        """The width of the longest line, 0 where lines are made to fit."""
        return 0

    # -- drawing ------------------------------------------------------------------------------------

    def measure(self) -> None:
        """The number of lines, or what is in them, may have changed."""
        self.resize()
        if self.cursor >= self.count():
            self.move_to(self.count() - 1)
        self.refresh()

    def resize(self) -> None:
        """Take in the number of lines. The screen is laid out anew only where a scrollbar comes or goes: a list
        that grows ten times a second would cost more than all the rest."""
        size = Size(self.widest(), self.count())
        if size == self.virtual_size:
            return
        had = self.show_vertical_scrollbar and size.width == self.virtual_size.width
        if had and size.height > self.scrollable_content_region.height:
            self.set_reactive(LinesView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        index = top + y
        if not 0 <= index < self.count():
            return Strip.blank(width, self.rich_style)
        at_cursor = index == self.cursor
        style = self._cursor_style() if at_cursor else self.rich_style
        text = self._safe_line(index, width)
        text.end = ""
        segments = [
            Segment(each.text, style + each.style if each.style else style)
            for each in text.render(self.app.console)
        ]
        strip = Strip(segments)
        return strip.crop_extend(left, left + width, style)

    def _safe_line(self, index: int, width: int) -> Text:
        try:
            return self.line(index, width)
        except Exception as error:  # noqa: BLE001  a line that fails shows it; the others still work
            return Text(printable(f"this line failed: {type(error).__name__}: {error}"))

    def light(self, text: Text, needles: tuple[str, ...]) -> None:
        """Light up every occurrence of some words, case aside."""
        if not needles:
            return
        lit = self.get_component_rich_style("lines--match")
        folded = text.plain.lower()
        if len(folded) != len(text.plain):
            return  # a letter whose small form is longer: places would not agree
        for wanted in map(str.lower, needles):
            at = folded.find(wanted)
            while at >= 0:
                text.stylize(lit, at, at + len(wanted))
                at = folded.find(wanted, at + len(wanted))

    def _cursor_style(self) -> Style:
        name = "lines--cursor" if self.has_focus else "lines--cursor-away"
        return self.get_component_rich_style(name)

    # -- moving -------------------------------------------------------------------------------------

    @property
    def shown_height(self) -> int:
        """How many lines the screen shows."""
        return max(1, self.scrollable_content_region.height)

    def move_to(self, index: int, *, by_hand: bool = False) -> None:
        """Put the cursor on a line and show it."""
        self._by_hand = by_hand
        before, self.cursor = self.cursor, max(0, min(index, self.count() - 1))
        self.show_cursor()
        if before == self.cursor and by_hand:
            self.post_message(self.Moved(self, by_hand=True))
        self._by_hand = False

    def watch_cursor(self, before: int, now: int) -> None:
        """Draw both lines anew and tell."""
        self.refresh_line(before)
        self.refresh_line(now)
        self.post_message(self.Moved(self, by_hand=self._by_hand))

    def show_cursor(self) -> None:
        """Scroll no further than needed."""
        top, height = self.scroll_offset.y, self.shown_height
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + height:
            self._scroll(self.cursor - height + 1)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def action_down(self, lines: int) -> None:
        """Move the cursor down."""
        self.move_to(self.cursor + lines, by_hand=True)

    def action_up(self, lines: int) -> None:
        """Move the cursor up."""
        self.move_to(self.cursor - lines, by_hand=True)

    def action_first(self) -> None:
        """To the first line."""
        self.move_to(0, by_hand=True)

    def action_last(self) -> None:
        """To the last line."""
        self.move_to(self.count() - 1, by_hand=True)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self._leap(self.shown_height // 2)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self._leap(-(self.shown_height // 2))

    def action_page_down(self) -> None:
        """A screen down."""
        self._leap(self.shown_height - 1)

    def action_page_up(self) -> None:
        """A screen up."""
        self._leap(1 - self.shown_height)

    def _leap(self, lines: int) -> None:
        lines = lines or 1
        top = self.scroll_offset.y
        self._scroll(max(0, min(top + lines, self.count() - self.shown_height)))
        self.move_to(self.cursor + lines, by_hand=True)

    def action_left(self) -> None:
        """Look further left."""
        self.scroll_to(x=max(0, self.scroll_offset.x - 8), animate=False, immediate=True)

    def action_right(self) -> None:
        """Look further right."""
        self.scroll_to(x=self.scroll_offset.x + 8, animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Choose the line under the mouse."""
        event.stop()
        index = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if index < self.count():
            self.move_to(index, by_hand=True)
            if event.chain > 1:
                self.post_message(self.Chosen(self))

    def on_focus(self) -> None:
        """The cursor shows where the keys go."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """The cursor is drawn faint."""
        self.refresh_line(self.cursor)
