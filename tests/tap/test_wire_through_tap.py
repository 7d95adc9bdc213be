"""Real traffic through a real tap: the bytes at both ends are the recorded ones, and the calls are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost, Peer, Tap, wire_folders
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS
from xraytap.protocol.summary import decode_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xraytap.protocol.call import CallRow, Exchange

PASSWORD = b"hunter2-planted"
"""The survey's login carries it."""


def _calls(folder: Path) -> Iterator[tuple[str, bytes, bytes]]:
    for line in (folder / "index.tsv").read_text().splitlines()[1:]:
        number, connection = line.split("\t")[:2]
        name = f"{int(number):03d}"
        yield (
            connection,
            (folder / f"{name}.request").read_bytes(),
            (folder / f"{name}.response").read_bytes(),
        )


def _is_recorded_but_for_secrets(row: CallRow, stored: Exchange, request: bytes, response: bytes) -> None:
    assert row.method in {*PARAMETERS, *RESULTS}
    assert PASSWORD not in stored.request.head + stored.request.body
    assert stored.response is not None
    parts = ((request, stored.request), (response, stored.response))
    for sent, kept in parts:
        assert sent.startswith(kept.head)
        assert len(sent) - len(kept.head) == kept.size
        before, after = decode_bytes(sent[len(kept.head) :]), decode_bytes(kept.body)
        assert type(before) is type(after)
    assert any(b"&lt;redacted&gt;" in kept.body for _, kept in parts)


@pytest.mark.parametrize("folder", wire_folders(), ids=lambda path: path.name)
def test_bytes_are_equal_at_both_ends_and_calls_are_stored(folder: Path, tap: Tap, host: ByteHost) -> None:
    calls = list(_calls(folder))
    script = iter(calls)
    arrived: list[bytes] = []

    def talk(peer: Peer) -> None:
        while True:
            first = peer.read(1)
            if not first:
                return
            _, request, response = next(script)
            arrived.append(first + peer.read(len(request) - 1))
            peer.send(response)
            if not response or b"Connection: close" in response or b" HTTP/1.0\r\n" in request:
                return

    host.talk = talk
    answered = []
    current, peer = "", None
    for connection, request, response in calls:
        if peer is None or connection != current:
            if peer is not None:
                peer.close()
            current, peer = connection, tap.connect()
        peer.send(request)
        answered.append(peer.read(len(response)) if response else peer.rest())
    if peer is not None:
        peer.close()

    assert [request for _, request, _ in calls] == arrived
    assert [response for _, _, response in calls] == answered

    rows = tap.rows(len(calls))
    assert len(calls) == len(rows)
    for row, (_, request, response) in zip(rows, calls, strict=True):
        stored = tap.exchange(row)
        if row.redacted:
            _is_recorded_but_for_secrets(row, stored, request, response)
            continue
        assert PASSWORD not in request
        assert request == stored.request.head + stored.request.body
        if row.protocol == "http":
            assert stored.response is not None
            assert response.startswith(stored.response.head)
            assert len(response) == len(stored.response.head) + stored.response.size
        elif response:
            assert stored.response is not None
            assert response == stored.response.head + stored.response.body
        else:
            assert row.outcome == "no-response"
            assert stored.error == "the host closed the connection without answering"
