"""A value as something hashable, for finding calls that are alike: equal for values of one meaning, with symbols
as the caller names them, volatile places and the order of sets left out. Types do not count here: a call whose
answer became a number is still that call.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from xraytap.protocol.golden import Join, Symbol, Symbolic
from xraytap.protocol.values import DateTime, Extended, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from xraytap.protocol.diff.values import Path
    from xraytap.protocol.diff.volatile import Places

MAPPED = ("ref", "uuid", "session", "task", "token")
"""Kinds of symbols whose numbers mean nothing beyond their own golden."""


def shape(symbol: Symbol) -> str:
    """A symbol without its number: its kind and class."""
    return f"{symbol.kind} {symbol.name.rpartition('.')[0]}" if symbol.kind in MAPPED else str(symbol)


def value_key(value: Symbolic, places: Places, name: Callable[[Symbol], str], path: Path = ()) -> Hashable:
    """The key of `value`, whose place is `path`; `name` gives what a symbol counts as."""
    if places.ignore(path):
        return "~"
    if isinstance(value, str):
        return "'" + value
    if isinstance(value, Symbol):
        return name(value)
    if isinstance(value, list):
        keys = [value_key(each, places, name, (*path, index)) for index, each in enumerate(value)]
        if places.unordered(path):
            keys.sort(key=repr)
        return ("[", *keys)
    if isinstance(value, dict | Struct):
        items = value.items() if isinstance(value, dict) else value.items
        members = [
            (name(key) if isinstance(key, Symbol) else key, value_key(each, places, name, (*path, str(key))))
            for key, each in items
        ]
        # Two symbols may count as one name; otherwise the names alone are an order.
        members.sort(key=repr if any(isinstance(key, Symbol) for key, _ in items) else itemgetter(0))
        return ("{", *members)
    return _leaf(value, name)


def _leaf(value: Symbolic, name: Callable[[Symbol], str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"'{int(value)}"  # one with its text of digits
    if isinstance(value, Join):
        return "".join(name(each) if isinstance(each, Symbol) else each for each in value.parts)
    if isinstance(value, DateTime):
        return f"'{value.text}"
    if isinstance(value, Extended):
        return f"{value.tag} {value.text}"
    return repr(value)
