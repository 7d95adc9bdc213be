"""Peers that misbehave: each leaves a call that says what happened, and the tap goes on."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost, Peer, Tap, ok, post
from xraytap.errors import PeerError, UsageError
from xraytap.protocol.call import Outcome
from xraytap.tap.process import TapConfig, TapProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tap.nursery import Nursery


def _still_works(tap: Tap, host: ByteHost) -> None:
    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(ok())
        peer.rest()

    host.talk = talk
    assert ok() == tap.ask(post())
    assert [row.outcome for row in tap.rows(1)] == [Outcome.SUCCESS]


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (b"", Outcome.NO_RESPONSE, "closed the connection without answering"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", Outcome.NO_RESPONSE, "hung up inside the answer's head"),
        (ok()[:-100], Outcome.NO_RESPONSE, "hung up mid-answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Outcome.UNDECODABLE, "at byte"),
        (b"\x00\x01\x02\xff\r\n\r\n", Outcome.UNDECODABLE, "at byte"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            Outcome.NO_RESPONSE,
            "broke off or was malformed",
        ),
    ],
    ids=["nothing", "in the head", "in the body", "ssh", "binary", "bad chunk"],
)
def test_a_host_that_hangs_up_or_talks_nonsense(
    answer: bytes, outcome: Outcome, words: str, tap: Tap, host: ByteHost
) -> None:
    def talk(peer: Peer) -> None:
        peer.message()
        peer.send(answer)

    host.talk = talk
    peer = tap.connect()
    peer.send(post())
    came = peer.rest()
    peer.close()
    assert answer == came
    (row,) = tap.rows(1)
    stored = tap.exchange(row)
    assert outcome == row.outcome
    assert words in f"{stored.error} {row.decode_error}"
    assert answer == (stored.response.head + stored.response.body if stored.response else b"")
    assert row.method == "VM.get_all"
    _still_works(tap, host)


def test_a_client_that_leaves_before_the_answer(tap: Tap, host: ByteHost) -> None:
    left = []

    def talk(peer: Peer) -> None:
        peer.message()
        client.close()
        left.append(peer.rest())

    host.talk = talk
    client = tap.connect()
    client.send(post())
    (row,) = tap.rows(1)
    assert row.outcome == Outcome.NO_RESPONSE
    assert tap.exchange(row).error == "the client hung up before the answer was complete"
    _still_works(tap, host)


def test_a_client_that_leaves_in_its_request(tap: Tap, host: ByteHost) -> None:
    client = tap.connect()
    client.send(post()[:-20])
    client.close()
    (row,) = tap.rows(1)
    assert row.outcome == Outcome.NO_RESPONSE
    assert "the client hung up mid-request" in (tap.exchange(row).error or "")
    _still_works(tap, host)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\x01\x02 nothing like it\n",
        b"EHLO xend\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"CONNECT /console HTTP/1.0\r\n\r\n",
    ],
    ids=["binary", "smtp", "tls", "connect"],
)
def test_garbage_from_the_client_passes_as_raw_bytes(garbage: bytes, tap: Tap, host: ByteHost) -> None:
    def talk(peer: Peer) -> None:
        peer.send(b"reply:" + peer.read(len(garbage)))
        peer.rest()

    host.talk = talk
    client = tap.connect()
    client.send(garbage)
    assert b"reply:" + garbage == client.read(6 + len(garbage))
    client.close()
    (row,) = tap.rows(1)
    assert (row.protocol, row.outcome) == ("tcp", Outcome.UNDECODABLE)
    stored = tap.exchange(row)
    assert stored.response is not None
    assert (garbage, b"reply:" + garbage) == (stored.request.body, stored.response.body)
    _still_works(tap, host)


def test_a_host_that_is_down_is_a_502_in_plain_words(tmp_path: Path, nursery: Nursery) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tap = Tap(
        TapConfig(to=f"http://127.0.0.1:{port}", store=str(tmp_path / "calls.db"), capture="down"),
        nursery.start,
    )
    with tap.process:
        came = tap.ask(post())
        head, _, text = came.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert b"text/plain" in head
        assert (
            f"xraytap: the host 127.0.0.1:{port} could not be reached: connection refused.\n" == text.decode()
        )
        (row,) = tap.rows(1)
        assert row.outcome == Outcome.NO_RESPONSE
        assert tap.exchange(row).error == "the host could not be reached: connection refused"


def test_a_port_in_use_says_by_whom_and_what_to_do(tmp_path: Path, host: ByteHost) -> None:
    config = TapConfig(to=host.url, listen_port=host.port, store=str(tmp_path / "calls.db"), capture="never")
    with pytest.raises(PeerError) as caught:
        TapProcess.start(config)
    text = str(caught.value)
    assert f"cannot listen on 127.0.0.1:{host.port}: the port is in use" in text
    assert f"pid {os.getpid()}" in text
    assert f"--listen 127.0.0.1:{host.port + 1}" in text


@pytest.mark.parametrize(
    "url",
    [
        "xenhost",
        "xenhost:9363",
        "ftp://xenhost",
        "http://",
        "http://h:99999",
        "http://h:0",
        "http://[::1",
        "http://a b:1",
        "http://caf\udce9:1",
        "http://h\x1b]0;x:1",
    ],
)
def test_a_host_that_cannot_be_tapped_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError, match="expected something like http://"):
        TapConfig(to=url)


@pytest.mark.parametrize(
    ("url", "only"),
    [
        ("http://h:9363/RPC2", "http://h:9363"),
        ("https://u:p@h", "https://h"),
        ("http://[::1]:80/?a", "http://[::1]:80"),
    ],
)
def test_a_url_that_says_too_much_is_refused_with_the_one_to_give(url: str, only: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"here {only};")):
        TapConfig(to=url)


def test_a_tap_that_dies_is_reported(tmp_path: Path, host: ByteHost) -> None:
    tap = TapProcess.start(TapConfig(to=host.url, store=str(tmp_path / "calls.db"), capture="dies"))
    os.kill(tap.pid, 9)
    kinds = {event.kind: event.text for event in tap.poll_events(timeout=10)}
    assert "was killed by signal 9; what it has recorded is intact" in kinds["died"]
    tap.stop()
