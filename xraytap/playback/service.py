"""What all connections of a playback host share: the responder, the pace, who watches, and what each call was."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xraytap.playback.wire import encode_answer
from xraytap.protocol.call import CallRow, Outcome
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.redact_values import clean_params
from xraytap.protocol.summary import DecodedCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.errors import DecodeError
    from xraytap.playback.nearest import Miss
    from xraytap.playback.responder import Played, Responder
    from xraytap.protocol.messages import Request, Response

_KEPT = 256 * 1024
"""Bytes of an encoded answer that is kept for the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One HTTP request that playback answered. `seq` counts from 1; `recorded` is the number of the golden's
    call, None where the answer is playback's own; `miss` says why the golden has none.

    `request` is as sent, secrets included: show `decoded()`, which has none. `http_status` is None where the
    connection was closed instead.
    """

    seq: int
    started_at_us: int
    elapsed_us: int
    client: str
    connection: int
    http_method: str
    path: str
    http_status: int | None
    request_bytes: int
    response_bytes: int
    request: Request | None = None
    response: Response | None = None
    recorded: int | None = None
    miss: Miss | None = None
    decode_error: DecodeError | None = None

    def decoded(self) -> DecodedCall:
        """The call as described and printed: without secrets."""
        request = self.request
        if request is not None:
            params, secrets = clean_params(request.method, list(request.params))
            request = replace(request, params=tuple(params)) if secrets else request
        return DecodedCall(
            request=request,
            response=self.response,
            answer=None if self.response is None else read_envelope(self.response),
            request_error=self.decode_error,
        )

    def row(self, capture: str, call: DecodedCall) -> CallRow:
        """The call as a line of a list; `call` is `decoded()`."""
        request, answer = call.request, call.answer
        outcome = Outcome.NO_RESPONSE
        if answer is not None:
            outcome = answer.outcome
        elif self.decode_error is not None:
            outcome = Outcome.UNDECODABLE
        elif self.http_status is not None:
            outcome = Outcome.HTTP_ERROR
        code = None
        if answer is not None and answer.error:
            code = str(answer.error[0])
        elif answer is not None and answer.fault is not None:
            code = str(answer.fault.code)
        secrets: list[str] = []
        if self.request is not None and request is not self.request:
            secrets = clean_params(self.request.method, list(self.request.params))[1]
        return CallRow(
            capture=capture,
            seq=self.seq,
            started_at_us=self.started_at_us,
            elapsed_us=self.elapsed_us,
            client=self.client,
            connection=self.connection,
            protocol="http" if request is None and self.decode_error is None else _protocol(request),
            http_method=self.http_method,
            path=self.path,
            method=None if request is None else request.name,
            is_async=request is not None and request.is_async,
            session=None if request is None else request.session,
            outcome=outcome,
            error_code=code,
            http_status=self.http_status,
            request_bytes=self.request_bytes,
            response_bytes=self.response_bytes,
            decode_error=None if self.decode_error is None else str(self.decode_error),
            redacted=tuple(secrets),
            note="playback closed the connection, as recorded" if outcome is Outcome.NO_RESPONSE else None,
        )


def _protocol(request: Request | None) -> str:
    return "xmlrpc" if request is None else request.protocol


@dataclass(slots=True, kw_only=True)
class Service:
    """`strict_paths`: answer RPC on XAPI's paths only, and a body that is no RPC with 500. xend does neither:
    it looks at no path and hangs up on such a body.

    `pace` is by what the recorded time of a call is multiplied; 0 answers at once. `watch` is told of every
    request once it is answered.
    """

    responder: Responder
    strict_paths: bool
    pace: float = 0.0
    watch: Callable[[Served], None] | None = None
    calls: int = 0
    connections: int = 0
    _bodies: dict[int, tuple[Played, bytes, bytes]] = field(default_factory=dict)

    def delay_s(self, played: Played) -> float:
        """How long to wait before the answer goes out."""
        return self.pace * (played.elapsed_ms or 0.0) / 1000

    def encode(self, played: Played, request: Request) -> tuple[bytes, bytes]:
        """Body and content type of an answer; one that stays is encoded once."""
        response = played.response
        if response is None:
            return played.page.encode(), b"text/html"
        if not played.stays or request.protocol != "xmlrpc":
            return encode_answer(response, request)
        known = self._bodies.get(id(played))
        if known is None:
            body, kind = encode_answer(response, request)
            if len(body) > _KEPT:
                return body, kind
            known = self._bodies[id(played)] = (played, body, kind)
        return known[1], known[2]

    def tell(self, served: Callable[[int], Served]) -> None:
        """Number a request and tell whoever watches."""
        self.calls += 1
        if self.watch is not None:
            self.watch(served(self.calls))


def now_us() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000
