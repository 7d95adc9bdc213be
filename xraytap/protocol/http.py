"""HTTP heads and whole messages as bytes: just enough to read what was kept.

No client or server: the tap and playback leave HTTP on the socket to libraries. This reads recorded heads.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from xraytap.errors import DecodeError

_START = re.compile(rb"(?:[A-Z]{1,20} \S+ HTTP/\d(?:\.\d)?|HTTP/\d(?:\.\d)? \d{3}[^\r\n]*)\r?\n")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._\-]+)""", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]+")
MAX_INFLATED = 256 * 1024 * 1024
"""Bytes beyond which a compressed body is refused: a small body may inflate without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMessage:
    """A whole message. `start` is the start line, `headers` in wire order, `body` without transfer coding."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_request(self) -> bool:
        """Whether the start line is that of a request."""
        return not self.start.startswith("HTTP/")

    @property
    def status(self) -> int | None:
        """The status code of a response."""
        return None if self.is_request else int(self.start.split(" ", 2)[1][:3])

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return find_header(self.headers, name)


def find_header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    """The header of that name, in any case; one that comes several times as the list that it is (RFC 9110, 5.3)."""
    name = name.lower()
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def looks_like_http(data: bytes) -> bool:
    """Whether `data` begins with a request line or a status line."""
    return _START.match(data) is not None


def parse_head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Start line and headers. Lenient: a line without a colon becomes a header with an empty value, a folded
    line is one line."""
    lines = _FOLD.sub(" ", head.decode("latin-1")).replace("\r\n", "\n").rstrip("\n").split("\n")
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    return lines[0], tuple(headers)


def parse_message(data: bytes) -> HttpMessage:
    """The message that `data` is, chunked transfer coding undone, a body cut to its Content-Length.

    Raises DecodeError if it begins with neither a request line nor a status line, or its chunks are broken.
    """
    if not looks_like_http(data):
        raise DecodeError("no HTTP request or status line")
    end = re.search(rb"\r?\n\r?\n", data)
    head, rest, at = (
        (data, b"", len(data)) if end is None else (data[: end.end()], data[end.end() :], end.end())
    )
    start, headers = parse_head(head)
    if "chunked" in (find_header(headers, "transfer-encoding") or "").lower():
        rest = _unchunk(rest, at)
    else:
        length = (find_header(headers, "content-length") or "").strip()
        if length.isascii() and length.isdigit() and len(length) < 19:
            rest = rest[: int(length)]
    return HttpMessage(start=start, headers=headers, body=rest)


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type."""
    match = _CHARSET.search(content_type or "")
    return match[1] if match else None


def content_decode(body: bytes, encoding: str | None) -> bytes:
    """`body` with its Content-Encoding undone: identity, gzip, deflate, zstd, br.

    Raises DecodeError for an unknown coding, a broken body, or one that inflates past MAX_INFLATED.
    """
    for name in reversed([each.strip().lower() for each in (encoding or "").split(",")]):
        if name in ("", "identity"):
            continue
        body = _inflate(body, name)
    return body


def _inflate(body: bytes, name: str) -> bytes:
    try:
        if name in ("gzip", "x-gzip"):
            return _zlib(body, 31)
        if name == "deflate":
            try:
                return _zlib(body, 15)
            except zlib.error:
                return _zlib(body, -15)  # what some servers mean by deflate
        if name == "zstd":
            import zstandard

            return zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_INFLATED)
        if name == "br":
            import brotli  # type: ignore[import-untyped]

            return bytes(brotli.decompress(body))
    except DecodeError:
        raise
    except Exception as error:  # noqa: BLE001  each coding library has errors of its own
        raise DecodeError(f"the body is no {name}: {error}") from None
    raise DecodeError(f"the content encoding {name!r} is unknown; known are gzip, deflate, zstd, br")


def _zlib(body: bytes, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits)
    data = inflater.decompress(body, MAX_INFLATED)
    if inflater.unconsumed_tail:
        raise DecodeError(f"the compressed body inflates to more than {MAX_INFLATED} bytes")
    if not inflater.eof:
        raise DecodeError("the compressed body is cut off")
    return data


def _unchunk(data: bytes, at: int) -> bytes:
    out: list[bytes] = []
    pos = 0
    while True:
        line = data.find(b"\n", pos)
        size = data[pos:line].split(b";")[0].strip() if line >= 0 else b""
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,12}", size):
            raise DecodeError("a broken chunk size line", offset=at + pos)
        length = int(size, 16)
        pos = line + 1
        if length == 0:
            return b"".join(out)
        if pos + length > len(data):
            raise DecodeError("the chunked body is cut off", offset=at + len(data))
        out.append(data[pos : pos + length])
        pos = data.find(b"\n", pos + length) + 1
        if pos == 0:
            raise DecodeError("the chunked body is cut off", offset=at + len(data))
