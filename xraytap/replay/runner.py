"""The runner: drives the engine's questions over real connections, in order, at the pace that was asked for.

Everything that decides is in the engine; here are sockets, clocks and the slots of concurrency.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xraytap.errors import PeerError, XraytapError
from xraytap.loops import loop_factory
from xraytap.replay.client import TIMEOUT_S, Client
from xraytap.replay.plan import Role
from xraytap.replay.report import Report
from xraytap.replay.wire import path_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from xraytap.protocol.call import Exchange
    from xraytap.replay.engine import Engine
    from xraytap.replay.plan import Step
    from xraytap.replay.sending import Send
    from xraytap.replay.target import Target
    from xraytap.replay.verdict import Result

SILENT_CALLS = 3
"""Calls in a row without an answer in time, after which the host is given up."""


_LOOK_S = 0.1
_GRACE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`speed`: 1 as recorded, 2 twice as fast, None as fast as the host answers. `concurrency`: calls under
    way at once; calls that wait for events do not count. `timeout_s` is for each call."""

    speed: float | None = None
    concurrency: int = 1
    timeout_s: float = TIMEOUT_S


@dataclass(slots=True)
class _Waits:
    """One step until it is over: how many others it still waits for, and who waits for it."""

    step: Step
    left: int
    next: list[int] = field(default_factory=list)


class Runner:
    """Runs `engine`'s plan against `target`, once. `on_result` is told every result as it comes; `wished`
    whether the user wants it to end."""

    def __init__(
        self,
        engine: Engine,
        target: Target,
        pace: Pace,
        *,
        on_result: Callable[[Result], object] = lambda _result: None,
        wished: Callable[[], bool] = lambda: False,
    ) -> None:
        self._engine = engine
        self._target = target
        self._pace = pace
        self._on_result = on_result
        self._wished = wished
        self._silent = 0
        self._results: list[Result] = []
        self._failed: PeerError | None = None
        self._followed = ""
        self._left: list[Client] = []

    def run(self) -> Report:
        """Go through the plan. From a thread without an event loop. PeerError if the host was never reached."""
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(self._run())

    async def _run(self) -> Report:
        started = time.monotonic()
        self._client = Client(self._target)
        try:
            watching = asyncio.ensure_future(self._watch())
            try:
                await self._all_steps()
            finally:
                watching.cancel()
            for send in self._engine.farewells():
                if self._failed is None and not self._silent:
                    await self._bid_farewell(send)
        finally:
            for each in (self._client, *self._left):
                await each.close()
        if self._failed is not None and not any(each.sent for each in self._results):
            raise self._failed
        changed = {each.step.seq: each for each in self._engine.settle()}
        results = sorted(
            (changed.get(each.step.seq, each) for each in self._results), key=lambda each: each.step.seq
        )
        return Report(
            plan=self._engine.plan,
            url=self._target.url,
            results=tuple(results),
            lacking=tuple(self._engine.finder.lacking.values()),
            remarks=tuple(self._engine.remarks),
            volatile=tuple(self._engine.volatile),
            took_s=time.monotonic() - started,
            reached=self._failed is None,
        )

    async def _all_steps(self) -> None:
        steps = self._engine.plan.steps
        waits = {each.seq: _Waits(each, len(each.after)) for each in steps}
        for each in steps:
            for seq in each.after:
                waits[seq].next.append(each.seq)
        ready = [each.seq for each in steps if not each.after]
        heapq.heapify(ready)
        first_us = steps[0].at_us if steps else 0
        begun = time.monotonic()
        busy: dict[asyncio.Task[Result], Step] = {}

        def over(result: Result) -> None:
            self._on_result(result)
            self._results.append(replace(result, exchange=None))  # the bytes are for who keeps them
            for seq in waits.pop(result.step.seq).next:
                waits[seq].left -= 1
                if not waits[seq].left:
                    heapq.heappush(ready, seq)

        while ready or busy:
            slots = self._pace.concurrency - sum(each.role is not Role.EVENTS for each in busy.values())
            while ready and (slots > 0 or waits[ready[0]].step.role is Role.EVENTS):
                step = waits[heapq.heappop(ready)].step
                due = self._due(step, first_us, begun)
                if due <= 0 and self._pace.concurrency == 1 and not busy and step.role is not Role.EVENTS:
                    over(await self._perform(step, 0))  # the quick way: no task of its own
                    continue
                busy[asyncio.ensure_future(self._perform(step, due))] = step
                slots -= step.role is not Role.EVENTS
            if busy:
                done, _ = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del busy[task]
                    over(task.result())

    async def _watch(self) -> None:
        """See when the user wants it to end: nothing new is sent, and what is under way gets a moment."""
        while not self._wished():  # noqa: ASYNC110  set by a signal or another thread
            await asyncio.sleep(_LOOK_S)
        self._engine.stop("the replay was interrupted")
        await asyncio.sleep(_GRACE_S)
        self._client.abort()

    def _due(self, step: Step, first_us: int, begun: float) -> float:
        """Seconds until the step is due by the recording."""
        if self._pace.speed is None or self._engine.stopped is not None:
            return 0.0
        return (step.at_us - first_us) / 1_000_000 / self._pace.speed - (time.monotonic() - begun)

    async def _perform(self, step: Step, due_s: float) -> Result:
        await self._rest(due_s)
        going = self._engine.perform(step)
        exchange: Exchange | None = None
        while True:
            try:
                send = next(going) if exchange is None else going.send(exchange)
            except StopIteration as end:
                found: Result = end.value
                return found
            exchange = await self._exchange(send, going)
            if exchange is None:
                return await self._perform(step, 0)

    async def _exchange(self, send: Send, going: Generator[Send, Exchange, Result]) -> Exchange | None:
        """What came back; None where the host cannot be reached, and nothing is sent any more."""
        await self._rest(send.wait_s)
        same = send.request.protocol == send.recorded_protocol
        path = path_for(self._target, send.request, send.path, same=same)
        try:
            if send.redirect and send.redirect != self._followed:
                self._left.append(self._client)  # calls may be under way there
                self._client = Client(self._target.at(send.redirect))
                self._followed = send.redirect
            exchange = await self._client.send(
                send.request, timeout_s=self._pace.timeout_s, path=path, safe=send.safe
            )
        except XraytapError as error:
            if isinstance(error, PeerError):
                self._failed = error
            self._engine.stop(str(error).rstrip("."))
            going.close()
            return None
        self._silent = self._silent + 1 if exchange.response is None else 0
        if self._silent >= SILENT_CALLS:
            self._engine.stop(f"the host has not answered {SILENT_CALLS} calls in a row")
        return exchange

    async def _rest(self, seconds: float) -> None:
        """Sleep, unless the user wants it to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._engine.stopped is None:  # noqa: ASYNC110
            await asyncio.sleep(min(left, _LOOK_S))

    async def _bid_farewell(self, send: Send) -> None:
        try:
            await self._client.send(
                send.request,
                timeout_s=min(self._pace.timeout_s, 5.0),
                path=path_for(self._target, send.request),
            )
        except PeerError as error:
            self._failed = error
