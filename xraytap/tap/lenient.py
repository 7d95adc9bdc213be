"""HTTP/1 as real peers speak it, where mitmproxy is stricter. For the tap's own process only.

* Empty lines before a request: some clients send a line feed too many after a body (RFC 9112, 2.2). mitmproxy
  would wait for ever.
* Interim answers (`100 Continue`, `103 Early Hints`): passed on as they came. mitmproxy takes one for the answer.
* Trailers behind a chunked body: dropped, as a proxy may. mitmproxy gives up the connection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from h11 import EndOfMessage
from h11._readers import ChunkedReader
from mitmproxy.net.http import http1
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import _http1

if TYPE_CHECKING:
    from collections.abc import Iterator

_untyped_http1: Any = http1
_layers: Any = _http1

# The whole head of an interim answer; 101 is final, what follows it is another protocol.
_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)\d\d[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")
_CHUNKED = re.compile(r"(?:.*,)?\s*chunked\s*", re.IGNORECASE)


def _waiting(buf: Any) -> Any:
    """What is not read yet; `bytes(buf)` would copy it."""
    return buf._data  # noqa: SLF001


class _ChunkedReader(ChunkedReader):
    def __call__(self, buf: Any) -> Any:
        event = super().__call__(buf)
        return EndOfMessage() if isinstance(event, EndOfMessage) and event.headers else event


class _Server(_layers.Http1Server):  # type: ignore[misc]
    def read_headers(self, event: Any) -> Iterator[Any]:
        if isinstance(event, events.DataReceived):
            while _waiting(self.buf)[:2] == b"\r\n" or _waiting(self.buf)[:1] == b"\n":
                self.buf.maybe_extract_lines()  # takes the empty line away
        yield from super().read_headers(event)


class _Client(_layers.Http1Client):  # type: ignore[misc]
    def read_headers(self, event: Any) -> Iterator[Any]:
        if isinstance(event, events.DataReceived) and self.request:
            while _waiting(self.buf)[:8].startswith(b"HTTP/1.") and _waiting(self.buf)[9:10] == b"1":
                interim = _INTERIM.match(_waiting(self.buf))
                if interim is None:
                    break
                yield commands.SendData(self.context.client, self.buf.maybe_extract_at_most(interim.end()))
        yield from super().read_headers(event)


def be_lenient() -> None:
    """From now on this process speaks HTTP/1 so."""
    from mitmproxy.proxy.layers import http

    users: Any = http
    _layers.ChunkedReader = _ChunkedReader
    users.Http1Server, users.Http1Client = _Server, _Client


def can_be_followed(data: bytes) -> bool:
    """Whether mitmproxy can read the request that begins in `data`, as far as its head is there. What it
    cannot it would refuse with 400; such bytes are better passed on as they are, for the host to judge."""
    end = re.search(rb"\r?\n\r?\n", data)
    if end is None:
        return True
    try:
        request = _untyped_http1.read_request_head(data[: end.start()].replace(b"\r\n", b"\n").split(b"\n"))
        _untyped_http1.expected_http_body_size(request)
    except ValueError:
        return False
    coding = request.headers.get("transfer-encoding")
    return coding is None or _CHUNKED.fullmatch(coding) is not None
