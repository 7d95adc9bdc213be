"""A golden played back, tapped and frozen again is the same text: over real sockets, for real and made-up scenarios."""

from __future__ import annotations

import contextlib
import http.client
import socket
import socketserver
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases.scenarios import TEXTS, Scenario, scenarios, told_by
from tests.cases.xapi import TRANSPORTS, conversation
from tests.playback.host import Client
from tests.recorded import FOLDERS, exchanges
from tests.tap.peers import Tap
from xraytap.playback.server import PlaybackServer
from xraytap.protocol.golden import Golden, Reply
from xraytap.protocol.jsonrpc import encode_json_request
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.symbols import golden_of
from xraytap.protocol.xmlrpc_encode import encode
from xraytap.store.golden import dump_golden, loads_golden
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tap.nursery import Nursery


class Front(socketserver.ThreadingTCPServer):
    """An address that stays while the playback hosts behind it come and go: a tap takes a second to start."""

    daemon_threads = True
    behind: tuple[str, int]


class Pipe(socketserver.BaseRequestHandler):
    """Bytes both ways until one side ends."""

    server: Front

    def handle(self) -> None:
        with socket.create_connection(self.server.behind) as host:
            back = threading.Thread(target=_pump, args=(host, self.request))
            back.start()
            _pump(self.request, host)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Lab:
    """A tap before the front, and a client before the tap."""

    def __init__(self, store: str, nursery: Nursery) -> None:
        self.front = Front(("127.0.0.1", 0), Pipe)
        threading.Thread(target=self.front.serve_forever, args=(0.02,), daemon=True).start()
        port = self.front.server_address[1]
        config = TapConfig(to=f"http://127.0.0.1:{port}", store=store, capture="test")
        self.tap = Tap(config, nursery.start)

    def close(self) -> None:
        self.tap.process.stop()
        self.front.shutdown()
        self.front.server_close()

    def again(self, golden: Golden) -> Golden:
        """What is recorded of `golden` played back to a client that makes its calls."""
        with PlaybackServer(golden, "127.0.0.1") as server:
            self.front.behind = ("127.0.0.1", server.port)
            self._make_calls(golden, Client(server._responder))
            assert [miss.reason for miss in server.unmatched] == []
            assert server.unused() == []
        rows = self.tap.rows(len(golden.calls))
        made = golden_of([(row, decode_exchange(self.tap.exchange(row))) for row in rows], api=golden.api)
        return replace(made, redacted=golden.redacted)  # of unused secrets the tap names fewer

    def _make_calls(self, golden: Golden, client: Client) -> None:
        process = self.tap.process
        connection = http.client.HTTPConnection(process.host, process.port, timeout=20)
        with contextlib.closing(connection):
            for number, (_, request) in enumerate(client.requests(golden, golden.protocol), 1):
                json = request.protocol == "jsonrpc"
                body = encode_json_request(replace(request, id=number)) if json else encode(request)
                kind = "application/json" if json else "text/xml"
                connection.request("POST", "/jsonrpc" if json else "/RPC2", body, {"Content-Type": kind})
                assert connection.getresponse().read()


@pytest.fixture(scope="module")
def lab(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    one = Lab(str(tmp_path_factory.mktemp("round") / "calls.db"), nursery)
    yield one
    one.close()


def played_calls(golden: Golden) -> Golden:
    """The calls that a client of today gets an answer to."""
    return replace(golden, calls=tuple(call for call in golden.calls if call.reply is not Reply.NO_ANSWER))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_recording_of_xend_comes_back(folder: str, lab: Lab) -> None:
    calls = [
        (full_row(each, capture=folder, seq=seq), decode_exchange(each))
        for seq, each in enumerate(exchanges(folder), 1)
    ]
    golden = played_calls(golden_of(calls, api="xend 1.0"))
    assert dump_golden(lab.again(loads_golden(dump_golden(golden)))) == dump_golden(golden)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_conversation_with_xapi_comes_back(transport: str, lab: Lab) -> None:
    talk = conversation(transport)
    calls = [(talk.row(seq), talk.decode(seq)) for seq in range(1, len(talk.exchanges) + 1)]
    golden = golden_of(calls, api="XAPI 2.21")
    assert dump_golden(lab.again(loads_golden(dump_golden(golden)))) == dump_golden(golden)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios(st.lists(TEXTS, max_size=3)))
def test_any_scenario_comes_back(lab: Lab, scenario: Scenario) -> None:
    talk = told_by(scenario)
    calls = [(talk.row(seq), talk.decode(seq)) for seq in range(1, len(talk.exchanges) + 1)]
    golden = golden_of(calls, api="xend 1.0")
    assert dump_golden(lab.again(loads_golden(dump_golden(golden)))) == dump_golden(golden)
