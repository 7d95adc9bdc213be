"""The plainest answers, read without h11, against h11's own reading."""

from __future__ import annotations

import h11
import pytest

from xraytap.replay.plain import plain_answer, written

_REQUEST, _ = written("/RPC2", (("Host", "h"), ("Content-Length", "0")))


def by_h11(data: bytes) -> bytes | None:
    """The body that h11 reads of a whole answer after which the connection is kept; None for anything else."""
    http = h11.Connection(h11.CLIENT)
    http.send(_REQUEST)
    http.send(h11.EndOfMessage())
    http.receive_data(data)
    body = b""
    while not isinstance(event := http.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            return None
        if isinstance(event, h11.Data):
            body += bytes(event.data)
    return body if http.our_state is not h11.MUST_CLOSE and not http.trailing_data[0] else None


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n",
        b"HTTP/1.1 500 Oh, no\r\nContent-Type: text/xml; charset=utf-8\r\nCONTENT-LENGTH: 4\r\n\r\n\r\n\r\n",
        b"HTTP/1.1 401 \r\nContent-Length: 2\r\nDate: Mon, 1 Jan 2007 00:00:00 GMT\r\n\r\nno",
    ],
)
def test_a_plain_answer_is_read_as_h11_reads_it(data: bytes) -> None:
    plain = plain_answer(data)
    assert plain is not None
    assert plain.head + plain.body == data
    assert plain.body == by_h11(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\nConnection: close\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive, close\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nUpgrade: h2c\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: \xe9\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 5000 + b"\r\nContent-Length: 3\r\n\r\nabc",
    ],
)
def test_what_is_not_plain_is_left_to_h11(data: bytes) -> None:
    assert plain_answer(data) is None


def test_a_head_that_http_forbids_is_not_written() -> None:
    with pytest.raises(h11.LocalProtocolError):
        written("/RPC2\r\nX: 1", (("Host", "h"),))
