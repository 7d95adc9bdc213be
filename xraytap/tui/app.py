"""The application: opens a capture, puts the screens together, and keeps an error from ending it all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from xraytap.errors import XraytapError
from xraytap.tui.browse import BrowseScreen
from xraytap.tui.capture import Capture
from xraytap.tui.keys import alive, bindings
from xraytap.tui.live import TapWords
from xraytap.tui.views.doors import Doors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rich.console import RenderableType
    from textual.actions import ActionParseResult
    from textual.binding import BindingType
    from textual.command import Provider
    from textual.dom import DOMNode

    from xraytap.tui.keys import Alive
    from xraytap.tui.live import Tap
    from xraytap.tui.profile import Profile


_POLL_S = 0.1


def _keys_provider() -> type[Provider]:
    from xraytap.tui.palette import KeysProvider

    return KeysProvider


class XraytapApp(Doors):
    """Browses one capture of a store."""

    TITLE = "xraytap"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False  # the binding is in our table of keys
    COMMANDS = {_keys_provider}  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]

    def __init__(
        self,
        store: Path,
        name: str,
        *,
        tap: Tap | None = None,
        ready: Callable[[], object] | None = None,
        until: Callable[[], bool] | None = None,
        profile: Profile | None = None,
    ) -> None:
        """`tap` records the capture; `ready` is called once the screen stands; the application ends when
        `until` says so; `profile` holds the user's own settings."""
        super().__init__()
        self.profile = profile
        self.parting = ""
        """What could not be remembered, for whoever has the terminal next."""
        self.capture = Capture(store, name)
        self.words = None if tap is None else TapWords(tap)
        self._standing, self._ended = ready, until

    @property
    def tap_died(self) -> bool:
        """Whether the tap ended without being asked."""
        return self.words is not None and self.words.dead

    async def on_mount(self) -> None:
        """Show the capture, as the user has it."""
        if self.profile is not None:
            self.set_keymap(dict(self.profile.config.keymap))
            if self.profile.theme in self.available_themes:
                self.theme = self.profile.theme
        await self.push_screen(BrowseScreen(self.capture, self.words))
        if self.profile is not None:
            self.browse.restore(self.profile.remembered())
            for problem in self.profile.problems:
                self.tell(problem)
        self.set_interval(_POLL_S, self._poll)
        if self._standing is not None:
            self.call_after_refresh(self._standing)

    def _poll(self) -> None:
        if self._ended is not None and self._ended():
            self.exit()
        if self.words is not None:
            for text in self.words.poll():
                self.tell(text)
                self.browse.show_words()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave, and remember how things were arranged."""
        if self.profile is not None and any(isinstance(each, BrowseScreen) for each in self.screen_stack):
            self.parting = self.profile.keep(self.browse.state(), self.theme) or ""
        super().exit(result, return_code, message)

    async def on_unmount(self) -> None:
        """Let go of the store, and of a host."""
        self.close_readings()
        await asyncio.to_thread(self.close_sitting)
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
        from textual.command import CommandPalette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(id="--command-palette"))

    async def _do(self, chosen: Alive | None) -> None:
        if chosen is not None:
            await self.run_action(chosen.key.action, chosen.node)
