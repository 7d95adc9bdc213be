"""What knowing the Xen-API costs: loading the data model, naming and typing a call, learning names, redaction.

    python -m tests.bench.bench_knowledge

Medians of fresh processes for loading, of rounds for the rest; processor time, so that other work on the
machine counts little.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

from tests.cases.xapi import TRANSPORTS, conversation
from tests.recorded import EVERY
from xraytap.protocol.about import About
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.datamodel import load
from xraytap.protocol.jsonform import call_to_json
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.summary import decode_exchange, full_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import Exchange

_ROUNDS = 7
_LOAD = """
import sys, time
start = time.process_time()
from xraytap.protocol.datamodel import load
imported = time.process_time()
for api in sys.argv[1:]:
    load(api)
print((imported - start) * 1000, (time.process_time() - imported) * 1000)
"""


def main() -> None:
    """Print the tables."""
    print(f"{'data model':>12} {'import':>10} {'load':>10}")
    for apis in (("xend",), ("xapi",), ("xend", "xapi")):
        told = [_loaded(apis) for _ in range(_ROUNDS)]
        first, second = (median(each[at] for each in told) for at in (0, 1))
        print(f"{'+'.join(apis):>12} {first:>7.1f} ms {second:>7.1f} ms")
    recorded = [exchange for _, _, exchange in EVERY]
    made = [exchange for transport in TRANSPORTS for exchange in conversation(transport).exchanges]
    print(f"\n{'traffic':>12} {'decode':>10} {'typed JSON':>11} {'learning':>10} {'redaction':>10}")
    for name, api, exchanges in (("xend", "xend", recorded), ("XAPI", "xapi", made)):
        print(f"{name:>12}" + "".join(f" {each:>7.1f} us" for each in _costs(exchanges, api)))


def _loaded(apis: tuple[str, ...]) -> tuple[float, ...]:
    done = subprocess.run([sys.executable, "-c", _LOAD, *apis], capture_output=True, text=True, check=True)
    return tuple(map(float, done.stdout.split()))


def _costs(exchanges: list[Exchange], api: str) -> list[float]:
    """Median microseconds a call."""
    about = About(model=load(api))
    rows = [full_row(each, capture="x", seq=seq) for seq, each in enumerate(exchanges, 1)]
    calls = [decode_exchange(each) for each in exchanges]

    def decode() -> None:
        for each in exchanges:
            decode_exchange(each)

    def typed() -> None:
        for row, call in zip(rows, calls, strict=True):
            call_to_json(row, call, about)

    def learn() -> None:
        objects = Objects(about)
        for row, call in zip(rows, calls, strict=True):
            if objects.wants(row):
                objects.add(row, call)

    def redact() -> None:
        for each in exchanges:
            found = redact_request(each.request.head, each.request.body)
            if each.response is not None:
                redact_response(found.method, each.response.head, each.response.body)

    return [_median_us(each, len(exchanges)) for each in (decode, typed, learn, redact)]


def _median_us(run: Callable[[], None], calls: int) -> float:
    run()
    times = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return median(times) / calls * 1e6


if __name__ == "__main__":
    main()
