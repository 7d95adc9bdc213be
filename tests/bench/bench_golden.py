"""A golden of 10,000 calls: loaded, saved and compared, beside PyYAML's own loader on the same text.

Prints medians: `python -m tests.bench.bench_golden`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.cases.plain_yaml import read_plain
from tests.recorded import exchanges
from xraytap.protocol.diff.align import compare_calls
from xraytap.protocol.diff.volatile import Rules
from xraytap.protocol.golden import Golden, GoldenCall, Symbol
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.symbols import golden_of, model_of
from xraytap.store.golden import dump_golden, loads_golden

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLS = 10_000
_ROUNDS = 3
_S = Symbol("session", "s1")


def survey() -> Golden:
    """The recorded survey over and over, without the call that lists 500 methods."""
    calls = [
        (full_row(each, capture="x", seq=seq), decode_exchange(each))
        for seq, each in enumerate(exchanges("py27-survey"), 1)
    ]
    golden = golden_of(calls, api="xend 1.0")
    kept = [each for each in golden.calls if each.method != "host.list_methods"]
    return replace(golden, calls=tuple((kept * (_CALLS // len(kept) + 1))[:_CALLS]))


def fleet(new: int | None = None) -> tuple[GoldenCall, ...]:
    """A client that looks at 400 VMs eight times; with a VM more at place `new`, which renumbers all behind it."""
    names = [f"vm{number:03}" for number in range(400)]
    if new is not None:
        names.insert(new, "new")
    calls = []
    for turn in range(9):
        for number, name in enumerate(names, 1):
            vm = Symbol("ref", f"VM.{number}")
            record = {"uuid": vm, "name_label": name, "VBDs": [Symbol("ref", f"VBD.{number}")]}
            asked: tuple[tuple[str, Any], ...] = (
                ("VM.get_name_label", name),
                ("VM.get_power_state", "Running"),
                ("VM.get_record", record),
            )
            calls += [
                GoldenCall(method=method, params=(_S, vm), value=value)
                for method, value in (asked if turn else asked[:1])
            ]
    return tuple(calls)


def timed(run: Callable[[], object]) -> float:
    """The median of some rounds, in seconds."""
    found = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        run()
        found.append(time.perf_counter() - begin)
    return median(found)


def main() -> None:
    """Measure and print."""
    golden = survey()
    text = dump_golden(golden)
    load, plain = timed(lambda: loads_golden(text)), timed(lambda: read_plain(text))
    print(f"golden of {_CALLS} calls, {len(text) / 1e6:.1f} MB")
    print(f"  load {load:.2f} s; yaml.load with PyYAML's C loader {plain:.2f} s: {load / plain:.2f} of it")
    print(f"  save {timed(lambda: dump_golden(golden)):.2f} s")
    rules = Rules(model=model_of(golden.api))
    left, right = fleet(), fleet(new=17)
    print(f"diff of {len(left)} and {len(right)} calls, one VM inserted at the front")
    print(f"  {timed(lambda: compare_calls(left, right, rules)):.2f} s: ", end="")
    counts = compare_calls(left, right, rules).count()
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()))


if __name__ == "__main__":
    main()
