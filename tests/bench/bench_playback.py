"""Calls per second of `xraytap playback` on one core, printing a line per call, beside Python's own XML-RPC server.

All are processes of their own, pinned to one core where the system can; the load comes from another process.
Calls are counted per second of the server's own processor time: so whatever else the machine does takes nothing
away, and it is what one core gives. Rounds alternate; the table shows medians, the clock's rate beside them.
`python -m tests.bench.bench_playback [--rounds 5] [--seconds 2]`; exit code 1 where the target is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

LOAD = str(Path(__file__).with_name("wireload.py"))
TARGET = 1500
# wireload's one request: its token and reference are taken for the recorded session and guest.
CALL = "- VM.get_power_state: [!session s1, !ref VM.1]\n  answer: Running\n"
OTHER = "- VM.get_record: [!session s1, !ref VM.{number}]\n  answer: {{name_label: guest{number}}}\n"
SERVER = """
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer
class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler, logRequests=False)
server.register_function(lambda session, vm: {"Status": "Success", "Value": "Running"}, "VM.get_power_state")
print(f"on http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
"""


@contextlib.contextmanager
def _serving(command: list[str], *, quiet: bool) -> Iterator[tuple[int, psutil.Process]]:
    """The port of a process that says `on http://127.0.0.1:PORT` once it listens, and the process."""
    out = subprocess.DEVNULL if quiet else subprocess.PIPE
    with subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as child:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(child.pid, {0})
        stream = child.stderr if quiet else child.stdout
        try:
            for line in stream or ():
                found = re.search(r"on http://127\.0\.0\.1:(\d+)", line)
                if found:
                    break
            else:
                raise RuntimeError(f"{command[0]} does not listen")
            yield int(found[1]), psutil.Process(child.pid)
        finally:
            child.terminate()
            child.communicate()


def _rates(port: int, process: psutil.Process, connections: int, seconds: float) -> tuple[float, float]:
    """Calls per second of processor time, and per second of the clock."""
    command = [sys.executable, LOAD, "load", str(port), str(connections), str(seconds), "0"]
    before = process.cpu_times()
    calls, clock = map(
        float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    )
    after = process.cpu_times()
    return calls / (after.user + after.system - before.user - before.system), clock


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    head = "xraytap-golden: 1\napi: xend 1.0\ncalls:\n"
    missed = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        small, large = Path(folder, "small.yaml"), Path(folder, "large.yaml")
        small.write_text(head + CALL)
        large.write_text(head + CALL + "".join(OTHER.format(number=number) for number in range(2, 10_001)))
        play = [sys.executable, "-m", "xraytap", "playback", "--listen", "127.0.0.1:0"]
        hosts = {
            "playback, 1 call": stack.enter_context(_serving([*play, str(small)], quiet=True)),
            "playback, 10,000 calls": stack.enter_context(_serving([*play, str(large)], quiet=True)),
            "playback --json": stack.enter_context(_serving([*play, "--json", str(small)], quiet=True)),
            "xmlrpc.server": stack.enter_context(_serving([sys.executable, "-c", SERVER], quiet=False)),
        }
        found: dict[str, list[list[tuple[float, float]]]] = {name: [[], []] for name in hosts}
        for _ in range(options.rounds):
            for name, (port, process) in hosts.items():
                for column, connections in enumerate((1, 16)):
                    found[name][column].append(_rates(port, process, connections, options.seconds))
    title = f"calls per core second (per second), medians of {options.rounds}"
    print(f"{title:56} {'1 client':>16} {'16 clients':>16} {'target':>7}")
    for name, columns in found.items():
        core = [statistics.median(rate for rate, _ in column) for column in columns]
        clock = [statistics.median(rate for _, rate in column) for column in columns]
        ours = name.startswith("playback")
        missed += ours and min(core) < TARGET
        cells = " ".join(f"{a:8.0f} ({b:5.0f})" for a, b in zip(core, clock, strict=True))
        print(f"{name:56} {cells} {TARGET if ours else '':>7}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
