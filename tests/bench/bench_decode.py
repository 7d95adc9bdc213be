"""Decode against the standard library and the bare parse, side by side in one run.

Prints medians of interleaved rounds, garbage collection on as in life: `python -m tests.bench.bench_decode`.
`xend` and `XAPI` are the layouts of the two hosts; `odd` is xend's with a comment in front, so that the
full decode has to do it.
"""

from __future__ import annotations

import time
import xmlrpc.client
from statistics import median
from typing import TYPE_CHECKING

from lxml import etree

from xraytap.protocol.scan import scan_response
from xraytap.protocol.xmlrpc_decode import _PARSER_OPTIONS, decode
from xraytap.protocol.xmlrpc_encode import encode_response

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORD = {
    "uuid": "b28e4ee3-216f-fa85-9cae-615e954dbbe7",
    "name_label": "guest002",
    "memory_static_max": "268435456",
    "is_a_template": False,
    "VBDs": ["2c2c8c1b-9d1b-0f7a-7c8e-1a9b3c7d5e6f", "3d3d9d2c-0e2c-1f8b-8d9f-2b0c4d8e6f70"],
    "utilisation": 0.25,
    "power_state": "Running",
}
_ROUNDS = 7


def answer(size: int) -> bytes:
    """An answer of about `size` bytes, as xend writes get_all_records."""
    if size < 400:
        return encode_response({"Status": "Success", "Value": _RECORD["uuid"]})
    one = len(encode_response([_RECORD])) - 150
    records = {f"{number:08x}": dict(_RECORD) for number in range(max(1, size // one))}
    return encode_response({"Status": "Success", "Value": records})


def _xapi(body: bytes) -> bytes:
    """The same answer as XAPI writes it: no blanks, strings without an element."""
    tight = body.replace(b"<?xml version='1.0'?>\n", b'<?xml version="1.0"?>').replace(b">\n<", b"><")
    return tight.replace(b"<string>", b"").replace(b"</string>", b"")


def _odd(body: bytes) -> bytes:
    return body.replace(b"?>", b"?><!-- x -->", 1)


def main() -> None:
    """Print the table."""
    parser = etree.XMLParser(**_PARSER_OPTIONS)  # type: ignore[arg-type]
    print(
        f"{'layout':>6} {'bytes':>9} {'xmlrpc.client':>14} {'decode':>10} {'parse':>10} {'scan':>10}"
        "   times faster   over parse"
    )
    for size in (300, 50_000, 5_000_000):
        for layout, body in (
            ("xend", answer(size)),
            ("XAPI", _xapi(answer(size))),
            ("odd", _odd(answer(size))),
        ):
            oracle, ours, parse, scan = _measure(body, parser)
            print(
                f"{layout:>6} {len(body):>9} {oracle:>11.1f} us {ours:>7.1f} us {parse:>7.1f} us {scan:>7.1f} us"
                f"   {oracle / ours:>11.2f}x {ours / parse:>11.2f}x"
            )


def _measure(body: bytes, parser: etree.XMLParser) -> tuple[float, ...]:
    """Median microseconds of the oracle, the decode, the parse and the scan of `body`."""
    runs: dict[str, Callable[[bytes], object]] = {
        "oracle": xmlrpc.client.loads,
        "decode": decode,
        "parse": lambda data: etree.fromstring(data, parser),
        "scan": scan_response,
    }
    repeat = max(1, 1_000_000 // len(body))
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_ROUNDS):
        for name, run in runs.items():
            # A scan takes no longer for a long body; once alone would measure what ran before it.
            times_to_run = max(repeat, 1000) if name == "scan" else repeat
            started = time.perf_counter()
            for _ in range(times_to_run):
                run(body)
            times[name].append((time.perf_counter() - started) / times_to_run * 1e6)
    return tuple(median(each) for each in times.values())


if __name__ == "__main__":
    main()
