"""Each way of framing a message passes unchanged, and is recorded with its body."""

from __future__ import annotations

import gzip

import pytest

from tests.tap.peers import ANSWER_BODY, CALL_BODY, ByteHost, Peer, Tap, ok, post
from xraytap.protocol.call import Outcome

CHUNKED_CALL = (
    b"POST /RPC2 HTTP/1.1\r\nHost: xend\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"%x\r\n%s\r\n0\r\n\r\n" % (len(CALL_BODY), CALL_BODY)
)
CHUNKED_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"%x\r\n%s\r\n0\r\n\r\n" % (len(ANSWER_BODY), ANSWER_BODY)
)
GZIP_ANSWER = ok(gzip.compress(ANSWER_BODY, mtime=0), b"Content-Encoding: gzip")
ODD_HEADERS = post(CALL_BODY, b"x-LOWER: a", b"X-Twice: 1", b"X-Twice: 2", b"Cookie: s=1; t=2", b"X-Empty: ")


@pytest.mark.parametrize(
    ("request_bytes", "answer_bytes", "closes"),
    [
        pytest.param(post(), ok(), False, id="keep-alive"),
        pytest.param(post(version=b"1.0"), ok(version=b"1.0"), True, id="http-1.0"),
        pytest.param(post(), b"HTTP/1.0 200 OK\r\n\r\n" + ANSWER_BODY, True, id="body until close"),
        pytest.param(CHUNKED_CALL, CHUNKED_ANSWER, False, id="chunked"),
        pytest.param(post(), GZIP_ANSWER, False, id="gzip"),
        pytest.param(ODD_HEADERS, ok(ANSWER_BODY, b"X-Odd:  ", b"x-odd: b"[:8]), False, id="odd headers"),
        pytest.param(post(), ok().replace(b"200 OK", b"200 Very well, then"), False, id="reason"),
        pytest.param(post(), b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", False, id="500"),
        pytest.param(post(b"[1", path=b"/jsonrpc"), ok(b"{}"), False, id="json"),
    ],
)
def test_messages_pass_unchanged(
    request_bytes: bytes, answer_bytes: bytes, closes: bool, tap: Tap, host: ByteHost
) -> None:
    arrived = []
    answer_bytes = answer_bytes.replace(b"X-Odd:  \r\n", b"X-Odd: \r\n")

    def talk(peer: Peer) -> None:
        arrived.append(peer.message())
        peer.send(answer_bytes)
        if not closes:
            peer.rest()

    host.talk = talk
    peer = tap.connect()
    peer.send(request_bytes)
    came = peer.rest() if closes else peer.message()
    peer.close()

    assert [request_bytes] == arrived
    assert answer_bytes == came
    (row,) = tap.rows(1)
    stored = tap.exchange(row)
    assert request_bytes.partition(b"\r\n\r\n")[0] == stored.request.head.removesuffix(b"\r\n\r\n")
    assert stored.response is not None
    assert answer_bytes.partition(b"\r\n\r\n")[0] == stored.response.head.removesuffix(b"\r\n\r\n")
    if b"chunked" in request_bytes:
        assert (stored.request.body, stored.response.body) == (CALL_BODY, ANSWER_BODY)
        assert row.outcome == Outcome.SUCCESS


def test_expect_100_continue_is_answered_and_the_header_recorded(tap: Tap, host: ByteHost) -> None:
    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(ok())
        peer.rest()

    host.talk = talk
    head, _, body = post(CALL_BODY, b"Expect: 100-continue").partition(b"\r\n\r\n")
    peer = tap.connect()
    peer.send(head + b"\r\n\r\n")
    assert peer.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 Continue\r\n")
    peer.send(body)
    assert ok() == peer.message()
    peer.close()
    (row,) = tap.rows(1)
    assert b"\r\nExpect: 100-continue\r\n" in tap.exchange(row).request.head


def test_one_connection_carries_many_calls_under_one_number(tap: Tap, host: ByteHost) -> None:
    def talk(peer: Peer) -> None:
        while peer.message():
            peer.send(ok())

    host.talk = talk
    peer = tap.connect()
    for _ in range(5):
        peer.send(post())
        assert ok() == peer.message()
    peer.close()
    rows = tap.rows(5)
    assert len({row.connection for row in rows}) == 1
    assert [row.method for row in rows] == ["VM.get_all"] * 5


def test_what_is_no_rpc_streams_through_and_leaves_a_line(tap: Tap, host: ByteHost) -> None:
    body = b"x" * 700_000

    def talk(peer: Peer) -> None:
        request = peer.message()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert request.startswith((b"GET /export", b"PUT /import"))
        peer.rest()

    host.talk = talk
    assert tap.ask(b"GET /export?uuid=1 HTTP/1.1\r\nHost: xend\r\n\r\n").endswith(body)
    assert tap.ask(
        b"PUT /import HTTP/1.1\r\nHost: xend\r\nContent-Length: 300000\r\n\r\n" + b"y" * 300000
    ).endswith(body)
    rows = tap.rows(2)
    assert [(row.protocol, row.http_method, row.path) for row in rows] == [
        ("http", "GET", "/export?uuid=1"),
        ("http", "PUT", "/import"),
    ]
    assert [(row.request_bytes, row.response_bytes) for row in rows] == [(0, 700_000), (300_000, 700_000)]
    stored = tap.exchange(rows[1])
    assert stored.response is not None
    assert (stored.request.body, stored.response.body) == (b"", b"")


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_a_body_over_max_body_passes_and_is_recorded_cut(chunked: bool, tap: Tap, host: ByteHost) -> None:
    long_call, long_answer = b"c" * 500_000, b"a" * 900_000
    framing = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n"
    request = b"POST /RPC2 HTTP/1.1\r\nHost: xend\r\n" + (framing if chunked else framing % len(long_call))
    answer = b"HTTP/1.1 200 OK\r\n" + (framing if chunked else framing % len(long_answer))
    if chunked:
        request += b"".join(b"%x\r\n%s\r\n" % (50_000, b"c" * 50_000) for _ in range(10)) + b"0\r\n\r\n"
        answer += b"".join(b"%x\r\n%s\r\n" % (90_000, b"a" * 90_000) for _ in range(10)) + b"0\r\n\r\n"
    else:
        request, answer = request + long_call, answer + long_answer
    arrived = []

    def talk(peer: Peer) -> None:
        arrived.append(peer.message())
        peer.send(answer)
        peer.rest()

    host.talk = talk
    came = tap.ask(request)
    assert _content(answer) == _content(came)
    assert [_content(request)] == [_content(one) for one in arrived]
    (row,) = tap.rows(1)
    stored = tap.exchange(row)
    assert stored.response is not None
    assert (row.request_bytes, row.response_bytes) == (500_000, 900_000)
    assert (stored.request.cut, len(stored.request.body)) == (True, 200_000)
    assert (stored.response.cut, len(stored.response.body)) == (True, 200_000)


def _content(message: bytes) -> tuple[bytes, int]:
    head, _, body = message.partition(b"\r\n\r\n")
    return head, sum(body.count(letter) for letter in (b"a", b"c")) - sum(
        len(size) - len(size.replace(b"a", b"").replace(b"c", b""))
        for size in body.split(b"\r\n")
        if b"chunked" in head and len(size) < 8
    )
