"""One HTTP connection to a host: h11 speaks HTTP, asyncio has the socket. One request at a time.

The plainest answer there is, whole in one piece, needs no h11 (xraytap.replay.plain); it is called in as soon
as anything is not so plain.

Invariant: nothing is sent twice here. Whether a request may go out again is decided by who knows what it
does (xraytap.replay.client); `Lost` tells what had happened until then.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import h11

from xraytap.replay.plain import plain_answer, written

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ANSWER = 256 * 1024 * 1024
"""Bytes of an answer beyond which the connection is cut."""
_MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer as it came. `head` ends in the empty line; `body` has no transfer coding any more."""

    head: bytes
    body: bytes
    started_at_us: int
    elapsed_us: int


class Lost(Exception):  # noqa: N818  what happened to the connection, as a person would say it
    """No (whole) answer. `reason` in words; `started`: whether a byte of an answer had come; `elapsed_us`."""

    def __init__(self, reason: str, *, started: bool, started_at_us: int, elapsed_us: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.started = started
        self.started_at_us = started_at_us
        self.elapsed_us = elapsed_us


class Connection(asyncio.Protocol):
    """A connection that asyncio has opened. `number` counts connections; `used` the requests sent on it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.used = 0
        self.client = ""
        self.gone = asyncio.Event()
        """Set once the socket is closed; before that the loop must not end."""
        self._http: h11.Connection | None = None
        """What h11 knows of the request under way; None while it is not needed."""
        self._asked: tuple[h11.Request, bytes] | None = None
        """The request under way, and its body."""
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._head = b""
        self._parts: list[bytes] = []
        self._size = 0
        self._heard = False
        self._ended: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next request can go out on it."""
        idle = self._asked is None and (self._http is None or self._http.our_state is h11.IDLE)
        return self._ended is None and self._transport is not None and idle

    async def ask(
        self, target: str, headers: Sequence[tuple[str, str]], body: bytes, *, timeout_s: float
    ) -> Answer:
        """POST `body` and wait for the whole answer. Raises Lost; the connection is of no use after that."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        self._head, self._parts, self._size, self._heard = b"", [], 0, False
        self.used += 1
        timer = loop.call_later(timeout_s, self._fail, f"no answer within {timeout_s:g} s")
        started_at_us, started = time.time_ns() // 1000, time.perf_counter_ns()
        try:
            if self._transport is None or self._ended is not None:
                self._fail(self._ended or "the connection is closed")
            else:
                request, head = written(target, tuple(headers))
                self._asked = request, body
                self._transport.write(head + body)
            await self._waiting
        except _Ended as end:
            took = (time.perf_counter_ns() - started) // 1000
            raise Lost(str(end), started=self._heard, started_at_us=started_at_us, elapsed_us=took) from None
        finally:
            timer.cancel()
            if not self._waiting.done():
                self.abort()  # cancelled: whatever still comes belongs to nobody
            self._waiting = None
        took = (time.perf_counter_ns() - started) // 1000
        body = b"".join(self._parts)
        return Answer(head=self._head, body=body, started_at_us=started_at_us, elapsed_us=took)

    def abort(self) -> None:
        """Cut the connection."""
        self._ended = self._ended or "the connection was cut"
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close an idle connection; `gone` tells when it is done."""
        self._ended = self._ended or "the connection is closed"
        if self._transport is None:
            self.gone.set()
        elif self._transport.get_extra_info("sslcontext") is None:
            self._transport.close()
        else:
            self._transport.abort()  # close would wait for the host's word

    # -- as asyncio calls it --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        own = transport.get_extra_info("sockname")
        self.client = f"{own[0]}:{own[1]}" if isinstance(own, tuple) and len(own) > 1 else "unix"

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        self._transport = None
        self.gone.set()
        if exc is not None:
            self._fail(f"the connection broke: {getattr(exc, 'strerror', None) or exc}")
        else:
            self._fail("the host closed the connection")

    def eof_received(self) -> bool:
        """As asyncio calls it. The end of an answer without a length, or of the connection."""
        if self._waiting is not None and not self._waiting.done():
            self._receive(b"")
        return False

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        self._heard = True
        plain = plain_answer(data) if self._http is None and self._asked is not None else None
        if plain is None:
            self._receive(data)
        else:
            self._head = plain.head
            self._parts.append(plain.body)
            self._over()

    # -- inside -------------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        http = self._http = self._http or self._call_in()
        try:
            http.receive_data(data)
            while True:
                event = http.next_event()
                if isinstance(event, h11.Response):
                    self._head = _head(event)
                elif isinstance(event, h11.Data):
                    self._take(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    self._complete(http)
                    return
                elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return
        except h11.RemoteProtocolError as error:
            if not data:
                part = "in the middle of its answer" if self._heard else "without an answer"
                self._fail(f"the host closed the connection {part}")
            else:
                self._fail(f"what came back is no HTTP answer: {error}")

    def _call_in(self) -> h11.Connection:
        """h11, told what was sent."""
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        if self._asked is not None:
            request, body = self._asked
            for each in (request, h11.Data(data=body), h11.EndOfMessage()):
                http.send(each)
        return http

    def _take(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_ANSWER:
            self._fail(f"the answer is larger than {MAX_ANSWER} bytes")

    def _complete(self, http: h11.Connection) -> None:
        if http.our_state is h11.MUST_CLOSE:
            self.close()
        else:
            http.start_next_cycle()
            if not http.trailing_data[0]:
                self._http = None
        self._over()

    def _over(self) -> None:
        self._asked = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _fail(self, reason: str) -> None:
        self._ended = self._ended or reason
        if self._waiting is not None and not self._waiting.done():
            if reason == "the host closed the connection":
                part = " in the middle of its answer" if self._heard else " without an answer"
                reason += part
            self._waiting.set_exception(_Ended(reason))
        if self._transport is not None:
            self._transport.abort()


class _Ended(Exception):  # noqa: N818  not an error of ours
    """The connection is at its end; the text says why."""


def _head(answer: h11.Response) -> bytes:
    version = answer.http_version.decode("ascii")
    lines = [f"HTTP/{version} {answer.status_code} ".encode() + answer.reason]
    lines += [name + b": " + value for name, value in answer.headers.raw_items()]
    return b"\r\n".join([*lines, b"", b""])
