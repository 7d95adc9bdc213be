"""The sending client over real sockets: what goes out, what comes back, and what goes wrong."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ANSWER_BODY, ByteHost, Peer, ok
from xraytap.errors import PeerError, UsageError
from xraytap.protocol.datamodel import load
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_exchange
from xraytap.replay.client import Client, send_once, without_secrets
from xraytap.replay.target import parse_target
from xraytap.replay.wire import in_protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.protocol.call import Exchange
    from xraytap.replay.target import Target

CALL = Request(method="VM.get_all", params=("68e3a009",))


def talks(answer: bytes, *, times: int = 1_000, seen: list[bytes] | None = None) -> Callable[[Peer], None]:
    """A host that gives `answer` to every request on a connection, so many times, and closes."""

    def talk(peer: Peer) -> None:
        for _ in range(times):
            request = peer.message()
            if not request:
                return
            if seen is not None:
                seen.append(request)
            peer.send(answer)

    return talk


def ask(target: Target, *calls: Request, safe: bool = False, timeout_s: float = 5.0) -> list[Exchange]:
    """The calls one after the other on one client."""

    async def run() -> list[Exchange]:
        async with Client(target) as client:
            return [await client.send(each, safe=safe, timeout_s=timeout_s) for each in calls]

    return asyncio.run(run())


def test_a_call_is_sent_as_python_writes_it_and_its_answer_kept(host: ByteHost) -> None:
    seen: list[bytes] = []
    host.talk = talks(ok(), seen=seen)
    exchange = send_once(parse_target(host.url), CALL)
    assert exchange.request.head + exchange.request.body == seen[0]
    assert b"\r\nHost: 127.0.0.1:%d\r\n" % host.port in exchange.request.head
    assert exchange.response is not None
    assert exchange.response.head + exchange.response.body == ok()
    assert decode_exchange(exchange).answer is not None
    assert exchange.elapsed_us is not None


def test_a_connection_is_kept_for_the_next_call(host: ByteHost) -> None:
    host.talk = talks(ok())
    assert [each.connection for each in ask(parse_target(host.url), CALL, CALL, CALL)] == [1, 1, 1]


def test_an_http_1_0_host_gets_a_connection_per_call(host: ByteHost) -> None:
    host.talk = talks(ok(version=b"1.0"), times=1)
    found = ask(parse_target(host.url), CALL, CALL)
    assert [each.connection for each in found] == [1, 2]
    assert [each.response.body for each in found if each.response] == [ANSWER_BODY, ANSWER_BODY]


def test_an_answer_without_a_length_ends_with_the_connection(host: ByteHost) -> None:
    host.talk = talks(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + ANSWER_BODY, times=1)
    response = send_once(parse_target(host.url), CALL).response
    assert response is not None
    assert response.body == ANSWER_BODY


def test_a_chunked_answer_is_whole(host: ByteHost) -> None:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ANSWER_BODY), ANSWER_BODY)
    host.talk = talks(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    response = send_once(parse_target(host.url), CALL).response
    assert response is not None
    assert response.body == ANSWER_BODY


def test_a_kept_connection_found_closed_is_replaced(host: ByteHost) -> None:
    closed = threading.Event()

    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(ok())
        peer.close()
        closed.set()

    host.talk = talk

    async def run() -> list[int]:
        async with Client(parse_target(host.url)) as client:
            first = await client.send(CALL)
            await asyncio.to_thread(closed.wait, 5)
            async with asyncio.timeout(5):
                while client._idle[0].is_open:  # noqa: ASYNC110  the loop has to read the end of the stream
                    await asyncio.sleep(0)
            second = await client.send(CALL)
            return [first.connection, second.connection]

    assert asyncio.run(run()) == [1, 2]


def drops_the_second(asked: list[int]) -> Callable[[Peer], None]:
    """A host that takes the second request of its first connection and hangs up without an answer."""

    def talk(peer: Peer) -> None:
        while peer.message():
            asked.append(1)
            if len(asked) == 2:
                return
            peer.send(ok())

    return talk


def test_a_call_that_may_have_arrived_is_not_sent_again(host: ByteHost) -> None:
    asked: list[int] = []
    host.talk = drops_the_second(asked)
    found = ask(parse_target(host.url), CALL, CALL)
    assert (found[1].response, found[1].error) == (None, "the host closed the connection without an answer")
    assert len(asked) == 2


def test_a_call_that_changes_nothing_may_go_out_again_when_a_kept_connection_closes(host: ByteHost) -> None:
    asked: list[int] = []
    host.talk = drops_the_second(asked)
    found = ask(parse_target(host.url), CALL, CALL, safe=True)
    assert [each.response is not None for each in found] == [True, True]
    assert len(asked) == 3


def test_a_call_that_changes_nothing_is_not_repeated_on_a_fresh_connection(host: ByteHost) -> None:
    seen: list[bytes] = []

    def talk(peer: Peer) -> None:
        seen.append(peer.message())

    host.talk = talk
    assert ask(parse_target(host.url), CALL, safe=True)[0].response is None
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "the host closed the connection without an answer"),
        (ok()[:-20], "the host closed the connection in the middle of its answer"),
        (b"SSH-2.0-OpenSSH_9.7\r\n\r\n", "what came back is no HTTP answer"),
    ],
)
def test_an_answer_that_is_none_says_why(host: ByteHost, answer: bytes, reason: str) -> None:
    host.talk = talks(answer, times=1)
    exchange = send_once(parse_target(host.url), CALL)
    assert exchange.response is None
    assert exchange.error is not None
    assert exchange.error.startswith(reason)


def test_a_host_that_hangs_is_given_up_after_the_timeout(host: ByteHost) -> None:
    done = threading.Event()

    def talk(peer: Peer) -> None:
        peer.message()
        done.wait(10)

    host.talk = talk
    exchange = send_once(parse_target(host.url), CALL, timeout_s=0.2)
    done.set()
    assert (exchange.response, exchange.error) == (None, "no answer within 0.2 s")
    assert exchange.elapsed_us is not None
    assert exchange.elapsed_us >= 190_000


def test_a_unix_socket_is_a_host(tmp_path: Path) -> None:
    path = tmp_path / "xen-api.sock"
    seen: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            peer = Peer(listener.accept()[0])
            talks(ok(), times=1, seen=seen)(peer)
            peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        exchange = send_once(parse_target(f"unix://{path}"), CALL)
        thread.join(10)
    assert exchange.response is not None
    assert f"\r\nHost: {path}\r\n".encode() in seen[0]


def test_a_call_recorded_as_xml_can_go_out_as_json_and_back(host: ByteHost) -> None:
    seen: list[bytes] = []
    host.talk = talks(ok(b'{"jsonrpc": "2.0", "result": ["OpaqueRef:1"], "id": 1}'), seen=seen)
    exchange = send_once(parse_target(host.url), in_protocol(CALL, "jsonrpc", load("xapi")))
    assert seen[0].startswith(b"POST /jsonrpc HTTP/1.1\r\n")
    call = decode_exchange(exchange)
    assert call.request is not None
    assert (call.request.method, call.request.params) == (CALL.method, CALL.params)
    assert call.answer is not None
    assert call.answer.value == ["OpaqueRef:1"]
    assert in_protocol(call.request, "xmlrpc", load("xapi")) == CALL


def test_a_password_does_not_stay_in_what_is_kept(host: ByteHost) -> None:
    host.talk = talks(ok())
    login = Request(method="session.login_with_password", params=("root", "planted-pw"))
    exchange = send_once(parse_target(host.url), login)
    kept = without_secrets(exchange)
    assert b"planted-pw" in exchange.request.body
    assert b"planted-pw" not in kept.request.body
    assert kept.redacted == ("session.login_with_password.pwd",)


def test_a_port_where_nobody_listens_is_told_apart(host: ByteHost) -> None:
    host.close()
    with pytest.raises(PeerError, match="refused: nothing listens there"):
        send_once(parse_target(host.url), CALL)
    with pytest.raises(PeerError, match="refused: nothing listens there"):
        send_once(parse_target(f"http://localhost:{host.port}"), CALL)


def test_a_name_that_nobody_knows_is_told_apart() -> None:
    with pytest.raises(PeerError, match=r"the name 'xenhost\.invalid' is not known"):
        send_once(parse_target("http://xenhost.invalid:9363"), CALL)


def test_a_socket_that_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="there is no such socket"):
        send_once(parse_target(f"unix://{tmp_path}/none.sock"), CALL)


def test_a_host_without_tls_is_told_apart(host: ByteHost) -> None:
    host.talk = lambda peer: peer.send(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    with pytest.raises(PeerError, match="does not speak TLS as expected"):
        send_once(parse_target(f"https://127.0.0.1:{host.port}"), CALL)


@pytest.mark.parametrize(
    ("url", "authority", "loopback"),
    [
        ("http://xenhost:9363", "xenhost:9363", False),
        ("https://xenhost", "xenhost", False),
        ("http://[::1]:80/RPC2", "[::1]", True),
        ("http://127.0.0.1:9363", "127.0.0.1:9363", True),
        ("unix:///var/run/xend/xen-api.sock", "/var/run/xend/xen-api.sock", True),
    ],
)
def test_a_url_of_a_host_is_taken_apart(url: str, authority: str, loopback: bool) -> None:
    target = parse_target(url)
    assert (target.authority, target.is_loopback) == (authority, loopback)


@pytest.mark.parametrize(
    "url",
    ["xenhost:9363", "ftp://xenhost", "http://", "http://xenhost:x", "unix://x", "http://root:pw@xenhost"],
)
def test_what_is_no_url_of_a_host_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_target(url)


def test_insecure_is_for_https_only() -> None:
    with pytest.raises(UsageError, match="certificates"):
        parse_target("http://xenhost", insecure=True)
