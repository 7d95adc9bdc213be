"""A golden on a port: a loop in a thread of its own, so that tests and the demo need no loop of theirs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Self

from xraytap.loops import loop_factory
from xraytap.playback.connection import Connection
from xraytap.playback.listen import listen_tcp, listen_unix
from xraytap.playback.order import Mode
from xraytap.playback.responder import Responder, is_xapi
from xraytap.playback.service import Served, Service
from xraytap.protocol.golden import Symbol

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.playback.nearest import Miss
    from xraytap.protocol.golden import Golden, GoldenCall

__all__ = ["Mode", "PlaybackServer", "Served", "fresh"]


def fresh(api: str) -> Callable[[str], str]:
    """How new texts are made: `OpaqueRef:` and a random uuid for XAPI, the bare uuid for xend; the date as each
    writes it; event tokens that grow."""
    xapi = is_xapi(api)
    numbers = count(1)

    def mint(kind: str) -> str:
        if kind == "time":
            return datetime.now(UTC).strftime("%Y%m%dT%H:%M:%SZ" if xapi else "%Y%m%dT%H:%M:%S")
        if kind == "token":
            return f"{next(numbers):020d},{0:020d}"
        text = str(uuid.uuid4())
        return f"OpaqueRef:{text}" if xapi and kind != "uuid" else text

    return mint


class PlaybackServer:
    """A host that answers from `golden`, from `start` (or `with`) to `stop`. Port 0 takes a free one.

    `host` None listens on no port; `unix` is the path of a unix socket to listen on (too). `tls` is for the
    port alone. `mint` makes fresh texts for symbols (see Responder); by default random ones in the API's
    shape. `pace` multiplies the recorded times, 0 answers at once. `watch` is told of every request, in the
    server's thread.
    """

    def __init__(
        self,
        golden: Golden,
        host: str | None = "127.0.0.1",
        port: int = 0,
        *,
        unix: Path | None = None,
        tls: ssl.SSLContext | None = None,
        mode: Mode = Mode.MATCH,
        credentials: tuple[str, str] | None = None,
        pace: float = 0.0,
        watch: Callable[[Served], None] | None = None,
        mint: Callable[[str], str] | None = None,
    ) -> None:
        self._responder = Responder(golden, mint or fresh(golden.api), mode=mode, credentials=credentials)
        self._service = Service(
            responder=self._responder, strict_paths=is_xapi(golden.api), pace=pace, watch=watch
        )
        self.host = host
        self.port = port
        self.unix = unix
        self._tls = tls
        self._open: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where clients reach its port, once it is started."""
        host = f"[{self.host}]" if ":" in (self.host or "") else self.host
        return f"http{'' if self._tls is None else 's'}://{host}:{self.port}"

    def start(self) -> Self:
        """Listen; connections are accepted when this returns. PeerError if an address cannot be had."""
        listeners: list[socket.socket] = []
        try:
            if self.host is not None:
                listeners.append(listen_tcp(self.host, self.port))
                self.port = listeners[0].getsockname()[1]
            if self.unix is not None:
                listeners.append(listen_unix(self.unix))
        except BaseException:
            for each in listeners:
                each.close()
            raise
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listeners, ready), name=f"playback-{self.port}", daemon=True
        )
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Close the port and every connection. Again is harmless."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()
        if self.unix is not None:
            with contextlib.suppress(OSError):
                self.unix.unlink()

    def unused(self) -> list[tuple[int, GoldenCall]]:
        """The recorded calls that nobody asked for, each with its number from 1."""
        return self._responder.unused()

    def text_of(self, name: str, *kinds: str) -> str | None:
        """The text that stands in this run for the symbol `name` of the first of `kinds` (`ref`, `uuid`, `task`,
        ...) that the golden has. None if it has none."""

        async def found() -> str | None:  # in the loop's thread, as the responder is for one
            return self._responder.text_of(*(Symbol(kind, name) for kind in kinds))

        if self._loop is None:
            return None
        return asyncio.run_coroutine_threadsafe(found(), self._loop).result()

    @property
    def unmatched(self) -> tuple[Miss, ...]:
        """The calls that the golden did not have, the first thousand of them."""
        return tuple(self._responder.unmatched)

    @property
    def missed(self) -> int:
        """How many the golden did not have."""
        return self._responder.missed

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, listeners: list[socket.socket], ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(self._serve(listeners, ready))

    async def _serve(self, listeners: list[socket.socket], ready: threading.Event) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()

        def connection() -> Connection:
            return Connection(self._service, self._open)

        servers = []
        for each in listeners:
            if each is listeners[0] and self.host is not None:
                servers.append(await loop.create_server(connection, sock=each, ssl=self._tls))
            else:
                servers.append(await loop.create_unix_server(connection, sock=each))
        ready.set()
        await self._stop.wait()
        for server in servers:
            server.close()
        ending = tuple(self._open)
        for each_open in ending:
            each_open.abort()
        await asyncio.gather(*(each.closed for each in ending))
        for server in servers:
            await server.wait_closed()
