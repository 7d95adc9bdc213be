"""HTTP/1 that mitmproxy alone would hang on, refuse or misread."""

from __future__ import annotations

import pytest

from tests.tap.peers import ANSWER_BODY, CALL_BODY, ByteHost, Peer, Tap, ok, post
from xraytap.protocol.call import Outcome
from xraytap.tap.lenient import can_be_followed

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


def test_empty_lines_before_a_request_are_passed_over(tap: Tap, host: ByteHost) -> None:
    arrived = []

    def talk(peer: Peer) -> None:
        for _ in range(2):
            arrived.append(peer.message())
            peer.send(ok())
        peer.rest()

    host.talk = talk
    peer = tap.connect()
    peer.send(b"\r\n\n" + post() + b"\r\n")  # the last belongs to neither message
    assert ok() == peer.message()
    peer.send(post())
    assert ok() == peer.message()
    peer.close()
    assert arrived == [post(), post()]
    assert [row.outcome for row in tap.rows(2)] == [Outcome.SUCCESS] * 2


@pytest.mark.parametrize(
    "cut", [len(INTERIM), 10, 30], ids=["whole", "cut in the first", "cut in the second"]
)
def test_interim_answers_pass_and_the_final_one_is_recorded(cut: int, tap: Tap, host: ByteHost) -> None:
    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(INTERIM[:cut])
        peer.send(INTERIM[cut:] + ok())
        peer.rest()

    host.talk = talk
    peer = tap.connect()
    peer.send(post())
    assert INTERIM + ok() == peer.read(len(INTERIM + ok()))
    peer.close()
    (row,) = tap.rows(1)
    assert (row.http_status, row.outcome) == (200, Outcome.SUCCESS)


def test_trailers_of_a_chunked_body_are_dropped_and_the_call_goes_through(tap: Tap, host: ByteHost) -> None:
    chunks = b"%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n"
    answer_head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    arrived = []

    def talk(peer: Peer) -> None:
        arrived.append(peer.message())
        peer.send(answer_head + chunks % (len(ANSWER_BODY), ANSWER_BODY))
        peer.rest()

    host.talk = talk
    peer = tap.connect()
    head = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    peer.send(head + chunks % (len(CALL_BODY), CALL_BODY))
    came = peer.message()
    peer.close()
    plain = b"%x\r\n%s\r\n0\r\n\r\n"
    assert arrived == [head + plain % (len(CALL_BODY), CALL_BODY)]
    assert answer_head + plain % (len(ANSWER_BODY), ANSWER_BODY) == came
    assert [row.outcome for row in tap.rows(1)] == [Outcome.SUCCESS]


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(CALL_BODY, b"nonsense"),
        post().replace(b"Content-Length", b"Content-Length: 3\r\nContent-Length"),
        post().replace(b"Content-Length: ", b"Content-Length: -"),
        post().replace(b"Content-Length", b"Transfer-Encoding: gzip\r\nX-Length"),
    ],
    ids=["a header without colon", "two lengths", "a negative length", "no chunks"],
)
def test_a_head_that_nobody_can_follow_is_the_hosts_to_judge(
    request_bytes: bytes, tap: Tap, host: ByteHost
) -> None:
    answer = b"HTTP/1.0 400 Bad request\r\n\r\nwhat is this"
    arrived = []

    def talk(peer: Peer) -> None:
        arrived.append(peer.read(len(request_bytes)))
        peer.send(answer)

    host.talk = talk
    peer = tap.connect()
    peer.send(request_bytes)
    assert answer == peer.rest()
    peer.close()
    assert arrived == [request_bytes]
    (row,) = tap.rows(1)
    assert (row.protocol, row.outcome) == ("tcp", Outcome.UNDECODABLE)
    assert tap.exchange(row).request.body == request_bytes


def test_a_malformed_request_on_a_kept_connection_is_refused_by_the_tap_and_recorded(
    tap: Tap, host: ByteHost
) -> None:
    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(ok())
        peer.rest()

    host.talk = talk
    peer = tap.connect()
    peer.send(post())
    assert ok() == peer.message()
    peer.send(post().replace(b"Content-Length: ", b"Content-Length: -"))
    assert peer.rest().startswith(b"HTTP/1.1 400 Bad Request")
    peer.close()
    row = tap.rows(2)[1]
    assert row.outcome == Outcome.NO_RESPONSE
    assert (
        tap.exchange(row).error
        == "the tap could not read the client's request: invalid content-length header: '-190'"
    )


def test_an_answer_before_the_end_of_its_request_is_recorded(tap: Tap, host: ByteHost) -> None:
    secret = (
        b'{"params": ["root", "geheim"], "method": "session.login_with_password'  # as yet without its end
    )
    refusal = b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def talk(peer: Peer) -> None:
        peer.read_until(b"login_with_password")
        peer.send(refusal)
        peer.rest()

    host.talk = talk
    peer = tap.connect()
    head = b"POST /jsonrpc HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n"
    peer.send(head + secret)
    assert refusal == peer.message()
    peer.close()
    (row,) = tap.rows(1)
    assert (row.http_status, row.outcome, row.request_bytes) == (413, Outcome.HTTP_ERROR, len(secret))
    assert tap.exchange(row).request.body == b""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"POST /RPC2 HTTP/1.0\r\nHost", True),
        (post(), True),
        (post().replace(b"\r\n", b"\n"), True),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", False),
    ],
)
def test_what_can_be_followed(data: bytes, expected: bool) -> None:
    assert expected == can_be_followed(data)
