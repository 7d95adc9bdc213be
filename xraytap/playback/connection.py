"""One HTTP connection of a playback host: h11 speaks HTTP, asyncio has the socket.

One request at a time: while an answer waits for its recorded time, what comes in waits behind it.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import h11

from xraytap.errors import DecodeError
from xraytap.playback.service import Served, now_us
from xraytap.protocol.http import content_decode
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import RPC_PATHS, decode_bytes

if TYPE_CHECKING:
    from xraytap.playback.responder import Played
    from xraytap.playback.service import Service

MAX_BODY = 64 * 1024 * 1024
"""Bytes of request body beyond which the answer is 413."""


class Connection(asyncio.Protocol):
    """`service` answers; `open_ones` are all connections that are open."""

    def __init__(self, service: Service, open_ones: set[Connection]) -> None:
        self._service = service
        self._open = open_ones
        self._strict = service.strict_paths
        self._http = h11.Connection(h11.SERVER)
        self._transport: asyncio.Transport | None = None
        self.closed = asyncio.get_running_loop().create_future()
        self._request: h11.Request | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._started_us = 0
        self._number = 0
        self._client = ""
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._open.add(self)
        self._service.connections += 1
        self._number = self._service.connections
        peer = transport.get_extra_info("peername")
        self._client = f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "unix"

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """As asyncio calls it."""
        self._open.discard(self)
        if self._waiting is not None:
            self._waiting.cancel()
        self.closed.set_result(None)

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        try:
            self._http.receive_data(data)
            self._events()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)

    def eof_received(self) -> bool:
        """As asyncio calls it. A request cut off gets no answer."""
        return False

    def pause_writing(self) -> None:
        """A client that does not read its answers gets no more of them."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """As asyncio calls it."""
        if self._transport is not None:
            self._transport.resume_reading()

    def _events(self) -> None:
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._request, self._body, self._size = event, [], 0
                if int(dict(event.headers).get(b"content-length", b"0")) > MAX_BODY:
                    self._refuse(413)
                    return
                if self._http.they_are_waiting_for_100_continue:
                    self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
            elif isinstance(event, h11.Data):
                self._size += len(event.data)
                if self._size > MAX_BODY:
                    self._refuse(413)
                    return
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                if not self._respond():
                    return
            else:  # NEED_DATA, PAUSED, or the connection's end
                return

    def _respond(self) -> bool:
        """Answer the request that is complete. False if the connection has ended with it."""
        self._started_us = now_us()
        request = cast("h11.Request", self._request)
        path = request.target.partition(b"?")[0].decode("latin-1")
        if request.method != b"POST" and not self._strict:
            return self._foreign(501, end=True)
        if request.method != b"POST":
            return self._foreign(405 if path in RPC_PATHS else 404)
        if self._strict and path not in RPC_PATHS:
            return self._foreign(404)
        headers = dict(request.headers)
        body = b"".join(self._body)
        try:
            plain = content_decode(body, _header(headers, b"content-encoding"))
            message = decode_bytes(plain, content_type=_header(headers, b"content-type"))
            if not isinstance(message, Request):
                raise DecodeError("a response, where a request is due")
        except DecodeError as error:
            page = f"{error}\n".encode() if self._strict else b""
            self._tell(500 if self._strict else None, len(page), error=error)
            return self._send(500, page, b"text/plain") if self._strict else self._close()
        played = self._service.responder.answer(message)
        delay = self._service.delay_s(played)
        if delay <= 0:
            return self._give(played, message)
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(delay, self._give_late, played, message)
        return False

    def _give_late(self, played: Played, message: Request) -> None:
        """Answer after the recorded time, then go on with what has come in meanwhile."""
        self._waiting = None
        try:
            if self._give(played, message):
                self._events()
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)

    def _give(self, played: Played, message: Request) -> bool:
        if played.closes:
            self._tell(None, 0, message, played)
            return self._close()
        body, kind = self._service.encode(played, message)
        self._tell(played.http_status, len(body), message, played)
        return self._send(played.http_status, body, kind)

    def _foreign(self, status: int, *, end: bool = False) -> bool:
        """A request that is no RPC gets an error page."""
        page = _page(status)
        self._tell(status, len(page))
        return self._send(status, page, b"text/plain", allow=status == 405, end=end)

    def _tell(
        self,
        status: int | None,
        size: int,
        message: Request | None = None,
        played: Played | None = None,
        error: DecodeError | None = None,
    ) -> None:
        request = cast("h11.Request", self._request)
        body = self._body

        def served(seq: int) -> Served:
            return Served(
                seq=seq,
                started_at_us=self._started_us,
                elapsed_us=now_us() - self._started_us,
                client=self._client,
                connection=self._number,
                http_method=request.method.decode("latin-1"),
                path=request.target.decode("latin-1"),
                http_status=status,
                request_bytes=sum(map(len, body)),
                response_bytes=size,
                request=message,
                response=None if played is None else played.response,
                recorded=None if played is None else played.seq,
                miss=None if played is None else played.miss,
                decode_error=error,
            )

        self._service.tell(served)

    def _send(self, status: int, body: bytes, kind: bytes, *, allow: bool = False, end: bool = False) -> bool:
        request = self._request
        headers = [(b"Server", b"xraytap"), (b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))]
        if allow:
            headers.append((b"Allow", b"POST"))
        if end:
            headers.append((b"Connection", b"close"))
        answer = h11.Response(status_code=status, headers=headers, reason=_reason(status))
        out = [self._http.send(answer) or b""]
        if request is None or request.method != b"HEAD":
            out.append(self._http.send(h11.Data(data=body)) or b"")
        out.append(self._http.send(h11.EndOfMessage()) or b"")
        self._write(b"".join(out))
        if end or self._http.our_state is h11.MUST_CLOSE:
            return self._close()
        self._http.start_next_cycle()
        return True

    def _refuse(self, status: int) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(status, _page(status), b"text/plain", end=True)
        else:
            self._close()

    def _write(self, data: bytes | None) -> None:
        if data and self._transport is not None:
            self._transport.write(data)

    def _close(self) -> bool:
        if self._transport is not None:
            self._transport.close()
        return False


def _header(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


def _page(status: int) -> bytes:
    return f"{status} {_reason(status).decode()}\n".encode()
