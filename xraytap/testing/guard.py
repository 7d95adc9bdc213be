"""No way out: while the guard stands, sockets reach this machine alone."""

from __future__ import annotations

import ipaddress
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOCAL_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})


class NetworkBlocked(RuntimeError):  # noqa: N818  what happened, in the past tense
    """A test that plays against a golden tried to reach another machine."""


@contextmanager
def loopback_only() -> Iterator[list[str]]:
    """Within, connections to other machines raise NetworkBlocked, and so does looking up their names. Gives the
    list of what was tried, for a client that swallows the error.

    Covers Python's sockets, asyncio, and uvloop's connections; what a C library or another process does it does
    not see.
    """
    tried: list[str] = []

    def refuse(address: object) -> None:
        host, port = address[:2] if isinstance(address, tuple) and len(address) > 1 else (address, None)
        where = f"{host}:{port}" if port is not None else str(host)
        tried.append(where)
        raise NetworkBlocked(
            f"a test with the fixture xen_host tried to reach {where}; while it runs only loopback and unix sockets "
            "are open. Give the client xen_host.url, or mark the test with xen_golden(network=True)."
        )

    def check(family: int, address: object) -> None:
        if family in (socket.AF_INET, socket.AF_INET6) and not (
            isinstance(address, tuple) and is_local(address[0])
        ):
            refuse(address)

    def checked(name: str, position: int) -> Callable[..., Any]:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            if args and (position == 0 or len(args) > 1):
                try:
                    check(self.family, args[position])
                except NetworkBlocked:
                    if position == 0:
                        self.close()  # who connects cleans up after an OSError only
                    raise
            return original(self, *args)

        return call

    lookup = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host is not None and not is_local(host) and not _is_number(host):
            refuse((host, port))
        return lookup(host, port, *args, **options)

    patches: list[tuple[Any, str, Any]] = [
        (socket.socket, "connect", checked("connect", 0)),
        (socket.socket, "connect_ex", checked("connect_ex", 0)),
        (socket.socket, "sendto", checked("sendto", -1)),
        (socket, "getaddrinfo", getaddrinfo),
    ]
    loop = getattr(sys.modules.get("uvloop"), "Loop", None)
    if loop is not None:
        original = loop.create_connection

        async def create_connection(
            self: Any, factory: Any, host: Any = None, *args: Any, **options: Any
        ) -> Any:
            if host is not None and not is_local(host):
                refuse((host, args[0] if args else options.get("port")))
            return await original(self, factory, host, *args, **options)

        patches.append((loop, "create_connection", create_connection))
    before = [(owner, name, vars(owner).get(name)) for owner, name, _ in patches]
    for owner, name, new in patches:
        setattr(owner, name, new)
    try:
        yield tried
    finally:
        for owner, name, old in before:
            if old is None:  # it was inherited
                delattr(owner, name)
            else:
                setattr(owner, name, old)


def is_local(host: object) -> bool:
    """Whether a name or number means this machine; other names are not looked up."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    if text.lower().rstrip(".") in _LOCAL_NAMES:
        return True
    try:
        number = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_loopback or number.is_unspecified


def _is_number(host: object) -> bool:
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
