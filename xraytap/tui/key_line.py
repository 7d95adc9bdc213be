"""The last line of the screen: the keys that matter here, as many as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from xraytap.tui.keys import alive
from xraytap.tui.styles import part_style

if TYPE_CHECKING:
    from textual import events

    from xraytap.tui.keys import Alive


class KeyLine(Widget):
    """Drawn anew when the focus moves; a click does what the key does."""

    COMPONENT_CLASSES = {"keys--key"}  # noqa: RUF012

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Text:
        """`key word` as often as it fits; the help always does."""
        text = Text(end="", no_wrap=True)
        style = part_style(self, "keys--key")
        for each in self._fitting():
            text.append(" ")
            text.append(each.spoken, style)
            text.append(f" {each.key.short} ")
        return text

    async def on_click(self, event: events.Click) -> None:
        """Do what stands under the mouse."""
        at = 0
        for each in self._fitting():
            at += _width(each)
            if event.x < at:
                await self.app.run_action(each.key.action, each.node)
                return

    def _fitting(self) -> list[Alive]:
        every = [each for each in alive(self.screen) if each.key.short]
        room = self.size.width - sum(_width(each) for each in every if each.key.id == "help")
        chosen = []
        for each in every:
            if each.key.id != "help":
                if _width(each) > room:
                    continue
                room -= _width(each)
            chosen.append(each)
        return chosen


def _width(each: Alive) -> int:
    return cell_len(each.spoken) + cell_len(each.key.short) + 3
