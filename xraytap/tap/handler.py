"""mitmproxy's connection handler with a shorter way from event to hook and back.

mitmproxy makes a task for every hook and takes a lock for every event. Our hooks return at once, or return
a future; so a hook runs in place, and its completion goes back to the layers in the same turn of the loop.
That is worth more than everything else together (docs: tests/bench/bench_tap.py).
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import deque
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mitmproxy import addonmanager
from mitmproxy.connection import ConnectionState
from mitmproxy.proxy import commands, events, mode_servers
from mitmproxy.utils import asyncio_utils

if TYPE_CHECKING:
    from collections.abc import Callable

    from mitmproxy.hooks import Hook

# mitmproxy is half typed; as `Any` it is so in the same way everywhere
_AddonManager: Any = addonmanager.AddonManager
_Handler: Any = mode_servers.ProxyConnectionHandler
_traverse: Any = addonmanager.traverse

logger = logging.getLogger("mitmproxy.xraytap")

HEARD_BYTES = 1 << 20
"""How much of an answer is kept as it came, for the case that it breaks off."""


class CachedAddons(_AddonManager):  # type: ignore[misc]
    """Looks up who has which hook once. Addons come only at the start, and never change their hooks."""

    def __init__(self, master: Any) -> None:
        self._cached: dict[str, tuple[Callable[..., Any], ...]] = {}
        self._argument: dict[type, str] = {}
        super().__init__(master)

    def add(self, *addons: object) -> None:
        """As in mitmproxy."""
        self._cached.clear()
        super().add(*addons)

    def hooks(self, name: str) -> tuple[Callable[..., Any], ...]:
        """The bound hooks of that name, in order."""
        found = self._cached.get(name)
        if found is None:
            bound = (getattr(addon, name, None) for addon in _traverse(self.chain))
            found = self._cached[name] = tuple(one for one in bound if callable(one))
        return found

    def argument(self, hook: Hook) -> Any:
        """The hook's one argument; mitmproxy asks `dataclasses.fields` every time."""
        kind = type(hook)
        name = self._argument.get(kind)
        if name is None:
            name = self._argument[kind] = fields(hook)[0].name  # type: ignore[arg-type]
        return getattr(hook, name)


