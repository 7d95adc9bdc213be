"""What counts as the start of an HTTP request."""

from __future__ import annotations

import pytest

from xraytap.tap.guess import looks_like_http
from xraytap.tap.words import Ending, ending_of


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"POST /RPC2 HTTP/1.0\r\nHost: x", True),
        (b"GET / HTTP/1.1\n", True),
        (b"\r\nPOST / HTTP/1.1\r\n", True),
        (b"PO", True),
        (b"POST /RP", True),
        (b"POST /RPC2 HTTP/1.", True),
        (b"\r\n", True),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", False),
        (b"CONNECT /console?uuid=1 HTTP/1.0\r\n", False),
        (b"EHLO xend\r\n", False),
        (b"\x16\x03\x01\x02\x00", False),
        (b"<?xml version='1.0'?>", False),
        (b"POST /RPC2 FTP/1.0", False),
        (b"x" * 40, False),
        (b"GET /" + b"a" * 70000, False),
    ],
)
def test_first_bytes(data: bytes, expected: bool) -> None:
    assert expected == looks_like_http(data)


@pytest.mark.parametrize(
    ("message", "complete", "never", "ending"),
    [
        ("Client disconnected.", True, False, Ending.CLIENT),
        ("HTTP/1 protocol error: x (received 5 bytes, expected 10)", False, True, Ending.CLIENT),
        ("HTTP/1 protocol error: x (received 5 bytes, expected 10)", True, False, Ending.HOST),
        ("[Errno 111] Connect call failed ('127.0.0.1', 1)", True, True, Ending.UNREACHABLE),
        ("server closed connection", True, False, Ending.HOST),
        ("Connection killed.", True, False, Ending.OTHER),
    ],
)
def test_who_ended_it(message: str, complete: bool, never: bool, ending: Ending) -> None:
    assert ending == ending_of(message, request_complete=complete, never_connected=never)[0]
