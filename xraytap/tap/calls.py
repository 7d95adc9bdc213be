"""A call under way, and what is kept of it.

Invariant: what leaves here for the store has its secrets replaced, unless there are no rules for that.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from xraytap.protocol.redact import redact_request, redact_response
from xraytap.tap import convert
from xraytap.tap.streams import Passing

if TYPE_CHECKING:
    import asyncio

    from mitmproxy.http import Request, Response

    from xraytap.protocol.call import Exchange, Message
    from xraytap.protocol.redact_rules import Rules


_LOGIN = (
    b"<?xml version='1.0'?>\n<methodCall>\n<methodName>session.login_with_password</methodName>\n<params>\n"
    b"<param>\n<value><string>root</string></value>\n</param>\n<param>\n<value><string>x</string></value>\n"
    b"</param>\n</params>\n</methodCall>\n"
)


def warm_up() -> None:
    """Have everything imported that redaction needs: a session's first call, the login, should not wait for it."""
    redact_request(b"", _LOGIN)
    redact_response("VM.get_record", b"", b"<methodResponse><!-- --></methodResponse>")


class Call:
    """One call. `ticket` is the writer's, None until the request is queued (or if that failed);
    `settled` is there when the answer was queued before the `response` hook."""

    __slots__ = (
        "client",
        "connection",
        "head",
        "is_rpc",
        "method",
        "names",
        "request",
        "request_passing",
        "response_passing",
        "rules",
        "settled",
        "started_at_us",
        "started_ns",
        "ticket",
    )  # fmt: skip

    def __init__(self, client: str, connection: int, *, is_rpc: bool, rules: Rules | None) -> None:
        self.client = client
        self.connection = connection
        self.is_rpc = is_rpc
        self.rules = rules
        self.head: bytes | None = None
        self.method: str | None = None
        self.names: tuple[str, ...] = ()
        self.request: Message | None = None
        self.request_passing: Passing | None = None
        self.response_passing: Passing | None = None
        self.settled: asyncio.Future[bool] | None = None
        self.ticket: Any = None
        self.start()

    def start(self) -> None:
        """The clock runs from the request's completion."""
        self.started_at_us = time.time_ns() // 1000
        self.started_ns = time.monotonic_ns()

    def take_request(self, request: Request, *, whole: bool) -> None:
        """Keep the request. Of one that is not whole the body is only counted: whether the part that came
        holds a secret may stand in the part that did not."""
        content, passing = request.raw_content, self.request_passing
        body, size = content, len(content or b"")
        if body is None:
            body, size = (passing.body, passing.size) if passing else (b"", 0)
        if not whole:
            body = b""
        head = self.head or convert.request_head(request)
        if self.rules is not None:
            found = redact_request(head, body, self.rules)
            head, body, self.names, self.method = found.head, found.body, found.names, found.method
        self.request = convert.message(
            head, body, size=size, cut=self.is_rpc and (content is None or not whole)
        )

    def take_raw(self, *, whole: bool) -> None:
        """Keep what the client has sent of bytes that are no HTTP; only count it while more may come."""
        sent = self.request_passing or Passing(0)
        body = sent.body if whole else b""
        if self.rules is not None:
            found = redact_request(b"", body, self.rules)
            body, self.names = found.body, found.names
        self.request = convert.message(b"", body, size=sent.size, cut=not whole or sent.size > sent.kept)

    def answer(self, response: Response | None, *, broken: bool) -> Message | None:
        """The answer as kept. `broken`: it is not whole."""
        if response is None:
            return None
        content, passing = response.raw_content, self.response_passing
        if content is not None:
            return self._answer(convert.response_head(response), content, len(content), cut=False)
        if passing is None:
            return self._answer(convert.response_head(response), b"", 0, cut=self.is_rpc)
        cut = self.is_rpc and (broken or passing.size > passing.kept)
        return self._answer(convert.response_head(response), passing.body, passing.size, cut=cut)

    def broken_answer(self, data: bytes) -> tuple[Message, bool]:
        """The answer from bytes that broke off, and whether they are the start of an answer at all."""
        if not data.startswith(b"HTTP/"):
            return self._answer(b"", data, len(data), cut=False), False
        head, mark, body = data.partition(b"\r\n\r\n")
        return self._answer(head + mark, body, len(body), cut=True), True

    def raw_answer(self) -> Message | None:
        """What the host has sent back to bytes that are no HTTP."""
        got = self.response_passing
        if got is None or not got.size:
            return None
        return self._answer(b"", got.body, got.size, cut=got.size > got.kept)

    def exchange(self, response: Message | None = None, error: str | None = None) -> Exchange:
        """The call as it goes to the store."""
        over = response is not None or error is not None
        return convert.exchange(
            started_at_us=self.started_at_us,
            elapsed_us=(time.monotonic_ns() - self.started_ns) // 1000 if over else None,
            client=self.client,
            connection=self.connection,
            request=self.request or convert.message(b"", b""),
            response=response,
            error=error,
            redacted=self.names,
        )

    def _answer(self, head: bytes, body: bytes, size: int, *, cut: bool) -> Message:
        if self.rules is not None:
            found = redact_response(self.method, head, body, self.rules)
            head, body, self.names = found.head, found.body, (*self.names, *found.names)
        return convert.message(head, body, size=size, cut=cut)
