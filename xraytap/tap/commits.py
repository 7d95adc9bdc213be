"""Commits come from the writer's thread; whoever waits for one sits in the event loop.

Invariant: every future handed out is resolved, at the latest after `PATIENCE_S`, so that a stuck store stops
no traffic.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 10.0


class Commits:
    """Futures for commits: `True` when the call is stored, `False` when it is lost, in which case
    `on_loss` has been told why; with "" the store knows why."""

    def __init__(self, on_loss: Callable[[str], None]) -> None:
        self.stored = 0
        self._on_loss = on_loss
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: deque[tuple[asyncio.Future[bool], bool]] = deque()
        self._waiting: deque[tuple[float, asyncio.Future[bool]]] = deque()
        self._release_due = False
        self._sweep_due = False

    def expect(self) -> asyncio.Future[bool]:
        """A future for one commit."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        settled: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((loop.time() + PATIENCE_S, settled))
        if not self._sweep_due:
            self._sweep_due = True
            loop.call_later(1.0, self._sweep)
        return settled

    def committed(self, settled: asyncio.Future[bool], ok: bool) -> None:
        """The writer's word, from any thread."""
        self._done.append((settled, ok))
        if not self._release_due and self._loop is not None:
            # One wake-up for the whole group. Set before the call: `_release` resets it first thing.
            self._release_due = True
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._release_due = False
        done = self._done
        while done:
            settled, ok = done.popleft()
            if settled.done():
                continue
            settled.set_result(ok)
            if ok:
                self.stored += 1
            else:
                self._on_loss("")

    def _sweep(self) -> None:
        loop = self._loop
        if loop is None:
            return
        waiting, now = self._waiting, loop.time()
        while waiting and (waiting[0][1].done() or waiting[0][0] < now):
            settled = waiting.popleft()[1]
            if not settled.done():
                settled.set_result(False)
                self._on_loss(f"the store said nothing for {PATIENCE_S:.0f} s")
        self._sweep_due = bool(waiting)
        if waiting:
            loop.call_later(1.0, self._sweep)
