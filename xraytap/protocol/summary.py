"""From an exchange to its row and its decoded form: by scan where it must be cheap, in full where asked.

`quick_row` is for the hot path and touches only the start and the end of the bodies. `full_row` decodes
both messages. For a body that decodes they agree; a body that only looks well settles in `full_row`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from xraytap.errors import DecodeError
from xraytap.protocol.call import CallRow, Exchange, Message, Outcome
from xraytap.protocol.envelope import Answer, read_envelope
from xraytap.protocol.http import charset_of, content_decode, find_header, parse_head
from xraytap.protocol.messages import Request, Response
from xraytap.protocol.scan import scan_request, scan_response

if TYPE_CHECKING:
    from xraytap.protocol.messages import Fault

RPC_PATHS = frozenset({"/", "/RPC2", "/json", "/jsonrpc"})
"""Where xend's clients and XAPI's speak RPC; `/json` takes XML-RPC in spite of its name."""

_HEADS = 128
"""A client's heads are the same again and again; so many are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedCall:
    """Both messages decoded. A missing part has its reason in the error beside it, or was never sent."""

    request: Request | None
    answer: Answer | None
    request_error: DecodeError | None = None
    response_error: DecodeError | None = None
    response: Response | None = None

    @property
    def fault(self) -> Fault | None:
        """The fault that the host answered."""
        return None if self.answer is None else self.answer.fault


def is_rpc(http_method: str, path: str, content_type: str | None) -> bool:
    """Whether a request is an RPC call, by what its head says.

    xend checks no path, so a POST of XML or JSON is one anywhere; XAPI's other handlers take PUT and GET,
    or POST with other types.
    """
    if http_method != "POST":
        return False
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.endswith(("xml", "json")):
        return True
    return path.partition("?")[0] in RPC_PATHS and kind in ("", "application/x-www-form-urlencoded")


def decode_exchange(exchange: Exchange, *, request: Request | None = None) -> DecodedCall:
    """Decode both messages in full. Never raises for what a peer sent. `request` is the decoded one for who
    has it: it is made of it."""
    request_error = response_error = None
    try:
        if request is None:
            message = decode_body(exchange.request)
            if not isinstance(message, Request):
                raise DecodeError("the client sent a response, where a request is due")
            request = message
    except DecodeError as error:
        request_error = error
    response: Response | None = None
    if exchange.response is not None:
        try:
            message = decode_body(exchange.response)
            if not isinstance(message, Response):
                raise DecodeError("the host sent a request, where a response is due")
            response = message
        except DecodeError as error:
            response_error = error
    answer = None if response is None else read_envelope(response)
    return DecodedCall(
        request=request,
        answer=answer,
        request_error=request_error,
        response_error=response_error,
        response=response,
    )


def decode_body(message: Message) -> Request | Response:
    """The RPC message in an HTTP message, content coding undone. Raises DecodeError."""
    if message.cut:
        kept = len(message.body)
        if kept < message.size:
            raise DecodeError(f"only {kept} of {message.size} bytes were kept", offset=kept)
        raise DecodeError(f"the body breaks off after {kept} bytes" if kept else "no body came", offset=kept)
    coding, content_type = _content(message.head)
    return decode_bytes(content_decode(message.body, coding), content_type=content_type)


def same_content(one: Message, other: Message) -> bool:
    """Whether two bodies are the same bytes, written in the same way: they then decode to the same."""
    return one.body == other.body and one.cut == other.cut and _content(one.head) == _content(other.head)


@lru_cache(maxsize=_HEADS)
def _content(head: bytes) -> tuple[str | None, str | None]:
    """Content-Encoding and Content-Type."""
    _, headers = parse_head(head)
    return find_header(headers, "content-encoding"), find_header(headers, "content-type")


