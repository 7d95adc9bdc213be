"""Ways to a host, and to the tap, beside plain TCP over IPv4."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import Peer, Tap, ok, post
from xraytap.errors import UsageError
from xraytap.protocol.call import Outcome
from xraytap.tap.config import host_of
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tap.nursery import Nursery


@contextlib.contextmanager
def _answering(listener: socket.socket) -> Iterator[None]:
    """A host on any kind of socket, for one connection."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            peer = Peer(listener.accept()[0])
            while peer.message():
                peer.send(ok())
            peer.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield
    thread.join(10)


def test_a_host_on_a_unix_socket(tmp_path: Path, nursery: Nursery) -> None:
    path = tmp_path / "xen-api.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    tap = Tap(TapConfig(to=f"unix://{path}", store=str(tmp_path / "calls.db"), capture="unix"), nursery.start)
    with tap.process, _answering(listener):
        peer = tap.connect()
        for _ in range(2):
            peer.send(post())
            assert ok() == peer.message()
        peer.close()
        assert [(row.connection, row.outcome) for row in tap.rows(2)] == [(1, Outcome.SUCCESS)] * 2


def test_a_unix_socket_that_is_not_there_is_a_502_in_plain_words(tmp_path: Path, nursery: Nursery) -> None:
    path = tmp_path / "nosuch.sock"
    tap = Tap(TapConfig(to=f"unix:{path}", store=str(tmp_path / "calls.db"), capture="unix"), nursery.start)
    with tap.process:
        assert f"the host {path} could not be reached: no such socket" in tap.ask(post()).decode()
        (row,) = tap.rows(1)
        assert tap.exchange(row).error == "the host could not be reached: no such socket"


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_host_and_tap_on_ipv6(tmp_path: Path, nursery: Nursery) -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    url = f"http://[::1]:{listener.getsockname()[1]}"
    tap = Tap(
        TapConfig(to=url, listen_host="::1", store=str(tmp_path / "calls.db"), capture="six"), nursery.start
    )
    with tap.process, _answering(listener):
        assert ok() == tap.ask(post())
        (row,) = tap.rows(1)
        assert row.client.startswith("[::1]:")


@pytest.mark.parametrize(
    "url", ["unix:", "unix://", "unix://relative.sock", "unix:///a\nb", "unix:///" + "x" * 200]
)
def test_what_is_no_socket_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError, match=r"expected something like unix:///var/run/xend/xen-api\.sock"):
        host_of(url)