class FastHandler(_Handler):  # type: ignore[misc]
    """One client connection with its connections to the host."""

    def __init__(self, master: Any, reader: Any, writer: Any, options: Any, mode: Any) -> None:
        super().__init__(master, reader, writer, options, mode)
        self._pending: deque[events.Event] = deque()
        self._busy = False
        self._heard: list[bytes] = []
        self._heard_bytes = 0
        self._addons: CachedAddons = master.addons
        self.socket_path = ""
        """The host, if it is a unix socket."""

    async def handle_hook(self, hook: Any) -> None:
        """The hooks around connections, which are not commands of a layer."""
        for function in self._addons.hooks(hook.name):
            try:
                result = function(self._addons.argument(hook))
                if inspect.isawaitable(result):
                    with self.timeout_watchdog.disarm():
                        await result
            except Exception:  # an addon's failure must not end the connection
                logger.exception("the hook %s failed", hook.name)

    async def server_event(self, event: events.Event) -> None:
        """Feed an event to the layers."""
        self._feed(event)

    def _feed(self, event: events.Event) -> None:
        pending = self._pending
        pending.append(event)
        if type(event) is events.DataReceived and event.connection is not self.client:
            self._heard_bytes += len(event.data)
            if self._heard_bytes <= HEARD_BYTES:
                self._heard.append(event.data)
        if self._busy:  # an eager task, or a hook, came back while the layers are at work
            return
        self._busy = True
        try:
            self.timeout_watchdog.register_activity()
            while pending:
                try:
                    for command in self.layer.handle_event(pending.popleft()):
                        self._carry_out(command)
                except Exception:  # as mitmproxy does: the connection is lost, the proxy is not
                    logger.exception("mitmproxy has crashed!")
        finally:
            self._busy = False

    def _carry_out(self, command: commands.Command) -> None:
        if isinstance(command, commands.StartHook):
            self._start_hook(command)
        elif isinstance(command, commands.SendData):
            io = self.transports.get(command.connection)
            if io is not None and io.writer is not None and not io.writer.is_closing():
                io.writer.write(command.data)
        elif isinstance(command, commands.Log):
            if command.level >= logging.WARNING:
                self.log(command.message, command.level)
        elif isinstance(command, commands.OpenConnection):
            io = type(self.transports[self.client])()
            self.transports[command.connection] = io
            opening = self._open_socket(command) if self.socket_path else self.open_connection(command)
            task = asyncio_utils.create_task(opening, name="server connection handler", keep_ref=True)
            # an eager task may already have put its own entry there
            self.transports.get(command.connection, io).handler = task
        elif isinstance(command, commands.RequestWakeup):
            self.wakeup_timer.add(
                asyncio_utils.create_task(self.wakeup(command), name="wakeup timer", keep_ref=True)
            )
        elif isinstance(command, commands.CloseTcpConnection):
            if command.connection in self.transports:
                self.close_connection(command.connection, command.half_close)
        elif isinstance(command, commands.CloseConnection) and command.connection in self.transports:
            self.close_connection(command.connection, False)

    async def _open_socket(self, command: commands.OpenConnection) -> None:
        """`open_connection` for a host on a unix socket."""
        connection = command.connection
        connection.timestamp_start = time.time()
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket_path)
        except OSError as problem:
            connection.error = str(problem)
            self._feed(events.OpenConnectionCompleted(command, connection.error))
            return
        connection.timestamp_tcp_setup = time.time()
        connection.state = ConnectionState.OPEN
        connection.peername, connection.sockname = (self.socket_path, 0), ("", 0)
        io = type(self.transports[self.client])(handler=asyncio.current_task(), reader=reader, writer=writer)
        self.transports[connection] = io
        self._feed(events.OpenConnectionCompleted(command, None))
        await self.handle_connection(connection)

    def _start_hook(self, hook: commands.StartHook) -> None:
        addons = self._addons
        if hook.name == "requestheaders":
            self._heard.clear()
            self._heard_bytes = 0
        argument = None
        for function in addons.hooks(hook.name):
            if argument is None:
                argument = addons.argument(hook)
            try:
                result = function(argument)
            except Exception:  # as in handle_hook
                logger.exception("the hook %s failed", hook.name)
                continue
            if result is not None:
                # Only the recorder's hooks wait, and no other addon has those.
                asyncio_utils.create_task(
                    self._wait_for_hook(hook, result), name=f"handle_hook({hook.name})", keep_ref=True
                )
                return
        if hook.blocking:
            self._pending.append(events.HookCompleted(hook))

    async def _wait_for_hook(self, hook: commands.StartHook, result: Any) -> None:
        with self.timeout_watchdog.disarm():
            try:
                await result
            except Exception:  # as in handle_hook
                logger.exception("the hook %s failed", hook.name)
        if hook.blocking:
            self._feed(events.HookCompleted(hook))

    async def drain_writers(self) -> None:
        """Wait only where something is waiting to be sent."""
        for io in self.transports.values():
            writer = io.writer
            if writer is not None and writer.transport.get_write_buffer_size():
                await super().drain_writers()
                return

    def heard(self) -> bytes:
        """What the host has sent since the last request, byte for byte; nothing if that is not known."""
        return b"".join(self._heard) if self._heard_bytes <= HEARD_BYTES else b""

    def pass_on(self, data: bytes) -> None:
        """Send the client bytes that are no HTTP message."""
        io = self.transports.get(self.client)
        if io is not None and io.writer is not None and not io.writer.is_closing():
            io.writer.write(data)

    def end(self) -> asyncio.Task[None] | None:
        """Cut the client's connection: the tap stops."""
        io = self.transports.get(self.client)
        if io is not None and io.handler is not None:
            io.handler.cancel("the tap stops")
            return io.handler  # type: ignore[no-any-return]
        return None
