"""kill -9 under load: every call that the client saw answered is in the store."""

from __future__ import annotations

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost, Peer, ok, post
from xraytap.protocol.call import Outcome
from xraytap.store import open_store
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tap.nursery import Nursery

KILLS = int(os.environ.get("XRAYTAP_KILLS", "20"))  # `make soak` asks for more
CLIENTS = 4


def _call(name: str) -> bytes:
    return post(
        b"<?xml version='1.0'?>\n<methodCall>\n<methodName>%s</methodName>\n</methodCall>\n" % name.encode()
    )


def _kill_once(number: int, host: ByteHost, store: Path, nursery: Nursery) -> tuple[set[str], set[str]]:
    tap = nursery.start(TapConfig(to=host.url, store=str(store), capture=f"kill{number}"))
    answered: list[set[str]] = [set() for _ in range(CLIENTS)]
    enough = threading.Event()

    def load(index: int) -> None:
        peer = Peer(socket.create_connection((tap.host, tap.port), 10))
        try:
            turn = 0
            while True:
                name = f"x.c{index}n{turn}"
                peer.send(_call(name))
                if peer.message() != ok():
                    return
                answered[index].add(name)
                turn += 1
                if sum(map(len, answered)) >= 20 + number * 5:
                    enough.set()
        except OSError:
            return
        finally:
            peer.close()

    threads = [threading.Thread(target=load, args=(index,)) for index in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert enough.wait(20)
    tap.kill()
    for thread in threads:
        thread.join(10)
    with open_store(store) as opened:
        rows = list(opened.calls(tap.capture))
    stored = {row.method or "" for row in rows if row.outcome is not Outcome.NO_RESPONSE}
    return set().union(*answered), stored


def test_every_answered_call_survives_twenty_kills(tmp_path: Path, host: ByteHost, nursery: Nursery) -> None:
    def talk(peer: Peer) -> None:
        while peer.message():
            peer.send(ok())

    host.talk = talk
    with ThreadPoolExecutor(2) as pool:
        results = list(
            pool.map(
                lambda number: _kill_once(number, host, tmp_path / f"{number}.db", nursery), range(KILLS)
            )
        )
    for answered, stored in results:
        assert len(answered) >= 20
        assert set() == answered - stored


@pytest.mark.parametrize("fail_closed", [False, True])
def test_a_store_that_fails_lets_traffic_pass_unless_told_otherwise(
    fail_closed: bool, tmp_path: Path, host: ByteHost, nursery: Nursery
) -> None:
    """The store's file is made unusable by replacing its table under the writer."""
    import sqlite3

    def talk(peer: Peer) -> None:
        while peer.message():
            peer.send(ok())

    host.talk = talk
    store = tmp_path / "calls.db"
    config = TapConfig(to=host.url, store=str(store), capture="fails", fail_closed=fail_closed)
    with nursery.start(config) as tap:
        with sqlite3.connect(store) as database:
            names = [
                row[0] for row in database.execute("select name from sqlite_master where type = 'table'")
            ]
            name = next(one for one in names if one.startswith("call"))
            database.execute(f"alter table {name} rename to gone")
        database.close()
        peer = Peer(socket.create_connection((tap.host, tap.port), 10))
        peer.send(post())
        came = peer.message()
        peer.close()
        if fail_closed:
            assert came.startswith(b"HTTP/1.1 502 ")
            assert b"could not be recorded" in came
        else:
            assert ok() == came
        texts = [event.text for event in tap.poll_events(timeout=10) if event.kind == "warning"]
        assert any("1 call(s)" in text for text in texts)
