"""Calls per second of a tap that records durably against `mitmdump -q -w FILE`, in one run.

Rounds of the two alternate, so that whatever else the machine does hits both; the table shows medians. The last
column is the processor's time that a call costs mitmdump over what it costs the tap: on a busy machine calls/s are
ruled by who gets the processor when, this is not.
`python tests/bench/bench_tap.py [--rounds 5] [--seconds 3]`; exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from xraytap.tap.process import TapConfig, TapProcess  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

LOAD = str(Path(__file__).with_name("wireload.py"))
CASES = (
    ("16 connections, small bodies", 16, 300, 2.5),
    ("1 connection, small bodies", 1, 300, 2.0),
    ("4 connections, 48 kB answers", 4, 48_000, 1.5),
    ("2 connections, 5 MB answers", 2, 5_000_000, 1.0),
)


@contextlib.contextmanager
def _host(size: int) -> Iterator[int]:
    command = [sys.executable, LOAD, "host", str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        if child.stdout is None or child.stdin is None:
            raise RuntimeError("no pipes to the host")
        yield int(child.stdout.readline())
        child.stdin.close()


@contextlib.contextmanager
def _mitmdump(host: int, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("mitmdump")), "-q", "-w", str(folder / "flows")]
    command += ["--mode", f"reverse:http://127.0.0.1:{host}", "--listen-host", "127.0.0.1", "-p", str(port)]
    command += ["--set", f"confdir={folder / 'conf'}", "--set", "connection_strategy=lazy"]
    with subprocess.Popen(command) as child:
        try:
            for _ in range(400):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield port, psutil.Process(child.pid)
        finally:
            child.terminate()


@contextlib.contextmanager
def _tap(host: int, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    config = TapConfig(to=f"http://127.0.0.1:{host}", store=str(folder / "calls.db"), capture="bench")
    with TapProcess.start(config) as tap:
        yield tap.port, psutil.Process(tap.pid)
        for event in tap.poll_events():
            print(f"  tap: {event.kind}: {event.text}", file=sys.stderr)


def _rate(
    proxy: tuple[int, psutil.Process], connections: int, size: int, seconds: float
) -> tuple[float, float]:
    """Calls per second, and seconds of the processor that the proxy took for one."""
    port, process = proxy
    command = [sys.executable, LOAD, "load", str(port), str(connections), str(seconds), str(size)]
    before = sum(process.cpu_times()[:2])
    rate = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return rate, (sum(process.cpu_times()[:2]) - before) / (rate * seconds)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--case", type=int, help="only this one, from 0")
    options = parser.parse_args()
    missed = 0
    title = f"calls/s, medians of {options.rounds}"
    print(f"{title:32} {'tap':>9} {'mitmdump':>9} {'ratio':>7} {'target':>7} {'processor':>10}")
    for number, (name, connections, size, target) in enumerate(CASES):
        if options.case not in (None, number):
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            _host(size) as host,
            _tap(host, Path(folder)) as ours,
            _mitmdump(host, Path(folder)) as theirs,
        ):
            rounds = [
                (
                    _rate(ours, connections, size, options.seconds),
                    _rate(theirs, connections, size, options.seconds),
                )
                for _ in range(options.rounds)
            ]
        (tap, tap_cpu), (other, other_cpu) = (
            map(statistics.median, zip(*column, strict=True)) for column in zip(*rounds, strict=True)
        )
        ratio = tap / other
        missed += ratio < target
        verdict = "" if ratio >= target else "  missed"
        print(
            f"{name:32} {tap:9.1f} {other:9.1f} {ratio:6.2f}x {target:6.1f}x {other_cpu / tap_cpu:9.2f}x{verdict}",
            flush=True,
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
