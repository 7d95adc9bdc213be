"""One HTTP connection of a playback host: h11 speaks HTTP, asyncio has the socket."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import h11

from xraytap.errors import DecodeError
from xraytap.playback.wire import encode_answer
from xraytap.protocol.http import content_decode
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import RPC_PATHS, decode_bytes

if TYPE_CHECKING:
    from xraytap.playback.responder import Played, Responder

MAX_BODY = 64 * 1024 * 1024
"""Bytes of request body beyond which the answer is 413."""


class Connection(asyncio.Protocol):
    """`strict_paths`: answer RPC on XAPI's paths only, and a body that is no RPC with 500. xend does neither:
    it looks at no path and hangs up on such a body."""

    def __init__(self, responder: Responder, open_ones: set[Connection], *, strict_paths: bool) -> None:
        self._responder = responder
        self._open = open_ones
        self._strict = strict_paths
        self._http = h11.Connection(h11.SERVER)
        self._transport: asyncio.Transport | None = None
        self.closed = asyncio.get_running_loop().create_future()
        self._request: h11.Request | None = None
        self._body: list[bytes] = []
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """As asyncio calls it."""
        self._open.discard(self)
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
        request = cast("h11.Request", self._request)
        path = request.target.partition(b"?")[0].decode("latin-1")
        if request.method != b"POST":
            status = 405 if path in RPC_PATHS else 404
            return self._send(status, _page(status), b"text/plain", allow=status == 405)
        if self._strict and path not in RPC_PATHS:
            return self._send(404, _page(404), b"text/plain")
        headers = dict(request.headers)
        body = b"".join(self._body)
        try:
            plain = content_decode(body, _header(headers, b"content-encoding"))
            message = decode_bytes(plain, content_type=_header(headers, b"content-type"))
            if not isinstance(message, Request):
                raise DecodeError("a response, where a request is due")
        except DecodeError as error:
            if self._strict:
                return self._send(500, f"{error}\n".encode(), b"text/plain")
            return self._close()
        return self._give(self._responder.answer(message), message)

    def _give(self, played: Played, message: Request) -> bool:
        if played.closes:
            return self._close()
        if played.response is None:
            return self._send(played.http_status, played.page.encode(), b"text/html")
        body, kind = encode_answer(played.response, message)
        return self._send(played.http_status, body, kind)

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
