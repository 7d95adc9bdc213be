"""The screens over a capture of a million calls, as a person meets them on a terminal of 120 x 30.

    python -m tests.bench.bench_tui [--store PATH] [--calls 1000000] [--rounds 5]

First paint is from the exec of the command to the first rows on the screen. Keys are pressed while 500 calls
a second arrive in the capture that is shown. Exit code 1 where a target is missed. A store that is not given
is made in a temporary directory (about 1 GB for a million calls). Beside each time stands the processor's
time that the program took for it: on a machine that does other things as well, that is the one to look at.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.bigstore import CAPTURE, make  # noqa: E402
from tests.bench.terminal import Terminal  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 500
PRESSES = 80
FILTERS = ("outcome:failure", "method:VM.start", "error:SESSION*", "ms:>20 and class:VM")
_ROW = re.compile(r"^\W*[\d,]+ +\S+ +(?P<sign>[-+x!h?]) ")


class Took(NamedTuple):
    """One measurement. `cpu_ms`: the time of the processor that all threads took meanwhile."""

    clock_ms: float
    cpu_ms: float


def rows(lines: list[str]) -> list[re.Match[str]]:
    """The lines of the screen that show calls."""
    return [found for line in lines if (found := _ROW.match(line))]


def start(xraytap: str, store: Path) -> Terminal:
    """The command, from the shell."""
    return Terminal([xraytap, "tui", CAPTURE, "--store", str(store)])


@contextlib.contextmanager
def feeding(store: Path, rate: int) -> Iterator[None]:
    """Calls arrive meanwhile."""
    command = [sys.executable, "-m", "tests.bench.bigstore", str(store), "--feed", str(rate)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes to the feeder")
        child.stdout.readline()
        try:
            yield
        finally:
            child.stdin.close()


def first_paint(xraytap: str, store: Path) -> Took:
    """From exec to rows."""
    with start(xraytap, store) as terminal:
        at = terminal.until(lambda lines: len(rows(lines)) >= 5)
        return Took((at - terminal.started_at) * 1000, terminal.cpu_ms())


def keys(xraytap: str, store: Path) -> tuple[list[Took], float]:
    """From each key to the cursor on its new line; and the memory in MB."""
    chance = random.Random(1)
    took = []
    with feeding(store, RATE), start(xraytap, store) as terminal:
        terminal.until(lambda lines: len(rows(lines)) >= 5)
        terminal.rest(1.0)
        for _ in range(8):
            terminal.send("k")
            terminal.rest(0.1)
        for number in range(PRESSES):
            before = terminal.backgrounds()
            cpu = terminal.cpu_ms()
            pressed = terminal.send("j" if number % 8 < 4 else "k")
            painted = terminal.until(lambda _, before=before: terminal.backgrounds() != before)
            took.append(Took((painted - pressed) * 1000, terminal.cpu_ms() - cpu))
            terminal.rest(chance.uniform(0.05, 0.15))
        terminal.send("G")
        terminal.rest(1.0)
        terminal.send("g")
        terminal.rest(0.5)
        return took, terminal.peak_mb()


def filters(xraytap: str, store: Path) -> tuple[list[Took], float]:
    """From Enter to a page of matching calls; and the memory in MB."""
    took = []
    with start(xraytap, store) as terminal:
        terminal.until(lambda lines: len(rows(lines)) >= 5)
        for text in FILTERS:
            terminal.rest(0.5)
            terminal.send("/")
            terminal.rest(0.3)
            terminal.send("\x15")  # ^U clears the line
            terminal.rest(0.1)
            terminal.send(text)
            terminal.until(lambda lines, text=text: text in "\n".join(lines[-4:]))
            before = [line for line in terminal.screen.display if _ROW.match(line)]
            cpu = terminal.cpu_ms()
            pressed = terminal.send("\r")

            def page(lines: list[str], text: str = text, before: list[str] = before) -> bool:
                now = [line for line in lines if _ROW.match(line)]
                return f"filter: {text}" in "\n".join(lines) and len(now) >= 5 and now != before

            painted = terminal.until(page)
            took.append(Took((painted - pressed) * 1000, terminal.cpu_ms() - cpu))
        return took, terminal.peak_mb()


def report(name: str, took: list[Took], target: float) -> bool:
    """Print a line of medians; whether the target is missed."""
    clock = sorted(each.clock_ms for each in took)
    cpu = statistics.median(each.cpu_ms for each in took)
    value = statistics.median(clock)
    missed = value >= target
    slow = clock[int(len(clock) * 0.95)]
    print(
        f"{name:34} {value:8.1f} ms < {target:5.0f}{'  missed' if missed else ''}"
        f"  of {len(took)}, 95 of 100 within {slow:.1f}; processor {cpu:.1f} ms",
        flush=True,
    )
    return missed


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--store", type=Path, help="made by tests.bench.bigstore; it grows")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--xraytap", default=str(Path(sys.executable).with_name("xraytap")))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder) / "million.db"
        if not store.exists():
            print(f"making a store of {options.calls:,} calls ...", flush=True)
            make(store, options.calls)
        paints = [first_paint(options.xraytap, store) for _ in range(options.rounds)]
        waits, one = keys(options.xraytap, store)
        pages, other = filters(options.xraytap, store)
    missed = [
        report("first paint, from the shell", paints, 800),
        report(f"key to repaint at {RATE} calls/s", waits, 50),
        report("filter to first page", pages, 100),
        max(one, other) >= 200,
    ]
    print(f"{'memory at its most':34} {max(one, other):8.1f} MB <   200{'  missed' if missed[-1] else ''}")
    return 1 if any(missed) else 0


if __name__ == "__main__":
    sys.exit(main())