def decode_bytes(body: bytes, *, content_type: str | None = None) -> Request | Response:
    """The RPC message in a bare body: JSON-RPC if it begins like JSON, else XML-RPC. Raises DecodeError."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from xraytap.protocol.jsonrpc import decode_json

        return decode_json(body)
    from xraytap.protocol.xmlrpc_decode import decode

    return decode(body, charset=charset_of(content_type))


def quick_row(exchange: Exchange, *, capture: str, seq: int) -> CallRow:
    """The row by scan alone: microseconds, whatever the size. What the scan cannot tell is decoded in full."""
    head = _Head(exchange)
    if head.protocol != "rpc":
        return _row(exchange, head, capture, seq)
    scanned = None if head.coded else scan_request(exchange.request.body)
    if scanned is None:
        return full_row(exchange, capture=capture, seq=seq)
    outcome, code = Outcome.NO_RESPONSE, None
    if exchange.response is not None:
        answer = scan_response(exchange.response.body)
        if answer is None or head.status != 200 or exchange.error is not None:
            return full_row(exchange, capture=capture, seq=seq)
        outcome, code = answer.outcome, answer.error_code
    return _row(
        exchange,
        head,
        capture,
        seq,
        protocol="xmlrpc",
        method=scanned.method,
        is_async=scanned.is_async,
        session=scanned.session,
        outcome=outcome,
        error_code=code,
    )


def full_row(exchange: Exchange, *, capture: str, seq: int, decoded: DecodedCall | None = None) -> CallRow:
    """The row from a full decode of both messages, which is `decoded` where that was done already."""
    head = _Head(exchange)
    if head.protocol != "rpc":
        return _row(exchange, head, capture, seq)
    call = decoded or decode_exchange(exchange)
    request, answer = call.request, call.answer
    outcome, code = _outcome(exchange, head, call)
    reason = call.request_error or (call.response_error if outcome is Outcome.UNDECODABLE else None)
    session = request.session if request is not None else None
    return _row(
        exchange,
        head,
        capture,
        seq,
        protocol=_protocol(exchange, request, call.response),
        method=None if request is None else request.name,
        is_async=request is not None and request.is_async,
        session=session,
        outcome=outcome,
        error_code=code if answer is not None else None,
        decode_error=None if reason is None else str(reason),
    )


def _outcome(exchange: Exchange, head: _Head, call: DecodedCall) -> tuple[Outcome, str | None]:
    if exchange.response is None or exchange.error is not None:
        return Outcome.NO_RESPONSE, None
    answer = call.answer
    if head.status is not None and head.status != 200 and answer is None:
        return Outcome.HTTP_ERROR, None
    if call.request_error is not None or answer is None:
        return Outcome.UNDECODABLE, None
    if answer.fault is not None:
        return answer.outcome, str(answer.fault.code)
    return answer.outcome, str(answer.error[0]) if answer.error else None


def _protocol(exchange: Exchange, request: Request | None, response: Response | None) -> str:
    if request is not None:
        return request.protocol
    if response is not None:
        return response.protocol
    return "jsonrpc" if exchange.request.body.lstrip()[:1] in (b"{", b"[") else "xmlrpc"


class _Head:
    """What the heads say: whether it is RPC at all, start line, content coding, status."""

    __slots__ = ("coded", "http_method", "path", "protocol", "status")

    def __init__(self, exchange: Exchange) -> None:
        self.protocol, self.http_method, self.path, self.coded = _asked(exchange.request.head)
        self.status: int | None = None
        if exchange.response is not None and exchange.response.head[:5] == b"HTTP/":
            digits = exchange.response.head[:20].partition(b" ")[2][:3]
            self.status = int(digits) if digits.isdigit() else None
            self.coded = self.coded or b"\ncontent-encoding:" in exchange.response.head.lower()


@lru_cache(maxsize=_HEADS)
def _asked(head: bytes) -> tuple[str, str, str, bool]:
    """What a request's head says: `rpc`, `http` or `tcp`, the HTTP method, the path, whether the body is coded."""
    if not head:
        return "tcp", "", "", False
    start, headers = parse_head(head)
    method, _, rest = start.partition(" ")
    path = rest.partition(" ")[0]
    protocol = "rpc" if is_rpc(method, path, find_header(headers, "content-type")) else "http"
    return protocol, method, path, find_header(headers, "content-encoding") is not None


def _row(
    exchange: Exchange,
    head: _Head,
    capture: str,
    seq: int,
    *,
    protocol: str | None = None,
    method: str | None = None,
    is_async: bool = False,
    session: str | None = None,
    outcome: Outcome | None = None,
    error_code: str | None = None,
    decode_error: str | None = None,
) -> CallRow:
    if outcome is None:
        outcome = _foreign_outcome(exchange, head)
        if head.protocol == "tcp":
            decode_error = exchange.error or "these bytes are no HTTP request"
    return CallRow(
        capture=capture,
        seq=seq,
        started_at_us=exchange.started_at_us,
        elapsed_us=exchange.elapsed_us,
        client=exchange.client,
        connection=exchange.connection,
        protocol=protocol or head.protocol,
        http_method=head.http_method,
        path=head.path,
        method=method,
        is_async=is_async,
        session=session,
        outcome=outcome,
        error_code=error_code,
        http_status=head.status,
        request_bytes=exchange.request.size,
        response_bytes=0 if exchange.response is None else exchange.response.size,
        decode_error=decode_error,
        redacted=exchange.redacted,
        note=exchange.error,
    )


def _foreign_outcome(exchange: Exchange, head: _Head) -> Outcome:
    """The outcome of what is no RPC: an HTTP exchange, or bytes that are no HTTP."""
    if head.protocol == "tcp":
        return Outcome.UNDECODABLE
    if exchange.response is None or exchange.error is not None:
        return Outcome.NO_RESPONSE
    if head.status is not None and head.status >= 400:
        return Outcome.HTTP_ERROR
    return Outcome.SUCCESS
