"""The application: opens a capture, puts the screens together, and keeps an error from ending it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from xraytap.errors import XraytapError
from xraytap.tui.browse import BrowseScreen
from xraytap.tui.capture import Capture
from xraytap.tui.keys import alive, bindings
from xraytap.tui.views.doors import Doors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from textual.actions import ActionParseResult
    from textual.binding import BindingType
    from textual.dom import DOMNode

    from xraytap.tui.keys import Alive


class XraytapApp(Doors):
    """Browses one capture of a store."""

    TITLE = "xraytap"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # the binding is in our table of keys
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(self, store: Path, name: str) -> None:
        super().__init__()
        self.capture = Capture(store, name)

    def on_mount(self) -> None:
        """Show the capture."""
        self.push_screen(BrowseScreen(self.capture))

    def on_unmount(self) -> None:
        """Let go of the store."""
        self.close_readings()
        self.capture.close()

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action; what goes wrong in it is shown, and the application goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except XraytapError as error:
            self.tell(str(error))
        except Exception as error:  # noqa: BLE001
            self.tell(f"that failed: {type(error).__name__}: {error}")
        return True

    def action_help(self) -> None:
        """The keys of this screen."""
        from xraytap.tui.help import HelpScreen

        self.push_screen(HelpScreen(alive(self.screen)), self._do)

    def action_palette(self) -> None:
        """Every action by name."""
        self.action_command_palette()

    async def _do(self, chosen: Alive | None) -> None:
        if chosen is not None:
            await self.run_action(chosen.key.action, chosen.node)
