"""The playback host over real sockets: real clients get through, broken ones do it no harm."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import xmlrpc.client
from typing import TYPE_CHECKING, Any

import pytest

from tests.recorded import exchanges
from xraytap.cli.demo_client import run_example_session
from xraytap.errors import PeerError
from xraytap.playback import connection
from xraytap.playback.server import PlaybackServer, fresh
from xraytap.protocol.xmlrpc_encode import encode_request
from xraytap.shipped import shipped_capture
from xraytap.store.golden import Golden, load_golden, loads_golden

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN = encode_request("session.login_with_password", ["", ""])
XAPI = "xraytap-golden: 1\napi: XAPI 2.21\nstrings: bare\ncalls:\n"
XAPI += "- session.login_with_password: [a, b]\n  answer: !session s1\n"
XAPI += "- VM.x: [!session s1]\n  fails: [CODE, arg]\n- VM.f: [!session s1]\n  fault: [7, odd]\n"


@pytest.fixture
def golden() -> Golden:
    return load_golden(shipped_capture("example-session"))


@pytest.fixture
def server(golden: Golden) -> Iterator[PlaybackServer]:
    with PlaybackServer(golden) as started:
        yield started


@pytest.fixture
def xapi() -> Iterator[PlaybackServer]:
    with PlaybackServer(loads_golden(XAPI)) as started:
        yield started


def post(body: bytes, *, version: str = "1.1", headers: str = "", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = f"POST /RPC2 HTTP/{version}\r\nHost: x\r\nContent-Type: text/xml\r\n{headers}Content-Length: {size}\r\n\r\n"
    return head.encode() + body


def talk(server: PlaybackServer, data: bytes, *, half_close: bool = False) -> bytes:
    """What the host sends until it closes."""
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(data)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        out = b""
        try:
            while chunk := client.recv(65536):
                out += chunk
        except ConnectionResetError:
            pass
        return out


def test_the_example_session_runs_to_its_end(server: PlaybackServer) -> None:
    run_example_session(server.url)
    assert server.unused() == []
    assert server.unmatched == ()


def test_it_runs_again_and_at_once_from_many_clients(server: PlaybackServer) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            run_example_session(server.url)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert server.unmatched == ()


def test_answers_are_xends_bytes_but_for_what_is_fresh(golden: Golden) -> None:
    made = iter(f"{number:08d}-0000-0000-0000-000000000000" for number in range(9))
    lengths = []
    with PlaybackServer(golden, mint=lambda kind: next(made)) as server:
        with xmlrpc.client.ServerProxy(server.url) as host:
            token = host.session.login_with_password("", "")["Value"]  # type: ignore[index,call-overload]
        answer = talk(server, post(encode_request("VM.get_all", [token]), headers="Connection: close\r\n"))
        lengths.append(len(answer.partition(b"\r\n\r\n")[2]))
    recorded = exchanges("py27-example-session")[1].response
    assert recorded is not None
    assert lengths == [len(recorded.body)]


def test_http_1_0_gets_one_answer_and_the_end(server: PlaybackServer) -> None:
    answer = talk(server, post(LOGIN, version="1.0"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"</methodResponse>\n")


def test_a_connection_serves_many_calls_pipelined_or_not(server: PlaybackServer) -> None:
    answer = talk(server, post(LOGIN) * 3 + post(LOGIN, headers="Connection: close\r\n"))
    assert answer.count(b"HTTP/1.1 200 OK") == 4


def test_a_body_in_chunks_and_a_request_in_bytes(server: PlaybackServer) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    middle = len(LOGIN) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (LOGIN[:middle], LOGIN[middle:]))
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        for byte in head + chunks + b"0\r\n\r\n":
            client.send(bytes([byte]))
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_expect_continue_is_answered_before_the_body(server: PlaybackServer) -> None:
    request = post(LOGIN, headers="Expect: 100-continue\r\nConnection: close\r\n")
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(request[: -len(LOGIN)])
        assert client.recv(65536).startswith(b"HTTP/1.1 100")
        client.sendall(LOGIN)
        assert client.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"garbage\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"501"),
        (b"HEAD /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", b"501"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"GET /" + b"a" * 100_000, b"431"),
    ],
    ids=["garbage", "TLS", "no Host", "odd length", "GET", "HEAD", "too long", "endless head"],
)
def test_bad_requests_get_their_status_and_the_host_goes_on(
    server: PlaybackServer, data: bytes, status: bytes
) -> None:
    assert talk(server, data).startswith(b"HTTP/1.1 " + status)
    run_example_session(server.url)


@pytest.mark.parametrize(
    ("line", "status"),
    [("GET / HTTP/1.1", b"405"), ("HEAD /RPC2 HTTP/1.1", b"405"), ("GET /export HTTP/1.1", b"404")],
)
def test_xapi_tells_its_paths_from_others(xapi: PlaybackServer, line: str, status: bytes) -> None:
    answer = talk(xapi, f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 " + status)


def test_a_body_that_grows_too_long_is_refused(
    server: PlaybackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_BODY", 100)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(server, head + b"c8\r\n" + b"a" * 200).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("body", [b"junk", b"", LOGIN[:50], b"<methodResponse/>", b"{"])
def test_xend_hangs_up_on_a_body_that_is_no_call_and_xapi_says_500(
    server: PlaybackServer, xapi: PlaybackServer, body: bytes
) -> None:
    assert talk(server, post(body)) == b""
    assert talk(xapi, post(body, headers="Connection: close\r\n")).startswith(b"HTTP/1.1 500")
    run_example_session(server.url)


@pytest.mark.parametrize("data", [b"", post(LOGIN)[:40], post(LOGIN)[:-9]], ids=["nothing", "head", "body"])
def test_a_client_that_leaves_early_gets_nothing(server: PlaybackServer, data: bytes) -> None:
    answer = talk(server, data, half_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    run_example_session(server.url)


def test_xapi_serves_its_own_paths_alone(xapi: PlaybackServer) -> None:
    client = http.client.HTTPConnection(xapi.host, xapi.port, timeout=10)
    client.request("POST", "/elsewhere", LOGIN)
    assert client.getresponse().status == 404
    client.close()


def ask_json(server: PlaybackServer, document: dict[str, Any]) -> Any:
    client = http.client.HTTPConnection(server.host, server.port, timeout=10)
    client.request("POST", "/jsonrpc", json.dumps(document), {"Content-Type": "application/json"})
    answer = client.getresponse()
    assert answer.getheader("Content-Type") == "application/json"
    found = json.loads(answer.read())
    client.close()
    return found


def test_json_is_answered_in_json(xapi: PlaybackServer) -> None:
    login = {"method": "session.login_with_password", "params": ["a", "b"], "id": 1}
    first = ask_json(xapi, login)
    assert first == {"result": first["result"], "error": None, "id": 1}
    token = first["result"]
    assert token.startswith("OpaqueRef:")
    failure = {"method": "VM.x", "params": [token], "id": 2}
    assert ask_json(xapi, failure) == {"result": None, "error": ["CODE", "arg"], "id": 2}
    assert ask_json(xapi, {"jsonrpc": "2.0"} | failure) == {
        "jsonrpc": "2.0",
        "error": {"code": 1, "message": "CODE", "data": ["arg"]},
        "id": 2,
    }
    assert ask_json(xapi, {"jsonrpc": "2.0"} | login).keys() == {"jsonrpc", "result", "id"}
    fault = ask_json(xapi, {"jsonrpc": "2.0", "method": "VM.f", "params": [token], "id": 3})
    assert (fault["error"]["code"], fault["error"]["message"]) == (7, "odd")


def test_a_port_in_use_is_told(server: PlaybackServer, golden: Golden) -> None:
    with pytest.raises(PeerError, match=f"cannot play back on 127.0.0.1:{server.port}: the port is in use"):
        PlaybackServer(golden, port=server.port).start()


def test_an_address_of_another_machine_is_told(golden: Golden) -> None:
    with pytest.raises(PeerError, match=r"cannot play back on 192\.0\.2\.1:0: "):
        PlaybackServer(golden, "192.0.2.1").start()


def test_stop_ends_open_connections_frees_the_port_and_may_come_twice(golden: Golden) -> None:
    server = PlaybackServer(golden).start()
    with socket.create_connection((server.host, server.port), timeout=10) as client:
        client.sendall(post(LOGIN))
        assert client.recv(65536)
        server.stop()
        server.stop()
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=10)
    with PlaybackServer(golden, port=server.port) as again:
        run_example_session(again.url)


def test_fresh_texts_have_the_shape_of_the_api() -> None:
    assert fresh("XAPI 2.21")("ref").startswith("OpaqueRef:")
    assert len(fresh("XAPI 2.21")("uuid")) == 36
    assert len(fresh("xend 1.0")("ref")) == 36
