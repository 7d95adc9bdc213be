"""What lint costs over decoding alone, and whether its memory stays: `python -m tests.bench.bench_lint`.

Medians of interleaved rounds over the recorded traffic and the made-up XAPI conversations; then a long capture
of ever new sessions and references, with the memory that is held at several lengths.
"""

from __future__ import annotations

import time
import tracemalloc
from statistics import median
from typing import TYPE_CHECKING

from tests.cases.xapi import TRANSPORTS, conversation
from tests.recorded import EVERY
from tests.talk import Talk
from xraytap.protocol.datamodel import load
from xraytap.protocol.lint import Linter, lint_call
from xraytap.protocol.summary import decode_exchange, full_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.datamodel import Model

_ROUNDS = 7
_LENGTHS = (2_000, 10_000, 50_000)
_REFS = 20


def main() -> None:
    """Print both tables."""
    recorded = [exchange for _, _, exchange in EVERY]
    made = [exchange for transport in TRANSPORTS for exchange in conversation(transport).exchanges]
    print(f"{'traffic':>8} {'decode':>12} {'one call':>12} {'capture':>12}   capture over decode")
    for name, api, exchanges in (("xend", "xend", recorded), ("XAPI", "xapi", made)):
        decode, single, whole = _measure(exchanges, load(api))
        print(f"{name:>8} {decode:>9.1f} us {single:>9.1f} us {whole:>9.1f} us   {whole / decode:.1f}x"
              f"   ({1e6 / whole:,.0f} calls/s)")  # fmt: skip
    print(f"\n{'calls':>8} {'sessions':>9} {'references':>11} {'held':>10}")
    for calls in _LENGTHS:
        held = _held(calls)
        print(f"{calls:>8} {calls // 10:>9} {calls * _REFS // 10 * 7:>11} {held / 1e6:>7.1f} MB")


def _measure(exchanges: list[Exchange], model: Model) -> tuple[float, ...]:
    """Median microseconds a call: decoding, the rules for one call, the rules for a capture."""
    pairs = [(full_row(each, capture="x", seq=seq), each) for seq, each in enumerate(exchanges, 1)]
    runs: tuple[Callable[[], None], ...] = (
        lambda: _decode(exchanges),
        lambda: _single(pairs, model),
        lambda: _whole(pairs, model),
    )
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(_ROUNDS):
        for run, found in zip(runs, times, strict=True):
            started = time.perf_counter()
            run()
            found.append((time.perf_counter() - started) / len(exchanges) * 1e6)
    return tuple(map(median, times))


def _decode(exchanges: list[Exchange]) -> None:
    for each in exchanges:
        decode_exchange(each)


def _single(pairs: list[tuple[CallRow, Exchange]], model: Model) -> None:
    for row, exchange in pairs:
        lint_call(row, exchange, model)


def _whole(pairs: list[tuple[CallRow, Exchange]], model: Model) -> None:
    linter = Linter(model)
    for row, exchange in pairs:
        linter.add(row, exchange)
    linter.finish()


def _held(calls: int) -> int:
    """Bytes held after a capture of that length, ten calls a session, each answer with new references."""
    linter = Linter(load("xend"))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    seq = 0
    for number in range(calls // 10):
        talk = Talk()
        token = talk.login(f"session-{number}")
        for part in range(7):
            start = (number * 7 + part) * _REFS
            refs = [f"{start + index:08x}-216f-fa85-9cae-615e954dbbe7" for index in range(_REFS)]
            talk.call("VM.get_all", token, value=list(refs))
        talk.call("VM.start", token, "00000000-216f-fa85-9cae-615e954dbbe7", False)
        talk.call("session.logout", token)
        for exchange in talk.exchanges:
            seq += 1
            linter.add(full_row(exchange, capture="x", seq=seq), exchange)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return held


if __name__ == "__main__":
    main()
