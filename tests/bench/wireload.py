"""A cheap load for benches and tests: a host with canned answers and keep-alive clients, on raw bytes.

Run as a script it is a process of its own, so that the measured proxy has a core for itself:
`wireload.py host BODY_BYTES` prints its port; `wireload.py load PORT CONNECTIONS SECONDS BODY_BYTES` prints
calls per second. BODY_BYTES 0 loads a host whose answer is of another length, always the same, and prints the number of
all its calls first.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import sys
import time

_BODY = (
    b"<?xml version='1.0'?>\n<methodCall>\n<methodName>VM.get_power_state</methodName>\n<params>\n"
    b"<param>\n<value><string>68e3a009-0249-725b-246b-7fc43cf4f154</string></value>\n</param>\n<param>\n"
    b"<value><string>b28e4ee3-216f-fa85-9cae-615e954dbbe7</string></value>\n</param>\n</params>\n</methodCall>\n"
)
REQUEST = (
    b"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:9363\r\n"
    b"Accept-Encoding: gzip\r\nUser-Agent: xmlrpclib.py/1.0.1\r\n"
    b"Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY


def answer(size: int) -> bytes:
    """A whole answer with about `size` bytes of body, as a record list of a Xen-API host looks."""
    head = (
        b"<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n<name>Status"
        b"</name>\n<value><string>Success</string></value>\n</member>\n<member>\n<name>Value</name>\n<value>"
    )
    tail = b"</value>\n</member>\n</struct></value>\n</param>\n</params>\n</methodResponse>\n"
    if size <= len(head) + len(tail) + 40:
        middle = b"<string>Running</string>"
    else:
        rows = []
        room, number = size - len(head) - len(tail), 0
        while room > 0:
            rows.append(
                b"<value><struct>\n<member>\n<name>uuid</name>\n<value><string>%08x-0249-725b-246b-%012x</string>"
                b"</value>\n</member>\n<member>\n<name>memory</name>\n<value><string>%d</string></value>\n</member>\n"
                b"</struct></value>\n" % (number * 2654435761 % 2**32, number * 40503 % 2**48, number * 4096)
            )
            room -= len(rows[-1])
            number += 1
        middle = b"<array><data>\n" + b"".join(rows) + b"</data></array>"
    body = head + middle + tail
    return (
        b"HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.3 Python/2.7.18\r\nDate: Tue, 24 Nov 2026 04:46:26 GMT\r\n"
        b"Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
    ) + body


class Host(asyncio.Protocol):
    """Answers every whole request with the same bytes."""

    def __init__(self, canned: bytes) -> None:
        self._canned = canned
        self._room = len(REQUEST)
        self._got = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._got += len(data)
        while self._got >= self._room and self._transport is not None:
            self._got -= self._room
            self._transport.write(self._canned)


class Client(asyncio.Protocol):
    """Sends a request whenever an answer is complete; counts answers."""

    calls = 0

    def __init__(self, size: int) -> None:
        self._size = size
        self._got = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._transport.write(REQUEST)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        self._got += len(data)
        if self._got >= self._size and self._transport is not None:
            self._got = 0
            Client.calls += 1
            self._transport.write(REQUEST)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            print(f"lost a connection: {exc}", file=sys.stderr)


async def host(size: int) -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    canned = answer(size)
    server = await loop.create_server(lambda: Host(canned), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def length_of_answer(port: int) -> int:
    """Bytes of the whole answer to REQUEST."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(REQUEST)
        data = b""
        while True:
            data += client.recv(65536)
            head, blank, _ = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            if blank and length is not None:
                return len(head) + len(blank) + int(length[1])


async def load(port: int, connections: int, seconds: float, size: int) -> None:
    """Print the calls per second."""
    loop = asyncio.get_running_loop()
    whole = len(answer(size)) if size else await asyncio.to_thread(length_of_answer, port)
    transports = []
    for _ in range(connections):
        transport, _protocol = await loop.create_connection(lambda: Client(whole), "127.0.0.1", port)
        transports.append(transport)
    await asyncio.sleep(min(0.5, seconds / 4))  # warm up
    before, start = Client.calls, time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (Client.calls - before) / (time.perf_counter() - start)
    print(f"{rate:.2f}" if size else f"{Client.calls} {rate:.2f}", flush=True)
    for transport in transports:
        transport.abort()


def main() -> None:
    """As the module says."""
    kind, *numbers = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        factory = None
        with contextlib.suppress(ImportError):
            import uvloop

            factory = uvloop.new_event_loop
        with asyncio.Runner(loop_factory=factory) as runner:
            if kind == "host":
                runner.run(host(int(numbers[0])))
            else:
                runner.run(load(int(numbers[0]), int(numbers[1]), float(numbers[2]), int(numbers[3])))


if __name__ == "__main__":
    main()
