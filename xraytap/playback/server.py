"""A golden on a port: a loop in a thread of its own, so that tests and the demo need no loop of theirs."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import uuid
from typing import TYPE_CHECKING, Self

from xraytap.errors import PeerError
from xraytap.loops import loop_factory
from xraytap.playback.connection import Connection
from xraytap.playback.responder import Responder

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.playback.responder import Unmatched
    from xraytap.protocol.golden import Golden, GoldenCall


def fresh(api: str) -> Callable[[str], str]:
    """How new texts are made: `OpaqueRef:` and a random uuid for XAPI, the bare uuid for xend."""
    xapi = is_xapi(api)

    def mint(kind: str) -> str:
        text = str(uuid.uuid4())
        return f"OpaqueRef:{text}" if xapi and kind != "uuid" else text

    return mint


def is_xapi(api: str) -> bool:
    """Whether a golden's `api` is XAPI's."""
    return api.lower().startswith("xapi")


class PlaybackServer:
    """A host that answers from `golden`, from `start` (or `with`) to `stop`. Port 0 takes a free one.

    `mint` makes fresh texts for symbols (see Responder); by default random ones in the API's shape.
    """

    def __init__(
        self,
        golden: Golden,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        mint: Callable[[str], str] | None = None,
    ) -> None:
        self._strict = is_xapi(golden.api)
        self._responder = Responder(golden, mint or fresh(golden.api))
        self.host = host
        self.port = port
        self._open: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where clients reach it, once it is started."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> Self:
        """Listen; connections are accepted when this returns. PeerError if the address cannot be had."""
        listener = _listen(self.host, self.port)
        self.port = listener.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name=f"playback-{self.port}", daemon=True
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

    def unused(self) -> list[tuple[int, GoldenCall]]:
        """The recorded calls that nobody asked for, each with its number from 1."""
        return self._responder.unused()

    @property
    def unmatched(self) -> tuple[Unmatched, ...]:
        """The calls that the golden did not have."""
        return tuple(self._responder.unmatched)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(self._serve(listener, ready))

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self._loop.create_server(
            lambda: Connection(self._responder, self._open, strict_paths=self._strict), sock=listener
        )
        ready.set()
        await self._stop.wait()
        server.close()
        ending = tuple(self._open)
        for connection in ending:
            connection.abort()
        await asyncio.gather(*(connection.closed for connection in ending))
        await server.wait_closed()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "the port is in use. Choose another; port 0 takes a free one"
        elif error.errno == errno.EACCES:
            why = "this user may not listen there. Choose a port above 1023"
        else:
            why = f"{error.strerror or error}. Choose an address of this machine, such as 127.0.0.1"
        raise PeerError(f"cannot play back on {host}:{port}: {why}.") from None
