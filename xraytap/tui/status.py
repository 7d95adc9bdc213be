"""The first line of the screen: which capture, from which host, is it live, how much is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from xraytap.protocol.printable import printable
from xraytap.tui.styles import part_style

if TYPE_CHECKING:
    from textual import events

    from xraytap.tui.capture import Capture, Tally
    from xraytap.tui.live import TapWords


class StatusLine(Widget):
    """What the screen knows is set from outside; room decides how much of it is said."""

    COMPONENT_CLASSES = {"status--name", "status--live", "status--trouble", "status--new"}  # noqa: RUF012

    tally: reactive[Tally | None] = reactive(None)
    unseen: reactive[int] = reactive(0)
    following: reactive[bool] = reactive(False)
    shown: reactive[int] = reactive(0)
    narrowed: reactive[bool] = reactive(False)

    def __init__(self, capture: Capture, words: TapWords | None = None) -> None:
        super().__init__(id="status")
        self._capture, self._words = capture, words

    def render(self) -> Text:
        """One line: left what it is, right how it goes."""
        right = self._right()
        left = self._left()
        room = self.size.width - cell_len(right.plain) - 1
        left.truncate(max(0, room), overflow="ellipsis")
        gap = self.size.width - cell_len(left.plain) - cell_len(right.plain)
        return Text.assemble(left, " " * max(0, gap), right, end="", no_wrap=True, overflow="crop")

    def _left(self) -> Text:
        text = Text(" xraytap  ", end="")
        text.append(printable(self._capture.name), part_style(self, "status--name"))
        if self._words is not None and self._words.trouble:
            text.append("  ")
            trouble = part_style(self, "status--trouble")
            text.append(printable(self._words.trouble), trouble)
            return text
        if self._capture.learner.api:
            text.append(f"  {self._capture.learner.api}")
        if self._words is not None:  # first, as it is what a client must be told
            text.append(f"  on {self._words.listens}")
        text.append(f"  {printable(self._capture.host)}")
        return text

    def _right(self) -> Text:
        text = Text(end="")
        tally = self.tally
        if tally is None:
            return text
        parts: list[tuple[str, str]] = []
        if tally.live:
            parts.append(("● live" if self.following else "○ live", "status--live"))
        calls = _many(tally.calls, "call")
        parts.append((f"{self.shown:,} of {calls}" if self.narrowed else calls, ""))
        if self.size.width >= 100:
            parts.append((_many(tally.sessions, "session"), ""))
        if tally.troubled:
            parts.append((_many(tally.troubled, "failure"), "status--trouble"))
        if tally.lost:
            parts.append((f"{tally.lost:,} LOST", "status--trouble"))
        if self.unseen:
            parts.append((f"[{self.unseen:,} new ↓]", "status--new"))
        for word, name in parts:
            text.append("  ")
            text.append(word, part_style(self, name) if name else "")
        text.append(" ")
        return text

    async def on_click(self, event: events.Click) -> None:
        """A click on the count of new calls follows them again."""
        if self.unseen and event.x > self.size.width - len(f"[{self.unseen:,} new ↓]") - 2:
            await self.run_action("screen.follow")


def _many(number: int, noun: str) -> str:
    """With commas: a capture may have a million calls."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
