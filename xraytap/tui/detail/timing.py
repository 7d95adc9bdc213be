"""Tab `timing`: when, how long, over which connection, and whether that is usual for the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.correlate.stats import percentile
from xraytap.protocol.filter import And, Glob, Range
from xraytap.protocol.jsonform import iso_time
from xraytap.protocol.phrases import clock
from xraytap.protocol.printable import printable
from xraytap.tui.calls.render import since
from xraytap.tui.detail.content import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded

_AROUND = 5000
"""Calls before and after this one that are looked through for neighbours and for what is usual."""
_BAR = 30


def timing(loaded: Loaded) -> Content:
    """Names and values, a line each."""
    return Lines([[("name", f"{name:<20}"), ("value", value)] for name, value in _lines(loaded)])


def _lines(loaded: Loaded) -> Iterator[tuple[str, str]]:
    row = loaded.row
    yield "began", f"{clock(row.started_at_us)}   {iso_time(row.started_at_us)}"
    if row.elapsed_us is None:
        yield "answered after", printable(row.note or "no answer yet")
    else:
        yield "answered after", f"{row.elapsed_us / 1000:,.3f} ms"
        yield "ended", clock(row.started_at_us + row.elapsed_us)
    if row.method is not None:
        yield from _usual(loaded)
    yield "", ""
    yield "client", printable(row.client)
    yield "connection", f"number {row.connection} of the capture"
    yield from _neighbours(loaded)
    yield "", ""
    yield (
        "http",
        printable(f"{row.http_method} {row.path}")
        + ("" if row.http_status is None else f"   status {row.http_status}"),
    )
    yield "request", f"{row.request_bytes:,} bytes of body"
    yield "answer", f"{row.response_bytes:,} bytes of body"
    if row.redacted:
        yield "redacted", ", ".join(printable(each) for each in row.redacted)
    if row.note and row.elapsed_us is not None:
        yield "note", printable(row.note)


def _usual(loaded: Loaded) -> Iterator[tuple[str, str]]:
    row = loaded.row
    others = [
        each.elapsed_us / 1000
        for each in _near(loaded, Glob("method", row.method or ""))
        if each.elapsed_us is not None
    ]
    if len(others) < 2:
        return
    low, middle, high = (percentile(others, each) for each in (5, 50, 95))
    yield (
        "usual for the method",
        f"p5 {low:.1f}  p50 {middle:.1f}  p95 {high:.1f} ms, of {len(others):,} calls around",
    )
    if row.elapsed_us is not None:
        slower = sum(each < row.elapsed_us / 1000 for each in others)
        filled = round(_BAR * slower / len(others))
        yield "", f"{'█' * filled}{'░' * (_BAR - filled)} slower than {slower:,} of them"


def _neighbours(loaded: Loaded) -> Iterator[tuple[str, str]]:
    row = loaded.row
    number = Range("connection", row.connection, row.connection)
    there = [each for each in _near(loaded, number) if each.seq != row.seq]
    before = next((each for each in reversed(there) if each.seq < row.seq), None)
    after = next((each for each in there if each.seq > row.seq), None)
    for name, each in (("before it", before), ("after it", after)):
        if each is not None:
            gap = since(each.started_at_us - row.started_at_us)
            yield name, f"#{each.seq} {printable(each.method or each.path)}   {gap} s"


def _near(loaded: Loaded, wanted: Expr) -> list[CallRow]:
    row = loaded.row
    around = Range("seq", row.seq - _AROUND, row.seq + _AROUND)
    found = loaded.store.calls(
        row.capture,
        filter=And((around, wanted)),
        after_seq=max(0, row.seq - _AROUND - 1),
        limit=2 * _AROUND,
        settled=False,
    )
    return list(found)
