"""Driving the application as a person does: keys in, text on the screen out."""

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import _wait, events
from textual.widgets import Input

from xraytap.tui.app import XraytapApp
from xraytap.tui.browse import BrowseScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

PATIENCE_S = 20.0

# Textual looks every 20 ms, several times a key, whether the process is idle. What our threads do is waited for
# here, by its state, so a shorter look will do.
_wait.SLEEP_GRANULARITY = 0.005
_wait.SLEEP_IDLE = 0.001


@dataclass
class Driver:
    """An application that runs without a terminal."""

    app: XraytapApp
    pilot: Pilot[Any]

    @property
    def browse(self) -> BrowseScreen:
        """The main screen, whatever lies above it."""
        return next(each for each in self.app.screen_stack if isinstance(each, BrowseScreen))

    async def press(self, *keys: str) -> None:
        """Press keys one by one, and wait each time until everything set going has come to rest."""
        for key in keys:
            await self.pilot.press(key)
            if not (self.app.screen.is_mounted and self._at_rest()):
                await self.until(self._at_rest)
        await self.settle()

    async def hurry(self, *keys: str) -> None:
        """Press keys with no regard to what the ones before are still doing; then wait for all of it."""
        for key in keys:
            await self.pilot.press(key)
        await self.settle()

    async def write(self, text: str) -> None:
        """Write into whatever has the focus, as one paste: a key at a time takes long."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def click(self, x: int, y: int, *, times: int = 1) -> None:
        """Click on a cell of the screen."""
        await self.pilot.click(offset=(x, y), times=times)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no thread of the application has anything left to do."""
        await self.until(self._at_rest)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, on a screen that has all its parts."""
        end = monotonic() + PATIENCE_S
        await self.pilot.pause()
        while not (self.app.screen.is_mounted and holds()):
            assert self.app._exception is None
            assert monotonic() < end, "it never came to pass; the screen shows:\n" + "\n".join(self.screen())
            await self.pilot.pause(0.005)

    def _at_rest(self) -> bool:
        browse = self.browse
        table, detail = browse.table, browse.detail
        shown = detail.shown
        looked = detail.seq is None or (
            shown is not None and (shown.seq, shown.tab) == (detail.seq, detail.open_tab)
        )
        return table.loader.idle and table.scanner.idle and detail.looker.idle and looked

    def screen(self) -> list[str]:
        """The lines of the screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(each.text for each in strip).rstrip() for strip in strips]

    def line_with(self, text: str) -> str:
        """The first line that shows `text`."""
        found = next((line for line in self.screen() if text in line), None)
        assert found is not None, f"no {text!r} on the screen:\n" + "\n".join(self.screen())
        return found

    @property
    def told(self) -> str:
        """What the application has said."""
        return " ".join(each.message for each in self.app._notifications)

    async def go_to(self, seq: int) -> None:
        """Select a call."""
        self.browse.table.select(seq)
        await self.settle()

    def fill(self, text: str) -> None:
        """Write into the line that has the focus, at once."""
        line = self.app.focused
        assert isinstance(line, Input)
        line.value = text

    @property
    def seq(self) -> int | None:
        """The selected call."""
        return self.browse.table.selected


@asynccontextmanager
async def driving(
    store: Path, name: str, *, size: tuple[int, int] = (120, 30), **options: Any
) -> AsyncIterator[Driver]:
    """The application on a capture, at rest."""
    app = XraytapApp(store, name, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: any(isinstance(each, BrowseScreen) for each in app.screen_stack))
        await driver.until(lambda: driver.browse.query("CallsTable"))
        await driver.settle()
        yield driver


def driven(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that is a coroutine, in a loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        async def whole() -> None:
            await test(*arguments, **options)

        asyncio.run(whole())

    return run
