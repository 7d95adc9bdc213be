"""Calls and changes of a comparison in words: parameters by their names, the right's objects by the left's
symbols. Plain text, safe to print."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.diff import Missing, path_text, symbol_step, two_words, value_words
from xraytap.protocol.diff.keys import MAPPED
from xraytap.protocol.diff.values import family
from xraytap.protocol.golden import Reply, Symbol, rename
from xraytap.protocol.messages import strip_async, takes_session
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.diff import Change
    from xraytap.protocol.diff.align import Comparison
    from xraytap.protocol.golden import GoldenCall, Symbolic


class Words:
    """Objects that only the right has are marked: `VM.2'`."""

    def __init__(self, comparison: Comparison, model: Model | None) -> None:
        self._symbols = comparison.symbols
        self._about = About(model=model)
        self._marked: set[str] = set()

    def call(self, call: GoldenCall, *, right: bool = False, width: int = 40) -> str:
        """`VM.start vm=VM.2 start_paused=false`, the session left out."""
        name = strip_async(call.method)[0]
        labels = self._labels(name)
        first = 1 if takes_session(name) else 0
        words = [printable(call.method)]
        for index, value in enumerate(call.params[first:], first):
            label = f"{labels[index]}=" if index < len(labels) and labels[index] != "self" else ""
            words.append(label + self._value(value, width, right=right))
        return " ".join(words)

    def answer(self, call: GoldenCall, *, right: bool = False, width: int = 48) -> str:
        """`+ 'guest002'`, `x VM_BAD_POWER_STATE VM.2 Halted Running`, `- no answer`."""
        if call.reply is Reply.FAILS and isinstance(call.value, list):
            told = " ".join(self._value(each, width, right=right).strip("'") for each in call.value)
            status = "" if call.status == "Failure" else f"{printable(call.status)}: "
            return f"x {status}{told}" + _http(call)
        if call.reply is Reply.HTTP:
            return f"h HTTP {call.http_status}"
        if call.reply is Reply.NO_ANSWER:
            return f"- {printable(str(call.value))}"
        if call.reply is Reply.FAULT and isinstance(call.value, list):
            return f"! fault {call.value[0]!r} {self._value(call.value[1], width, right=right)}" + _http(call)
        if call.value == "":
            return "+" + _http(call)
        return f"+ {self._value(call.value, width, right=right)}" + _http(call)

    def param(self, call: GoldenCall, change: Change) -> tuple[str, str | None, str | None]:
        """A change among the parameters: its place, and both sides."""
        labels = self._labels(strip_async(call.method)[0])
        at = int(change.path[0])
        root = labels[at] if at < len(labels) else f"parameter {at + 1}"
        return self.change(replace(change, path=change.path[1:]), root)

    def change(self, change: Change, root: str = "", width: int = 100) -> tuple[str, str | None, str | None]:
        """A change: its place, and both sides; None where there is nothing. Types are told where they differ."""
        left, right, path = change.left, change.right, change.path
        if isinstance(left, Missing) and path and (symbol := symbol_step(path[-1])) is not None:
            path = (*path[:-1], str(self._left(symbol)))
        place = path_text(path, root)
        if isinstance(left, Missing):
            return place, None, None if isinstance(right, Missing) else self._value(right, width, right=True)
        if isinstance(right, Missing):
            return place, self._value(left, width), None
        mine, theirs = two_words(left, self._renamed(right), width)
        if change.kind == "type":
            mine, theirs = f"{family(left)} {mine}", f"{family(right)} {theirs}"
        return place, mine, theirs

    def marked_in(self, text: str) -> bool:
        """Whether one of the marked objects is named in `text`."""
        return any(name in text for name in self._marked)

    def _labels(self, name: str) -> tuple[str, ...]:
        return self._about.labels(name)

    def _value(self, value: Symbolic, width: int, *, right: bool = False) -> str:
        return value_words(self._renamed(value) if right else value, width)

    def _renamed(self, value: Symbolic) -> Symbolic:
        """A value of the right with the left's symbols; what only the right has is marked."""
        return rename(value, self._left)

    def _left(self, symbol: Symbol) -> Symbol:
        if symbol.kind not in MAPPED:
            return symbol
        found = self._symbols.left(symbol)
        if found is None:
            self._marked.add(f"{symbol.name}'")
            return Symbol(symbol.kind, f"{symbol.name}'")
        return found


def _http(call: GoldenCall) -> str:
    return f" (HTTP {call.http_status})" if call.http_status != 200 else ""
