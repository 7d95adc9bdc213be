"""HTTP heads, whole messages and content codings."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from tests.recorded import ROOT
from xraytap.errors import DecodeError
from xraytap.protocol import http
from xraytap.protocol.http import charset_of, content_decode, looks_like_http, parse_message


def test_splits_recorded_messages() -> None:
    for path in sorted(ROOT.glob("*/*.re*")):
        data = path.read_bytes()
        if not data:
            continue
        message = parse_message(data)
        assert message.is_request is path.name.endswith("request"), path
        assert data.endswith(message.body)
        assert message.header("CONTENT-TYPE") in ("text/xml", "text/html", None)


@pytest.mark.parametrize(
    ("data", "is_http"),
    [
        (b"POST / HTTP/1.0\n\n", True),
        (b"HTTP/1.1 200 OK\r\n", True),
        (b"<a/>", False),
        (b"POST /\r\n", False),
    ],
)
def test_tells_http_from_a_bare_body(data: bytes, is_http: bool) -> None:
    assert looks_like_http(data) is is_http


def test_undoes_chunks() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    assert parse_message(data).body == b"abcde"


@pytest.mark.parametrize("chunks", [b"3\r\nab", b"x\r\n", b"3\r\nabc", b"3\r\nabc\r\n", b""])
def test_refuses_broken_chunks(chunks: bytes) -> None:
    with pytest.raises(DecodeError):
        parse_message(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)


def test_cuts_the_body_to_its_length() -> None:
    assert parse_message(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcd").body == b"ab"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("x-gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
        ("zstd", zstandard.ZstdCompressor().compress(b"hello")),
        ("identity", b"hello"),
        (None, b"hello"),
        ("deflate, gzip", gzip.compress(zlib.compress(b"hello"), mtime=0)),
    ],
)
def test_undoes_content_codings(coding: str | None, packed: bytes) -> None:
    assert content_decode(packed, coding) == b"hello"


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", b"junk"), ("gzip", gzip.compress(b"hello", mtime=0)[:-9]), ("rot13", b"x"), ("br", b"\xff")],
)
def test_refuses_broken_or_unknown_codings(coding: str, body: bytes) -> None:
    with pytest.raises(DecodeError):
        content_decode(body, coding)


def test_a_small_body_may_not_inflate_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_INFLATED", 1000)
    with pytest.raises(DecodeError, match="inflates"):
        content_decode(gzip.compress(bytes(100_000)), "gzip")


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("text/xml; charset=UTF-8", "UTF-8"),
        ('text/xml; charset="koi8-r"', "koi8-r"),
        ("text/xml", None),
        (None, None),
    ],
)
def test_reads_the_charset(value: str | None, charset: str | None) -> None:
    assert charset_of(value) == charset
