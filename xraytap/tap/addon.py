"""The recorder: the mitmproxy addon that hands every exchange to the capture's writer.

A hook only takes bytes and queues them; it never decodes. The request is queued when it is complete, the
answer is released to the client when its commit is reported. If the store loses a call, the traffic goes on
and the loss is counted and said, unless `fail_closed` asks for the opposite.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from mitmproxy.flow import Error
from mitmproxy.http import Response
from mitmproxy.proxy.layers import ServerTLSLayer, TCPLayer

from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.scan import scan_request
from xraytap.protocol.summary import is_rpc
from xraytap.tap import convert
from xraytap.tap.commits import Commits
from xraytap.tap.guess import looks_like_http
from xraytap.tap.streams import Passing, watch_late
from xraytap.tap.words import NOT_RECORDED, Ending, ending_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from mitmproxy.connection import Client
    from mitmproxy.http import HTTPFlow
    from mitmproxy.proxy.layer import NextLayer
    from mitmproxy.tcp import TCPFlow

    from xraytap.protocol.call import Exchange, Message

DEFAULT_MAX_BODY = 64 * 1024 * 1024
STREAM_PATIENCE_S = 2.0
"""How long the end of a streamed answer waits for its commit; the whole proxy waits with it."""


class Sink(Protocol):
    """What the recorder needs of `xraytap.store.writer.Writer`."""

    def begin(self, exchange: Exchange, /) -> Any: ...
    def finish(
        self, ticket: Any, exchange: Exchange, on_commit: Callable[[bool], None] | None, /
    ) -> None: ...


class BrokenOff(Protocol):
    """Access to an answer that mitmproxy gave up on; only our own proxy has it."""

    def heard(self, flow: HTTPFlow, /) -> bytes: ...
    def pass_on(self, flow: HTTPFlow, data: bytes, /) -> None: ...


class _Call:
    """A call under way."""

    __slots__ = (
        "client", "connection", "head", "is_rpc", "method", "names", "request", "request_passing",
        "response_passing", "settled", "started_at_us", "started_ns", "ticket",
    )  # fmt: skip

    def __init__(self, client: str, connection: int, *, is_rpc: bool) -> None:
        self.client = client
        self.connection = connection
        self.is_rpc = is_rpc
        self.head: bytes | None = None
        self.method: str | None = None
        self.names: tuple[str, ...] = ()
        self.request: Message | None = None
        self.request_passing: Passing | None = None
        self.response_passing: Passing | None = None
        self.settled: asyncio.Future[bool] | None = None
        self.started_at_us = time.time_ns() // 1000
        self.started_ns = time.monotonic_ns()
        self.ticket: Any = None


class Recorder:
    """The addon. `warn` gets a line for a person when calls are lost; `forget` lets it empty the message
    list of raw TCP flows, which nobody else reads in our own proxy."""

    def __init__(
        self,
        sink: Sink,
        *,
        max_body: int = DEFAULT_MAX_BODY,
        keep_secrets: bool = False,
        fail_closed: bool = False,
        warn: Callable[[str], None] = lambda _text: None,
        forget: bool = False,
        broken_off: BrokenOff | None = None,
    ) -> None:
        self.name = "xraytap-recorder"
        self.lost = 0
        self._sink = sink
        self._max_body = max_body
        self._keep_secrets = keep_secrets
        self._fail_closed = fail_closed
        self._warn = warn
        self._forget = forget
        self.broken_off = broken_off
        self._connections: dict[str, tuple[int, str]] = {}
        self._last_connection = 0
        self._calls: dict[str, _Call] = {}
        self._commits = Commits(self._count_loss)

    # -- connections --------------------------------------------------------------------------------

    def client_connected(self, client: Client) -> None:
        """Number the connection."""
        self._number(client)

    def client_disconnected(self, client: Client) -> None:
        """Forget it."""
        self._connections.pop(client.id, None)

    def next_layer(self, nextlayer: NextLayer) -> None:
        """Let what is no HTTP/1 pass as raw bytes."""
        context = nextlayer.context
        if (
            nextlayer.layer is not None
            or len(context.layers) != 1
            or context.client.proxy_mode.type_name != "reverse"
        ):
            return
        data: bytes = cast("Any", nextlayer).data_client()
        if not data or looks_like_http(data):
            return
        scheme = getattr(context.client.proxy_mode, "scheme", "http")
        if scheme == "https":
            if data.startswith(b"\x16\x03"):
                return  # a TLS client: mitmproxy ends its TLS, and asks again
            tls = ServerTLSLayer(context)
            tls.child_layer = TCPLayer(context)
            nextlayer.layer = tls
        else:
            nextlayer.layer = TCPLayer(context)

    # -- HTTP ---------------------------------------------------------------------------------------

    def requestheaders(self, flow: HTTPFlow) -> None:
        """Decide whether it is an RPC, and whether its body is held."""
        request = flow.request
        headers = request.headers
        rpc = is_rpc(request.method, request.path, headers.get("content-type"))
        connection, client = self._number(flow.client_conn)
        call = self._calls[flow.id] = _Call(client, connection, is_rpc=rpc)
        if "expect" in headers:
            # mitmproxy answers `100-continue` itself and takes the header away
            call.head = convert.request_head(request)
        if not rpc:
            call.request_passing = Passing(0)
            request.stream = call.request_passing
        elif request.stream:
            call.request_passing = Passing(self._max_body)
            request.stream = call.request_passing
        elif "content-length" not in headers:
            call.request_passing = Passing(self._max_body)
            watch_late(request, call.request_passing)

    def request(self, flow: HTTPFlow) -> None:
        """Queue the request: from here on the call is in the store."""
        call = self._calls.get(flow.id)
        if call is not None:
            self._begin(call, flow)

    def responseheaders(self, flow: HTTPFlow) -> None:
        """Let long and foreign answers pass without holding them."""
        call = self._calls.get(flow.id)
        response = flow.response
        if call is None or response is None:
            return
        if not call.is_rpc:
            call.response_passing = Passing(0)
            response.stream = call.response_passing
        elif response.stream or "content-length" not in response.headers:
            passing = call.response_passing = Passing(self._max_body, partial(self._before_end, call, flow))
            if response.stream:
                response.stream = passing
            else:
                watch_late(response, passing)

    def response(self, flow: HTTPFlow) -> Awaitable[object] | None:
        """Queue the answer, and have the client wait for its commit."""
        call = self._calls.pop(flow.id, None)
        if call is None or flow.response is None:
            return None
        settled = call.settled or self._finish(call, flow)
        if self._fail_closed:
            return self._closed_unless(settled, flow)
        return settled

    def error(self, flow: HTTPFlow) -> Awaitable[object] | None:
        """Record why there is no (whole) answer; end the client's connection as the host ended ours."""
        call = self._calls.pop(flow.id, None)
        if call is None or flow.error is None:
            return None
        never_connected = flow.server_conn.peername is None
        ending, text = ending_of(
            flow.error.msg, request_complete=call.ticket is not None, never_connected=never_connected
        )
        if ending is Ending.HOST:
            # A made-up 502 would be an answer that the host never gave.
            flow.error.msg = Error.KILLED_MESSAGE
        if call.ticket is None:
            self._begin(call, flow)
        if (
            ending is Ending.HOST
            and self.broken_off is not None
            and not (flow.response and flow.response.stream)
        ):
            return self._pass_on(call, flow, text, self.broken_off)
        return self._finish(call, flow, text)

    # -- raw TCP ------------------------------------------------------------------------------------

    def tcp_message(self, flow: TCPFlow) -> None:
        """Keep the bytes, up to `max_body` each way."""
        call = self._calls.get(flow.id)
        if call is None:
            connection, client = self._number(flow.client_conn)
            call = self._calls[flow.id] = _Call(client, connection, is_rpc=False)
            call.request_passing = Passing(self._max_body)
            call.response_passing = Passing(self._max_body)
        last = flow.messages[-1]
        passing = call.request_passing if last.from_client else call.response_passing
        if passing is not None:
            passing(last.content)
        if call.ticket is None:
            self._begin_raw(call)
        if self._forget:
            flow.messages.clear()

    def tcp_end(self, flow: TCPFlow) -> None:
        """Record the whole conversation."""
        self._end_raw(flow, None)

    def tcp_error(self, flow: TCPFlow) -> None:
        """Record what there was of it."""
        text = flow.error.msg if flow.error else "connection lost"
        self._end_raw(
            flow, ending_of(text, request_complete=True, never_connected=flow.server_conn.peername is None)[1]
        )

    # -- ends ---------------------------------------------------------------------------------------

    @property
    def stored(self) -> int:
        """Calls whose commit was reported."""
        return self._commits.stored

    @property
    def under_way(self) -> int:
        """Calls whose answer has not come."""
        return len(self._calls)

    def settle(self, reason: str) -> None:
        """Give every call under way its end: the tap stops."""
        for call in self._calls.values():
            if call.ticket is not None and call.request is not None:
                self._queue_finish(call, self._exchange(call, None, reason), None)
        self._calls.clear()

    # -- inside -------------------------------------------------------------------------------------

    def _number(self, client: Client) -> tuple[int, str]:
        known = self._connections.get(client.id)
        if known is None:
            self._last_connection += 1
            known = self._connections[client.id] = (self._last_connection, convert.address(client))
        return known

    def _begin(self, call: _Call, flow: HTTPFlow) -> None:
        call.started_at_us = time.time_ns() // 1000
        call.started_ns = time.monotonic_ns()
        request = flow.request
        head = call.head or convert.request_head(request)
        passing = call.request_passing
        content = request.raw_content
        if content is None:
            body = passing.body if passing else b""
            size = passing.size if passing else 0
        else:
            body, size = content, len(content)
        if call.is_rpc:
            if not self._keep_secrets:
                found = redact_request(head, body)
                head, body, call.names = found.head, found.body, tuple(found.names)
            scanned = scan_request(body)
            call.method = scanned.method if scanned else None
        elif not self._keep_secrets:
            head = redact_request(head, b"").head
        call.request = convert.message(head, body, size=size, cut=call.is_rpc and content is None)
        self._queue_begin(call)

    def _begin_raw(self, call: _Call) -> None:
        call.request = convert.message(b"", call.request_passing.body if call.request_passing else b"")
        self._queue_begin(call)

    def _end_raw(self, flow: TCPFlow, error: str | None) -> None:
        call = self._calls.pop(flow.id, None)
        if call is None:
            connection, client = self._number(flow.client_conn)
            call = _Call(client, connection, is_rpc=False)
            call.request_passing, call.response_passing = Passing(0), Passing(0)
            self._begin_raw(call)
        sent, got = call.request_passing, call.response_passing
        if sent is None or got is None:
            return
        call.request = convert.message(b"", sent.body, size=sent.size, cut=sent.size > sent.kept)
        answer = convert.message(b"", got.body, size=got.size, cut=got.size > got.kept) if got.size else None
        self._queue_finish(call, self._exchange(call, answer, error), None)

    def _queue_begin(self, call: _Call) -> None:
        try:
            call.ticket = self._sink.begin(self._exchange(call, None, None))
        except Exception as problem:  # a store that fails must not stop the traffic
            self._count_loss(f"{type(problem).__name__}: {problem}")

    def _finish(self, call: _Call, flow: HTTPFlow, error: str | None = None) -> asyncio.Future[bool]:
        answer = None
        response = flow.response
        if response is not None:
            head = convert.response_head(response)
            content = response.raw_content
            passing = call.response_passing
            if content is None:
                body, size = (passing.body, passing.size) if passing else (b"", 0)
            else:
                body, size = content, len(content)
            if not self._keep_secrets:
                found = redact_response(call.method, head, body if call.is_rpc else b"")
                head, call.names = found.head, (*call.names, *found.names)
                body = found.body if call.is_rpc else body
            answer = convert.message(
                head, body, size=size, cut=call.is_rpc and (content is None or error is not None)
            )
        settled = self._commits.expect()
        self._queue_finish(call, self._exchange(call, answer, error), settled)
        return settled

    async def _pass_on(self, call: _Call, flow: HTTPFlow, text: str, broken_off: BrokenOff) -> None:
        """Record and pass on what the host did send: the client sees it break off as we did."""
        data = broken_off.heard(flow)
        if not data:
            await self._finish(call, flow, text)
            return
        head, mark, body = data.partition(b"\r\n\r\n")
        head += mark
        if not data.startswith(b"HTTP/"):  # no answer at all: `undecodable`, not `no-response`
            head, body, text = b"", data, ""
        if not self._keep_secrets:
            found = redact_response(call.method, head, body)
            head, body, call.names = found.head, found.body, (*call.names, *found.names)
        answer = convert.message(head, body[: self._max_body], size=len(body), cut=bool(text))
        settled = self._commits.expect()
        self._queue_finish(call, self._exchange(call, answer, text or None), settled)
        await settled
        broken_off.pass_on(flow, data)

    def _queue_finish(self, call: _Call, exchange: Exchange, settled: asyncio.Future[bool] | None) -> None:
        if call.ticket is None:
            if settled is not None:
                settled.set_result(False)
            return
        on_commit = None if settled is None else partial(self._commits.committed, settled)
        try:
            self._sink.finish(call.ticket, exchange, on_commit)
        except Exception as problem:  # as above
            self._count_loss(f"{type(problem).__name__}: {problem}")
            if settled is not None and not settled.done():
                settled.set_result(False)

    def _exchange(self, call: _Call, response: Message | None, error: str | None) -> Exchange:
        over = response is not None or error is not None
        return convert.exchange(
            started_at_us=call.started_at_us,
            elapsed_us=(time.monotonic_ns() - call.started_ns) // 1000 if over else None,
            client=call.client,
            connection=call.connection,
            request=call.request or convert.message(b"", b""),
            response=response,
            error=error,
            redacted=call.names,
        )

    def _before_end(self, call: _Call, flow: HTTPFlow) -> bool:
        """The end of a streamed answer: wait for its commit in place, mitmproxy has no hook before it."""
        done = threading.Event()
        outcome = [False]

        def committed(ok: bool) -> None:
            outcome[0] = ok
            done.set()

        call.settled = self._finish_with(call, flow, committed)
        done.wait(STREAM_PATIENCE_S)
        if not call.settled.done():
            call.settled.set_result(outcome[0])
        if not outcome[0]:
            self._count_loss("the store did not confirm it")
        return outcome[0] or not self._fail_closed

    def _finish_with(
        self, call: _Call, flow: HTTPFlow, committed: Callable[[bool], None]
    ) -> asyncio.Future[bool]:
        response = flow.response
        passing = call.response_passing
        settled = self._commits.expect()
        if response is None or passing is None or call.ticket is None:
            committed(False)
            return settled
        head, body = convert.response_head(response), passing.body
        if not self._keep_secrets:
            found = redact_response(call.method, head, body)
            head, body, call.names = found.head, found.body, (*call.names, *found.names)
        answer = convert.message(head, body, size=passing.size, cut=passing.size > passing.kept)
        try:
            self._sink.finish(call.ticket, self._exchange(call, answer, None), committed)
        except Exception:  # as above; counted by the caller
            committed(False)
        return settled

    async def _closed_unless(self, settled: asyncio.Future[bool], flow: HTTPFlow) -> None:
        if await settled or flow.response is None:
            return
        if flow.response.stream:
            flow.error = Error(Error.KILLED_MESSAGE)
            return
        flow.response = Response.make(502, NOT_RECORDED, {"Content-Type": "text/plain; charset=utf-8"})

    def _count_loss(self, reason: str) -> None:
        self.lost += 1
        if self.lost & (self.lost - 1) == 0:  # 1, 2, 4, 8 ...: loud, but no flood
            fate = (
                "refused to the client (--fail-closed)" if self._fail_closed else "passed on but NOT recorded"
            )
            self._warn(f"{self.lost} call(s) {fate}: {reason}. Check free space and access of the store.")
