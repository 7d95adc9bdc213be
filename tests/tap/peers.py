"""Taps as real processes, and hosts and clients on raw sockets that know bytes only."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.store import open_store
from xraytap.tap.process import TapConfig, TapProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow, Exchange

TIMEOUT_S = 10.0

CALL_BODY = (
    b"<?xml version='1.0'?>\n<methodCall>\n<methodName>VM.get_all</methodName>\n<params>\n<param>\n"
    b"<value><string>68e3a009-0249-725b-246b-7fc43cf4f154</string></value>\n</param>\n</params>\n</methodCall>\n"
)
ANSWER_BODY = (
    b"<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n"
    b"<name>Status</name>\n<value><string>Success</string></value>\n</member>\n<member>\n<name>Value</name>\n"
    b"<value><array><data>\n</data></array></value>\n</member>\n</struct></value>\n</param>\n</params>\n"
    b"</methodResponse>\n"
)


def post(body: bytes = CALL_BODY, *headers: bytes, path: bytes = b"/RPC2", version: bytes = b"1.1") -> bytes:
    """A whole POST with a Content-Length."""
    lines = [b"POST %s HTTP/%s" % (path, version), b"Host: xend", b"Content-Type: text/xml", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def ok(body: bytes = ANSWER_BODY, *headers: bytes, version: bytes = b"1.1") -> bytes:
    """A whole 200 with a Content-Length."""
    lines = [
        b"HTTP/%s 200 OK" % version,
        b"Server: BaseHTTP/0.3 Python/2.7.18",
        b"Content-Type: text/xml",
        *headers,
    ]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


class Peer:
    """One connection, from either side."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(TIMEOUT_S)
        self._left = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self, count: int) -> bytes:
        """`count` bytes, or less if the other side closes."""
        data = self._left
        while len(data) < count:
            more = self._receive()
            if not more:
                break
            data += more
        self._left = data[count:]
        return data[:count]

    def read_until(self, mark: bytes) -> bytes:
        """Up to and including `mark`, or what there is if the other side closes."""
        data = self._left
        while mark not in data:
            more = self._receive()
            if not more:
                break
            data += more
        end = data.find(mark) + len(mark) if mark in data else len(data)
        self._left = data[end:]
        return data[:end]

    def _receive(self) -> bytes:
        try:
            return self.sock.recv(262144)
        except ConnectionResetError:
            return b""

    def message(self) -> bytes:
        """A whole message with Content-Length, chunked, or no body."""
        head = self.read_until(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head + self.read(int(line.split(b":")[1]))
            if line.startswith(b"transfer-encoding:") and b"chunked" in line:
                return head + self.read_until(b"0\r\n\r\n")
        return head

    def rest(self) -> bytes:
        """All until the other side closes."""
        return self.read(1 << 40)

    def close(self) -> None:
        self.sock.close()


class ByteHost:
    """A host that runs `talk` for every connection, in a thread each."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.talk: Callable[[Peer], None] = lambda peer: None
        self.failures: list[BaseException] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(Peer(sock),), daemon=True).start()

    def _serve(self, peer: Peer) -> None:
        try:
            self.talk(peer)
        except BaseException as problem:
            self.failures.append(problem)
        finally:
            peer.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Tap:
    """A tap process with its store, and what was recorded in a test."""

    def __init__(
        self, config: TapConfig, start: Callable[[TapConfig], TapProcess] = TapProcess.start
    ) -> None:
        self.process = start(config)
        self.store = config.store or ""
        self.seen = 0

    def connect(self) -> Peer:
        return Peer(socket.create_connection((self.process.host, self.process.port), TIMEOUT_S))

    def ask(self, request: bytes) -> bytes:
        """Send one request on a connection of its own; what comes back until the answer is whole."""
        peer = self.connect()
        try:
            peer.send(request)
            return peer.message()
        finally:
            peer.close()

    def rows(self, count: int) -> list[CallRow]:
        """The calls since the last look. Waits until there are `count` with an end."""
        patience = threading.Event()
        for _ in range(300):
            with open_store(self.store) as store:
                rows = list(store.calls(self.process.capture, after_seq=self.seen))
            if len(rows) >= count and all(row.elapsed_us is not None for row in rows):
                self.seen += len(rows)
                return rows
            patience.wait(0.02)
        raise TimeoutError(f"expected {count} finished calls, the store has {rows}")

    def exchange(self, row: CallRow) -> Exchange:
        with open_store(self.store) as store:
            return store.exchange(self.process.capture, row.seq)


def wire_folders() -> list[Path]:
    """The recordings of real traffic."""
    return sorted(path.parent for path in (Path(__file__).parent.parent / "wire").glob("*/index.tsv"))
