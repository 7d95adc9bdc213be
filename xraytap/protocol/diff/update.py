"""A golden recorded again: the new one with what is only volatile, and the numbers of symbols, as the old has them.

What a reviewer sees of it is then what really changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.protocol.diff.align import compare_calls
from xraytap.protocol.diff.keys import MAPPED
from xraytap.protocol.diff.values import family
from xraytap.protocol.diff.volatile import Rules
from xraytap.protocol.golden import Symbol, rename, symbols_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.diff.bijection import Bijection
    from xraytap.protocol.diff.values import Path
    from xraytap.protocol.diff.volatile import Places
    from xraytap.protocol.golden import Golden, GoldenCall, Symbolic


def updated(old: Golden, new: Golden, model: Model | None) -> Golden:
    """`new` in the old one's words. The header tells of the old recording if nothing else changed."""
    names = tuple(dict.fromkeys((*old.volatile, *new.volatile)))
    rules = Rules(model=model, names=names)
    compared = compare_calls(old.calls, new.calls, rules)
    called = _names(old, new, compared.symbols)
    calls = [
        replace(
            call,
            params=tuple(rename(each, called.__getitem__) for each in call.params),
            value=rename(call.value, called.__getitem__),
        )
        for call in new.calls
    ]
    for pair in compared.pairs:
        if pair.left is None or pair.right is None:
            continue
        before, after = old.calls[pair.left], calls[pair.right]
        if before.reply == after.reply:
            value = _kept(before.value, after.value, rules.answer(after.method))
            calls[pair.right] = replace(after, value=value)
    golden = replace(new, calls=tuple(calls), about=new.about or old.about, volatile=names)
    same = replace(golden, recorded=old.recorded, format=old.format) == old
    return replace(golden, recorded=old.recorded) if same else golden


def _names(old: Golden, new: Golden, symbols: Bijection) -> dict[Symbol, Symbol]:
    """What each symbol of the new is called: as the old has it; what the old lacks gets a number of its own."""
    taken = dict.fromkeys(_symbols(old.calls))
    found: dict[Symbol, Symbol] = {}
    for symbol in dict.fromkeys(_symbols(new.calls)):
        name = symbols.left(symbol) if symbol.kind in MAPPED else symbol
        if name is None:
            name = _free(symbol, taken)
            taken[name] = None
        found[symbol] = name
    return found


def _free(symbol: Symbol, taken: Iterable[Symbol]) -> Symbol:
    """The symbol with a number that nobody has; sessions and tokens count without a dot."""
    if symbol not in taken:
        return symbol
    stem = symbol.name.rstrip("0123456789")
    numbers = [each.name.removeprefix(stem) for each in taken if each.kind == symbol.kind]
    return Symbol(symbol.kind, f"{stem}{1 + max(int(each) for each in numbers if each.isdecimal())}")


def _symbols(calls: Iterable[GoldenCall]) -> Iterable[Symbol]:
    for call in calls:
        for value in (*call.params, call.value):
            yield from symbols_in(value)


def _kept(old: Symbolic, new: Symbolic, places: Places, path: Path = ()) -> Symbolic:
    """The new value with the old one's volatile places."""
    if places.ignore(path):
        return old if family(old) == family(new) and not any(symbols_in(old)) else new
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            name: _kept(old[name], each, places, (*path, str(name))) if name in old else each  # type: ignore[index]
            for name, each in new.items()
        }
    if (
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and not places.unordered(path)
    ):
        pairs = zip(old, new, strict=True)
        return [_kept(one, other, places, (*path, index)) for index, (one, other) in enumerate(pairs)]
    return new
