"""What is kept of one call: the two messages byte for byte, and the small facts that lists need.

An `Exchange` is what the tap saw. A `CallRow` is what a list shows, derivable from the exchange
(`xraytap.protocol.summary`). Both are plain values: times are microseconds since the epoch (UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a call ended; the words of the design."""

    SUCCESS = "success"
    FAILURE = "failure"
    FAULT = "fault"
    HTTP_ERROR = "http-error"
    NO_RESPONSE = "no-response"
    UNDECODABLE = "undecodable"

    @property
    def sign(self) -> str:
        """The one-character sign that stands beside the colour."""
        return _SIGNS[self]


_SIGNS = {
    Outcome.SUCCESS: "+",
    Outcome.FAILURE: "x",
    Outcome.FAULT: "!",
    Outcome.HTTP_ERROR: "h",
    Outcome.NO_RESPONSE: "-",
    Outcome.UNDECODABLE: "?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One HTTP message as kept.

    `head`: start line, header lines and the empty line, CRLF, as sent (`b""` for raw TCP bytes).
    `body`: after transfer coding is undone, content coding (gzip ...) intact; secrets replaced.
    `size`: bytes of body on the wire; larger than `len(body)` when `cut` (over `--max-body`) or when
    the body was streamed and not kept.
    """

    head: bytes
    body: bytes
    size: int
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its answer, if one came.

    `client` is `address:port`; `connection` numbers client connections from 1 inside a capture.
    `error` says why there is no (whole) answer, in words for a person.
    `redacted` names the secrets that were replaced, e.g. `session.login_with_password.pwd`.
    """

    started_at_us: int
    elapsed_us: int | None
    client: str
    connection: int
    request: Message
    response: Message | None
    error: str | None = None
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One line of a list: a call without its bodies.

    `protocol` is `xmlrpc`, `jsonrpc`, `http` (not an RPC: an export, a static page) or `tcp`
    (bytes that are no HTTP). `method` is as on the wire with `Async.` and `InternalAsync.` stripped,
    `None` if not an RPC or not readable. `error_code` is the first element of ErrorDescription for a
    failure, the fault code as text for a fault. `decode_error` is the reason in words.
    """

    capture: str
    seq: int
    started_at_us: int
    elapsed_us: int | None
    client: str
    connection: int
    protocol: str
    http_method: str
    path: str
    method: str | None
    is_async: bool
    session: str | None
    outcome: Outcome
    error_code: str | None
    http_status: int | None
    request_bytes: int
    response_bytes: int
    decode_error: str | None
    redacted: tuple[str, ...]
    note: str | None = None

    @property
    def class_name(self) -> str | None:
        """`VM` of `VM.start`; `xend.domain` of the legacy `xend.domain.pause`; None without a dot."""
        if self.method is None or "." not in self.method:
            return None
        return self.method.rpartition(".")[0]

    @property
    def message(self) -> str | None:
        """`start` of `VM.start`; the whole method where it has no dot."""
        return None if self.method is None else self.method.rpartition(".")[2]

    @property
    def elapsed_ms(self) -> float | None:
        """Milliseconds from the request's completion at the tap to the answer's; None if none came."""
        return None if self.elapsed_us is None else self.elapsed_us / 1000
