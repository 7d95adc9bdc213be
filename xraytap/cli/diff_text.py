"""A comparison as text: unified, as `diff` writes it, or side by side. Lines are cut at the edge of a terminal
and whole when piped."""

from __future__ import annotations

import os
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len, set_cell_size

from xraytap.cli.diff_words import Words
from xraytap.protocol.diff.align import Verdict
from xraytap.protocol.phrases import many
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.cli.frozen import Taken
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.diff.align import Comparison, Pair

_SIDES = 160
"""Columns of a side by side view that is not on a terminal."""
_NEW = "' marks an object that only the second source has, by its number there"


def unified(left: Taken, right: Taken, comparison: Comparison, model: Model | None) -> None:
    """What differs, call by call: `-` is the left, `+` the right, `>` a call that stands elsewhere."""
    words = Words(comparison, model)
    _line("-", f"-- {_title(left)}")
    _line("+", f"++ {_title(right)}")
    marked = False
    for pair in comparison.pairs:
        if pair.verdict in (Verdict.SAME, Verdict.POLL):
            continue
        for sign, text, answer in _unified_pair(pair, left, right, words):
            marked = marked or words.marked_in(text + answer)
            _line(sign, text, answer)
    if marked:
        _line(" ", _NEW)


def side_by_side(left: Taken, right: Taken, comparison: Comparison, model: Model | None) -> None:
    """Every call of both: `|` between calls that differ, `<` `>` only one has it, `~` it stands elsewhere."""
    words = Words(comparison, model)
    columns = get_terminal_size().columns if sys.stdout.isatty() else _SIDES
    half = max(12, (columns - 3) // 2)
    _sides(half, f"{_title(left)}", " ", f"{_title(right)}")
    for pair in comparison.pairs:
        mine = None if pair.left is None else left.golden.calls[pair.left]
        theirs = None if pair.right is None else right.golden.calls[pair.right]
        sign = "~" if pair.moved else _SIGNS[pair.verdict]
        _sides(
            half,
            "" if mine is None else f"{_seq(left, pair.left):>4} {words.call(mine)}",
            sign,
            "" if theirs is None else f"{_seq(right, pair.right):>4} {words.call(theirs, right=True)}",
        )
        if pair.outcome and mine is not None and theirs is not None:
            _sides(half, f"     {words.answer(mine)}", "|", f"     {words.answer(theirs, right=True)}")
        for place, one, other in _changes(pair, left, words):
            head = f"     {place}: " if place else "     "
            if cell_len(head) > half // 2:
                _line(" ", f"    {place}:")
                head = "       "
            _sides(
                half,
                "" if one is None else head + one,
                "<" if other is None else ">" if one is None else "|",
                "" if other is None else head + other,
            )


def summary(left: Taken, right: Taken, comparison: Comparison) -> str:
    """`12 calls are the same, 2 answered differently, 1 only in b.yaml`."""
    counts = comparison.count()
    elsewhere = {
        Verdict.ANSWER: "answered differently",
        Verdict.PARAMS: "with other parameters",
        Verdict.MOVED: "moved",
        Verdict.LEFT: f"only in {printable(left.name)}",
        Verdict.RIGHT: f"only in {printable(right.name)}",
    }
    told = [f"{counts[verdict]} {text}" for verdict, text in elsewhere.items() if counts[verdict]]
    same = many(counts[Verdict.SAME], "call")
    polls = f", {many(counts[Verdict.POLL], 'poll')} aside" if counts[Verdict.POLL] else ""
    return f"{same} the same, {', '.join(told)}{polls}" if told else f"no difference: {same} the same{polls}"


_SIGNS = {
    Verdict.SAME: " ",
    Verdict.ANSWER: "|",
    Verdict.PARAMS: "|",
    Verdict.MOVED: "~",
    Verdict.LEFT: "<",
    Verdict.RIGHT: ">",
    Verdict.POLL: ".",
}


def _unified_pair(pair: Pair, left: Taken, right: Taken, words: Words) -> Iterator[tuple[str, str, str]]:
    """Lines with their sign; the answer apart, as it may need a line of its own."""
    mine = None if pair.left is None else left.golden.calls[pair.left]
    theirs = None if pair.right is None else right.golden.calls[pair.right]
    seq, other_seq = _seq(left, pair.left), _seq(right, pair.right)
    if mine is None:
        if theirs is not None:
            yield "+", f"{other_seq} {words.call(theirs, right=True)}", words.answer(theirs, right=True)
        return
    if theirs is None:
        yield "-", f"{seq} {words.call(mine)}", words.answer(mine)
        return
    moved = ("  moved", ">") if pair.moved else ("", "@")
    yield moved[1], f"{seq} {other_seq} {words.call(mine)}{moved[0]}", ""
    for place, one, other in _changes(pair, left, words):
        head = f"    {place}: " if place else "    "
        if one is not None:
            yield "-", head + one, ""
        if other is not None:
            yield "+", head + other, ""
    if pair.outcome:
        yield "-", f"    {words.answer(mine)}", ""
        yield "+", f"    {words.answer(theirs, right=True)}", ""


def _seq(taken: Taken, index: int | None) -> str:
    return "" if index is None else f"#{taken.seqs[index]}"


def _changes(pair: Pair, left: Taken, words: Words) -> Iterator[tuple[str, str | None, str | None]]:
    call = left.golden.calls[pair.left or 0]
    for change in pair.params:
        yield words.param(call, change)
    for change in pair.answer:
        yield words.change(change)


def _title(taken: Taken) -> str:
    return f"{printable(taken.name)}  {printable(taken.golden.api)}, {many(len(taken.golden.calls), 'call')}"


_COLOURS = {"-": "red", "+": "green", "@": "cyan", ">": "yellow"}


def _line(sign: str, text: str, answer: str = "") -> None:
    lines = [f"{sign}{text}" if text.startswith(sign) else f"{sign} {text}"]
    columns = get_terminal_size().columns if sys.stdout.isatty() else None
    if answer and columns is not None and cell_len(lines[0]) + cell_len(answer) + 2 > columns:
        lines.append(f"{sign}     {answer}")
    elif answer:
        lines[0] += f"  {answer}"
    for line in lines:
        click.echo(_styled(line if columns is None else _cut(line, columns), _COLOURS.get(sign)))


def _sides(half: int, left: str, sign: str, right: str) -> None:
    line = f"{_cut(left, half)}{' ' * (half - min(half, cell_len(left)))} {sign} {_cut(right, half)}".rstrip()
    click.echo(_styled(line, None if sign == " " else "yellow" if sign == "~" else "cyan"))


def _styled(text: str, colour: str | None) -> str:
    return text if colour is None or os.environ.get("NO_COLOR") else click.style(text, fg=colour)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
