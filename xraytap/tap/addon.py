"""The recorder: the mitmproxy addon that hands every exchange to the capture's writer.

A hook only takes bytes and queues them; it never decodes. The request is queued when it is complete, the
answer is released to the client when its commit is reported. If the store loses a call, the traffic goes on
and the loss is counted and said, unless `fail_closed` asks for the opposite.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from mitmproxy.flow import Error
from mitmproxy.http import Response
from mitmproxy.proxy.layers import ServerTLSLayer, TCPLayer

from xraytap.protocol.redact_rules import Rules
from xraytap.protocol.summary import is_rpc
from xraytap.tap import convert
from xraytap.tap.calls import Call
from xraytap.tap.commits import Commits
from xraytap.tap.guess import looks_like_http
from xraytap.tap.lenient import can_be_followed
from xraytap.tap.streams import Passing, watch_late
from xraytap.tap.words import NOT_RECORDED, Ending, ending_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from mitmproxy.connection import Client
    from mitmproxy.http import HTTPFlow
    from mitmproxy.proxy.layer import NextLayer
    from mitmproxy.tcp import TCPFlow

    from xraytap.protocol.call import Exchange

DEFAULT_MAX_BODY = 64 * 1024 * 1024
STREAM_PATIENCE_S = 2.0
"""How long the end of a streamed answer waits for its commit; the whole proxy waits with it."""


class Sink(Protocol):
    """What the recorder needs of `xraytap.store.writer.Writer`."""

    @property
    def problem(self) -> str:
        """Why the last loss happened."""
        ...

    def begin(self, exchange: Exchange, /) -> Any:
        """Queue a request; what comes back is the ticket for its end."""
        ...

    def finish(self, ticket: Any, exchange: Exchange, on_commit: Callable[[bool], None] | None, /) -> None:
        """Queue the end of a call."""
        ...


class BrokenOff(Protocol):
    """Access to an answer that mitmproxy gave up on; only our own proxy has it."""

    def heard(self, flow: HTTPFlow, /) -> bytes:
        """What the host had sent."""
        ...

    def pass_on(self, flow: HTTPFlow, data: bytes, /) -> None:
        """Send bytes to the client as they are."""
        ...


class Recorder:
    """The addon. `warn` gets a line for a person when calls are lost; `forget` lets it empty the message
    list of raw TCP flows, which nobody else reads in our own proxy."""

    def __init__(
        self,
        sink: Sink,
        *,
        max_body: int = DEFAULT_MAX_BODY,
        keep_secrets: bool = False,
        redact: tuple[str, ...] = (),
        fail_closed: bool = False,
        warn: Callable[[str], None] = lambda _text: None,
        forget: bool = False,
        broken_off: BrokenOff | None = None,
    ) -> None:
        self.name = "xraytap-recorder"
        self.lost = 0
        self._sink = sink
        self._max_body = max_body
        self._rules = None if keep_secrets else Rules(redact)
        self._fail_closed = fail_closed
        self._warn = warn
        self._forget = forget
        self.broken_off = broken_off
        self._connections: dict[str, tuple[int, str]] = {}
        self._last_connection = 0
        self._calls: dict[str, Call] = {}
        self._commits = Commits(self._count_loss)

    # -- connections --------------------------------------------------------------------------------

    def client_connected(self, client: Client) -> None:
        """Number the connection."""
        self._number(client)

    def client_disconnected(self, client: Client) -> None:
        """Forget it. What is under way on it has no end if mitmproxy itself gave the connection up."""
        number = self._connections.pop(client.id, (0, ""))[0]
        for key in [key for key, call in self._calls.items() if call.connection == number]:
            call = self._calls.pop(key)
            if call.ticket is not None:
                self._queue_finish(
                    call, call.exchange(None, "the connection broke down inside the tap"), None
                )

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
        if not data or (looks_like_http(data) and can_be_followed(data.lstrip(b"\r\n"))):
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
        call = self._call(flow, is_rpc=rpc)
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
            self._begin(call, flow, whole=True)

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
        if call.ticket is None:  # the host has answered what it has not heard to its end
            self._begin(call, flow, whole=False)
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
            self._begin(call, flow, whole=False)
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
            call = self._call(flow, is_rpc=False)
            call.request_passing = Passing(self._max_body)
            call.response_passing = Passing(self._max_body)
        last = flow.messages[-1]
        passing = call.request_passing if last.from_client else call.response_passing
        if passing is not None:
            passing(last.content)
        if call.ticket is None:
            call.take_raw(whole=False)
            self._queue_begin(call)
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
                self._queue_finish(call, call.exchange(None, reason), None)
        self._calls.clear()

    # -- inside -------------------------------------------------------------------------------------

    def _number(self, client: Client) -> tuple[int, str]:
        known = self._connections.get(client.id)
        if known is None:
            self._last_connection += 1
            known = self._connections[client.id] = (self._last_connection, convert.address(client))
        return known

    def _call(self, flow: HTTPFlow | TCPFlow, *, is_rpc: bool) -> Call:
        connection, client = self._number(flow.client_conn)
        call = Call(client, connection, is_rpc=is_rpc, rules=self._rules)
        self._calls[flow.id] = call
        return call

    def _begin(self, call: Call, flow: HTTPFlow, *, whole: bool) -> None:
        call.start()
        call.take_request(flow.request, whole=whole)
        self._queue_begin(call)

    def _end_raw(self, flow: TCPFlow, error: str | None) -> None:
        call = self._calls.pop(flow.id, None)
        if call is None:  # not a byte came
            return
        call.take_raw(whole=True)
        answer = call.raw_answer()
        if answer is None and error is None:
            error = "the host closed the connection without answering"
        self._queue_finish(call, call.exchange(answer, error), None)

    def _finish(self, call: Call, flow: HTTPFlow, error: str | None = None) -> asyncio.Future[bool]:
        answer = call.answer(flow.response, broken=error is not None)
        settled = self._commits.expect()
        self._queue_finish(call, call.exchange(answer, error), settled)
        return settled

    async def _pass_on(self, call: Call, flow: HTTPFlow, text: str, broken_off: BrokenOff) -> None:
        """Record and pass on what the host did send: the client sees it break off as we did."""
        data = broken_off.heard(flow)
        if not data:
            await self._finish(call, flow, text)
            return
        answer, is_answer = call.broken_answer(data)
        settled = self._commits.expect()
        # What is no answer at all is `undecodable`, for which the bytes are the reason, not `no-response`.
        self._queue_finish(call, call.exchange(answer, text if is_answer else None), settled)
        if await settled or not self._fail_closed:
            broken_off.pass_on(flow, data)

    def _before_end(self, call: Call, flow: HTTPFlow) -> bool:
        """The end of a streamed answer: wait for its commit in place, mitmproxy has no hook before it."""
        if call.ticket is None:  # as in `response`
            self._begin(call, flow, whole=False)
        done = threading.Event()
        outcome: list[bool] = []
        settled = call.settled = self._commits.expect()

        def committed(ok: bool) -> None:
            self._commits.committed(settled, ok)
            outcome.append(ok)
            done.set()

        self._queue_finish(call, call.exchange(call.answer(flow.response, broken=False)), settled, committed)
        done.wait(0 if settled.done() else STREAM_PATIENCE_S)
        return outcome == [True] or not self._fail_closed

    def _queue_begin(self, call: Call) -> None:
        try:
            call.ticket = self._sink.begin(call.exchange())
        except Exception as problem:  # noqa: BLE001  a store that fails must not stop the traffic
            self._count_loss(f"{type(problem).__name__}: {problem}")

    def _queue_finish(
        self,
        call: Call,
        exchange: Exchange,
        settled: asyncio.Future[bool] | None,
        on_commit: Callable[[bool], None] | None = None,
    ) -> None:
        if call.ticket is None:  # its loss is counted
            if settled is not None:
                settled.set_result(False)
            return
        if on_commit is None and settled is not None:
            on_commit = partial(self._commits.committed, settled)
        try:
            self._sink.finish(call.ticket, exchange, on_commit)
        except Exception as problem:  # noqa: BLE001  as above
            self._count_loss(f"{type(problem).__name__}: {problem}")
            if settled is not None and not settled.done():
                settled.set_result(False)

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
            reason = reason or f"the store could not write ({self._sink.problem})"
            self._warn(f"{self.lost} call(s) {fate}: {reason}. Check free space and access of the store.")
