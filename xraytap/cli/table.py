"""Tables on stdout: aligned columns, cut at the screen's edge on a terminal and whole when piped."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xraytap.protocol.about import About
    from xraytap.protocol.values import Value

_PIPED_WIDTH = 100_000


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "") -> None:
    """Print `rows` under `heads`. `right` names the heads of columns of numbers, separated by blanks. Cells
    are made safe to print."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(
        width=None if sys.stdout.isatty() else _PIPED_WIDTH,
        no_color=bool(os.environ.get("NO_COLOR")) or None,
        highlight=False,
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    numbers = right.split()
    for head in heads:
        table.add_column(head, justify="right" if head in numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text("" if cell is None else printable(str(cell))) for cell in row))
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.writelines(line.rstrip() + "\n" for line in drawn.get().splitlines())


def clock(micros: int) -> str:
    """The local time of day, `09:01:27.103`."""
    when = datetime.fromtimestamp(micros // 1_000_000).astimezone()
    return f"{when:%H:%M:%S}.{micros // 1000 % 1000:03d}"


def span(micros: int) -> str:
    """A length of time as people say it: `850 ms`, `4.2 s`, `3:20`, `2:03:20`."""
    ms = micros / 1000
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 100_000:
        return f"{ms / 1000:.1f} s"
    seconds = int(ms // 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def size(count: int) -> str:
    """Bytes as people say it: `812`, `53.1k`, `5.3M`."""
    number = float(count)
    for unit in ("", "k", "M", "G"):
        if number < 1000 or unit == "G":
            break
        number /= 1000
    return f"{number:.1f}{unit}" if unit else str(count)


def error_words(error: tuple[Value, ...] | None, about: About) -> str:
    """`VM_BAD_POWER_STATE vm=guest002 expected=Halted actual=Running`."""
    from xraytap.protocol.describe import error_line

    return "" if error is None else error_line(error, about)
