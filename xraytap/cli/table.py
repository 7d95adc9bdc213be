"""Tables on stdout: aligned columns, cut at the screen's edge on a terminal and whole when piped."""

from __future__ import annotations

import os
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = 2
_LEAST = 8
"""A column of text narrower than this tells nothing."""


def print_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "", spare: str = ""
) -> None:
    """Print `rows` under `heads`. `right` names the heads of columns of numbers, separated by blanks: they
    stay whole on any screen. On a narrow one the columns named by `spare` go first, in that order; then
    texts are cut, the widest first. Cells are made safe to print."""
    terminal = sys.stdout.isatty()
    numbers = set(right.split())
    cells = [[*heads], *([*map(_cell, row)] for row in rows)]
    columns = range(len(heads))
    widths = [max(cell_len(row[at]) for row in cells) for at in columns]
    if terminal:
        shown = _fitted(heads, widths, numbers, spare.split(), get_terminal_size().columns)
    else:
        shown = list(columns)
    bold = terminal and not os.environ.get("NO_COLOR")
    for number, row in enumerate(cells):
        line = (" " * _GAP).join(_sized(row[at], widths[at], left=heads[at] not in numbers) for at in shown)
        line = line.rstrip()
        sys.stdout.write(f"\x1b[1m{line}\x1b[0m\n" if bold and not number else f"{line}\n")


def _cell(value: object) -> str:
    return "" if value is None else printable(str(value))


def _fitted(
    heads: Sequence[str], widths: list[int], numbers: set[str], spare: Sequence[str], screen: int
) -> list[int]:
    """The columns that a screen has room for; narrows `widths` of those that are cut."""
    shown = list(range(len(heads)))
    for head in spare:
        if sum(widths[at] + _GAP for at in shown) - _GAP <= screen:
            break
        shown.remove(heads.index(head))
    while (over := sum(widths[at] + _GAP for at in shown) - _GAP - screen) > 0:
        texts = sorted((at for at in shown if heads[at] not in numbers), key=lambda at: -widths[at])
        if not texts or widths[texts[0]] <= _LEAST:
            break
        second = widths[texts[1]] if len(texts) > 1 else 0
        widths[texts[0]] = max(_LEAST, min(widths[texts[0]] - 1, max(second, widths[texts[0]] - over)))
    return shown


def _sized(text: str, width: int, *, left: bool) -> str:
    """The text in exactly `width` columns of the screen; wide characters take two."""
    room = width - cell_len(text)
    if room < 0:
        return set_cell_size(text, width - 1) + "…"
    return text + " " * room if left else " " * room + text
