"""The guard: this machine stays open, every other one is out of reach, by whatever way Python connects."""

from __future__ import annotations

import asyncio
import http.client
import socket
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from xraytap.loops import loop_factory
from xraytap.testing.guard import NetworkBlocked, is_local, loopback_only

if TYPE_CHECKING:
    from collections.abc import Callable

# Of the blocks for documentation: nobody has them, and nothing answers should the guard fail.
FAR = ("192.0.2.1", 9)
FAR6 = ("2001:db8::1", 9, 0, 0)


def connect_ex() -> None:
    with socket.socket() as client:
        client.settimeout(0.1)
        client.connect_ex(FAR)


def connect_6() -> None:
    with socket.socket(socket.AF_INET6) as client:
        client.settimeout(0.1)
        client.connect(FAR6)


def datagram() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"x", FAR)


def by_asyncio(factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    async def connect() -> None:
        await asyncio.wait_for(asyncio.open_connection(*FAR), 0.5)

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(connect())


@pytest.mark.parametrize(
    "way",
    [
        lambda: socket.create_connection(FAR, 0.1),
        connect_ex,
        connect_6,
        datagram,
        lambda: http.client.HTTPConnection("xenhost.example", timeout=0.1).request("GET", "/"),
        lambda: socket.getaddrinfo("xenhost.example", 80),
        by_asyncio,
        partial(by_asyncio, loop_factory()),
    ],
    ids=["create_connection", "connect_ex", "IPv6", "datagram", "http", "name", "asyncio", "uvloop"],
)
def test_another_machine_is_out_of_reach(way: Callable[[], object]) -> None:
    with loopback_only() as tried:
        with pytest.raises(NetworkBlocked, match="tried to reach"):
            way()
        assert len(tried) == 1


def test_loopback_and_unix_sockets_stay_open() -> None:
    with loopback_only() as tried, socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, port), 5).close()
        with tempfile.TemporaryDirectory(prefix="xen") as folder, socket.socket(socket.AF_UNIX) as listener:
            path = str(Path(folder) / "x")
            listener.bind(path)
            listener.listen()
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
            one.bind(("127.0.0.1", 0))
            assert two.sendto(b"x", one.getsockname()) == 1
            assert two.sendto(b"x", 0, one.getsockname()) == 1
        assert tried == []


def test_everything_is_as_before_afterwards_even_if_guards_stand_in_each_other() -> None:
    before = (socket.socket.connect, socket.socket.sendto, socket.getaddrinfo, dict(vars(socket.socket)))
    with loopback_only(), pytest.raises(NetworkBlocked), loopback_only():
        socket.getaddrinfo("xenhost.example", 80)
    assert before == (
        socket.socket.connect,
        socket.socket.sendto,
        socket.getaddrinfo,
        dict(vars(socket.socket)),
    )


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("LOCALHOST", True), (b"localhost", True), ("", True),
     ("::ffff:127.0.0.1", True), ("0.0.0.0", True), ("fe80::1%eth0", False), ("10.0.0.1", False),
     ("::ffff:10.0.0.1", False), ("localhost.example", False), ("xenhost", False)],
)  # fmt: skip
def test_what_is_this_machine(host: str | bytes, local: bool) -> None:
    assert is_local(host) is local
