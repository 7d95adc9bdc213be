"""What stands in each cell of a call's line, as text safe to show. Pure: a row and its words in, text out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from xraytap.protocol.describe import answer_line, method_text, short_ref
from xraytap.protocol.phrases import clock, size
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow
    from xraytap.store.marks import Mark
    from xraytap.tui.calls.columns import Column


class TimeMode(StrEnum):
    """How the time column reads."""

    CLOCK = "clock"
    SINCE_START = "since start"
    DELTA = "delta"


TIME_TITLES = {TimeMode.CLOCK: "time", TimeMode.SINCE_START: "+time", TimeMode.DELTA: "Δtime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What only the bodies tell: parameters and answer on one line each; the task that an Async call got."""

    params: str
    answer: str
    task: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line's ingredients. `words` is None until the bodies are read. `since_us`: what the time column
    counts from, None for the clock."""

    row: CallRow
    words: Words | None
    mark: Mark | None = None
    since_us: int | None = None


def cell(column: Column, line: Line) -> str:
    """The text of one cell, not yet cut to its width."""
    return _CELLS[column.id](line)


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    pad = " " * (width - size)
    return pad + text if right else text + pad


def since(us: int) -> str:
    """`+1.299`, `+3:07.110`, `+26:01:02.003`: seconds, minutes, hours."""
    sign = "-" if us < 0 else "+"
    ms = abs(us) // 1000
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{sign}{hours}:{minutes:02d}:{seconds:02d}.{ms:03d}"
    if minutes:
        return f"{sign}{minutes}:{seconds:02d}.{ms:03d}"
    return f"{sign}{seconds}.{ms:03d}"


def milliseconds(elapsed_us: int | None) -> str:
    """Fewer decimals the longer it took; empty while there is no answer."""
    if elapsed_us is None:
        return ""
    ms = elapsed_us / 1000
    if ms < 100:
        return f"{ms:.1f}"
    return f"{ms:,.0f}" if ms < 1_000_000 else f"{ms / 1000:,.0f}s"


def amount(count: int) -> str:
    """Bytes to the last one as long as there is room."""
    return str(count) if count < 100_000 else size(count)


def _mark(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return "*" if mark.marked else "'"


def _time(line: Line) -> str:
    at_us = line.row.started_at_us
    return clock(at_us) if line.since_us is None else since(at_us - line.since_us)


def _sign(line: Line) -> str:
    waiting = line.row.elapsed_us is None and not line.row.note
    return "…" if waiting else line.row.outcome.sign


def _outcome(line: Line) -> str:
    return answer_line(line.row, None) if line.words is None else line.words.answer


_CELLS: dict[str, Callable[[Line], str]] = {
    "mark": lambda line: _mark(line.mark),
    "seq": lambda line: str(line.row.seq),
    "time": _time,
    "sign": _sign,
    "method": lambda line: method_text(line.row),
    "params": lambda line: "" if line.words is None else line.words.params,
    "outcome": _outcome,
    "task": lambda line: "" if line.words is None else line.words.task,
    "ms": lambda line: milliseconds(line.row.elapsed_us),
    "out": lambda line: amount(line.row.request_bytes),
    "back": lambda line: amount(line.row.response_bytes),
    "session": lambda line: "" if line.row.session is None else printable(short_ref(line.row.session)),
    "client": lambda line: printable(line.row.client),
    "connection": lambda line: str(line.row.connection),
    "protocol": lambda line: line.row.protocol,
}
