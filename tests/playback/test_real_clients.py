"""The recorded clients get through their scenario against playback of it, and do not notice.

Each client's own bytes go to the playback host, tokens and references replaced by those that playback gave it,
as the client would. Its answers must mean what the recorded ones meant.
"""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.recorded import FOLDERS, exchanges, message_of
from xraytap.playback.server import PlaybackServer
from xraytap.protocol.diff import diff_values
from xraytap.protocol.messages import Response
from xraytap.protocol.redact import redact_response
from xraytap.protocol.redact_values import REDACTED
from xraytap.protocol.summary import decode_body, decode_exchange, full_row
from xraytap.protocol.symbols import golden_of, unfit
from xraytap.protocol.values import DateTime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xraytap.protocol.call import Exchange, Message
    from xraytap.protocol.golden import Golden
    from xraytap.protocol.values import Value

UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def kept(exchange: Exchange) -> Exchange:
    """Without the secrets in its answer."""
    call, answer = decode_exchange(exchange), exchange.response
    if call.request is None or answer is None:
        return exchange
    clean = redact_response(call.request.method, answer.head, answer.body)
    return replace(exchange, response=replace(answer, head=clean.head, body=clean.body))


def steady(value: Value) -> Value:
    """The value with its dates taken for one: playback gives those of today."""
    if isinstance(value, DateTime):
        return DateTime("some day")
    if isinstance(value, list):
        return [steady(each) for each in value]
    return {name: steady(each) for name, each in value.items()} if isinstance(value, dict) else value


def golden(folder: str) -> tuple[Golden, list[Exchange]]:
    """What a recording is as a golden, and its exchanges that are calls, as the tap keeps them."""
    calls = []
    for seq, exchange in enumerate(map(kept, exchanges(folder)), 1):
        row, call = full_row(exchange, capture=folder, seq=seq), decode_exchange(exchange)
        if unfit(row, call) is None:
            calls.append((exchange, (row, call)))
    return golden_of([both for _, both in calls], api="xend 1.0"), [exchange for exchange, _ in calls]


class Client:
    """Sends recorded requests over one connection, a new one where the host has closed it."""

    def __init__(self, server: PlaybackServer, unix: Path | None) -> None:
        self._server = server
        self._unix = unix
        self._socket: socket.socket | None = None
        self._known: dict[bytes, bytes] = {}

    def ask(self, message: Message) -> Message | None:
        """The answer, None for a connection closed without one."""
        data = UUID.sub(lambda found: self._known.get(found[0], found[0]), message.head + message.body)
        if self._socket is None:
            self._socket = self._connect()
        self._socket.sendall(data)
        received = b""
        while not self._whole(received):
            chunk = self._socket.recv(65536)
            if not chunk:
                self.close()
                return message_of(received)
            received += chunk
        if data.startswith(b"POST /RPC2 HTTP/1.0"):
            assert self._socket.recv(1) == b""
            self.close()
        return message_of(received)

    def learn(self, recorded: Message, played: Message) -> None:
        """Which recorded token or reference is which of playback's: texts at the same place are the same."""
        for theirs, ours in zip(texts(answer(recorded)), texts(answer(played)), strict=True):
            if theirs != ours and UUID.fullmatch(theirs.encode()):
                assert self._known.setdefault(theirs.encode(), ours.encode()) == ours.encode()

    def as_played(self, text: str) -> str:
        return UUID.sub(lambda found: self._known.get(found[0], found[0]), text.encode()).decode()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connect(self) -> socket.socket:
        if self._unix is None:
            return socket.create_connection((str(self._server.host), self._server.port), timeout=10)
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(10)
        found.connect(str(self._unix))
        return found

    @staticmethod
    def _whole(data: bytes) -> bool:
        head, blank, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
        return bool(blank) and length is not None and len(body) >= int(length[1])


def answer(message: Message) -> Value:
    found = decode_body(message)
    assert isinstance(found, Response)
    return found.value if found.fault is None else [found.fault.code, found.fault.string]


def texts(value: Value) -> Iterator[str]:
    """Every text in a value, names of members included, in order."""
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts(each)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_recorded_client_gets_through_and_does_not_notice(folder: str, tmp_path: Path) -> None:
    played, calls = golden(folder)
    unix = tmp_path / "xen-api.sock" if folder == "py27-unix-socket" else None
    with PlaybackServer(played, None if unix else "127.0.0.1", unix=unix) as server:
        client = Client(server, unix)
        for number, exchange in enumerate(calls, 1):
            ours, recorded = client.ask(exchange.request), exchange.response
            where = f"{folder} call {number}"
            assert (ours is None) == (recorded is None), where
            if ours is None or recorded is None:
                continue
            client.learn(recorded, ours)
            changes = diff_values(
                steady(answer(recorded)),
                steady(answer(ours)),
                same=lambda left, right: left == REDACTED or client.as_played(str(left)) == right,
            )
            assert changes == (), where
        client.close()
        assert [miss.reason for miss in server.unmatched] == []
        assert server.unused() == []


def test_all_recorded_calls_but_those_that_are_none_can_be_played_back() -> None:
    left_out = {folder: len(exchanges(folder)) - len(golden(folder)[1]) for folder in FOLDERS}
    assert {folder: count for folder, count in left_out.items() if count} == {"raw-requests": 6}


@pytest.mark.parametrize("number", [3, 4, 5, 6, 7])
def test_what_is_no_call_gets_what_xend_gave_it(number: int) -> None:
    played, _ = golden("raw-requests")
    exchange = exchanges("raw-requests")[number - 1]
    with PlaybackServer(played) as server:
        client = Client(server, None)
        ours = client.ask(exchange.request)
        client.close()
    if exchange.response is None:
        assert ours is None
    else:
        assert ours is not None
        assert ours.head.split(b" ")[1] == exchange.response.head.split(b" ")[1]
