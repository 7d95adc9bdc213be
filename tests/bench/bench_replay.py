"""Replay's calls per second beside mitmproxy's own client replay: the same calls, to the same host.

Both are run as their users run them, from the shell, start-up included, and both keep what they replayed. The
host is a process of its own that answers from memory. `python -m tests.bench.bench_replay`
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mitmproxy import http
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from tests.talk import Talk
from xraytap.protocol.xmlrpc_encode import encode_response
from xraytap.store.writer import Writer

TOKEN, VM = "68e3a009-0249-725b-246b-7fc43cf4f154", "b28e4ee3-216f-fa85-9cae-615e954dbbe7"
TARGET = 5.0
ENV = {**os.environ, "XRAYTAP_PASSWORD": "secret", "XRAYTAP_USER": "root"}


class Host(asyncio.Protocol):
    """Answers logins with a token, the search for a machine with one, everything else with a word."""

    ANSWERS = (
        (b">session.login_with_password<", TOKEN),
        (b">VM.get_by_name_label<", [VM]),
        (b"", "Running"),
    )

    def __init__(self) -> None:
        self._got = b""
        self._transport: asyncio.Transport | None = None
        self._canned = [(mark, self._whole(value)) for mark, value in self.ANSWERS]

    @staticmethod
    def _whole(value: object) -> bytes:
        body = encode_response({"Status": "Success", "Value": value})  # type: ignore[dict-item]
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (
            len(body),
            body,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].lower()
            size = end + 4 + int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._got) < size:
                return
            request, self._got = self._got[:size], self._got[size:]
            if self._transport is not None:
                self._transport.write(next(whole for mark, whole in self._canned if mark in request))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Host, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def talk(calls: int) -> Talk:
    """A session of `calls` calls."""
    made = Talk()
    made.login(TOKEN)
    made.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    for _ in range(calls - 2):
        made.call("VM.get_power_state", TOKEN, VM, value="Running")
    return made


def write_capture(made: Talk, store: Path) -> None:
    """The session as a capture named `bench`."""
    writer = Writer(store, "bench", host="http://xenhost")
    for each in made.exchanges:
        writer.finish(writer.begin(each), each)
    writer.close()


def write_flows(made: Talk, port: int, path: Path) -> None:
    """The session as a file of mitmproxy's."""
    with path.open("wb") as file:
        writer = FlowWriter(file)
        for each in made.exchanges:
            flow = tflow.tflow()
            flow.request = http.Request.make(
                "POST",
                f"http://127.0.0.1:{port}/RPC2",
                each.request.body,
                {"Content-Type": "text/xml", "Content-Length": str(len(each.request.body))},
            )
            writer.add(flow)


def seconds(command: list[str]) -> float:
    """How long a command takes that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    return time.perf_counter() - start


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--host", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.host:
        asyncio.run(_serve())
        return 0
    bin_ = Path(sys.executable).parent
    made = talk(options.calls)
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bench_replay", "--host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as host,
    ):
        if host.stdin is None or host.stdout is None:
            raise RuntimeError("no pipes to the host")
        port = int(host.stdout.readline())
        folder = Path(name)
        store = folder / "calls.db"
        write_capture(made, store)
        write_flows(made, port, folder / "flows")
        ours = [
            str(bin_ / "xraytap"),
            "replay",
            "bench",
            "--to",
            f"http://127.0.0.1:{port}",
            "--store",
            str(store),
        ]
        theirs = [str(bin_ / "mitmdump"), "-q", "-n", "-C", str(folder / "flows"), "-w", str(folder / "out")]
        theirs += ["--set", f"confdir={folder / 'conf'}"]
        rounds = [(seconds(ours), seconds(theirs)) for _ in range(options.rounds)]
        host.stdin.close()
    mine, other = (options.calls / statistics.median(column) for column in zip(*rounds, strict=True))
    # Each round is a pair, one right after the other: what else the machine does weighs on both.
    ratio = statistics.median(theirs_s / ours_s for ours_s, theirs_s in rounds)
    title = f"calls/s, median of {options.rounds}"
    print(f"{title:32} {'replay':>9} {'mitmdump':>9} {'ratio':>7} {'target':>7}")
    verdict = "" if ratio >= TARGET else "  missed"
    name = f"{options.calls} calls of one session"
    print(f"{name:32} {mine:9.1f} {other:9.1f} {ratio:6.2f}x {TARGET:6.1f}x{verdict}")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
