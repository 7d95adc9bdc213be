"""What a connection is, from its first bytes."""

from __future__ import annotations

import re

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}"
_REQUEST_LINE = re.compile(_TOKEN + rb" +[^\s]+ +HTTP/1\.\d\r?\n")
_REQUEST_START = re.compile(_TOKEN + rb"(?: +[\x21-\xff]*(?: +[HTP/1.\d]*)?)?\r?")
_LINE_LIMIT = 65536


def looks_like_http(data: bytes) -> bool:
    """Whether the first bytes of a connection are, or may become, an HTTP/1 request line.

    CONNECT is left out: behind it is no HTTP that could be recorded.
    """
    data = data.lstrip(b"\r\n")
    if data.startswith(b"CONNECT "):
        return False
    if b"\n" in data[:_LINE_LIMIT]:
        return _REQUEST_LINE.match(data) is not None
    return len(data) < _LINE_LIMIT and (not data or _REQUEST_START.fullmatch(data) is not None)
