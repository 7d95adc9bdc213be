"""When is a call the recorded one? By meaning: symbols mapped, struct order and spelling of types aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from xraytap.protocol.golden import Join, Symbol, Symbolic, leaves
from xraytap.protocol.symbols import is_ref
from xraytap.protocol.values import DateTime, Extended, Struct, Value

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

ANYTHING = ("secret", "time")
"""Kinds of symbols in whose place any value is right."""

type Key = object
"""Something hashable that is equal for values of one meaning."""


def meaning(value: Symbolic, symbols: Mapping[str, Symbol]) -> Key:
    """The key of a value; texts in `symbols` count as their symbols.

    `<string>` and untyped text are one, as are `int`, `i4` and `i8`: peers write either. A string of digits
    and a number are two.
    """
    if isinstance(value, str):
        return symbols.get(value, value) if symbols else str(value)
    if isinstance(value, Symbol | Join) or value is None:
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int):
        return ("int", int(value))
    if isinstance(value, float):
        return ("double", repr(value))
    if isinstance(value, list):
        return ("array", *[meaning(each, symbols) for each in value])
    if isinstance(value, dict | Struct):
        items = value.items() if isinstance(value, dict) else value.items
        pairs = [(meaning(name, symbols), meaning(each, symbols)) for name, each in items]
        return ("struct", *sorted(pairs, key=lambda pair: str(pair[0])))
    if isinstance(value, DateTime):
        return ("dateTime", value.text)
    if isinstance(value, Extended):
        return ("ex", value.tag, value.text)
    return ("base64", value)


def unify(
    recorded: Sequence[Symbolic],
    sent: Sequence[Value],
    symbols: Mapping[str, Symbol],
    given: Container[Symbol],
) -> dict[str, Symbol] | None:
    """What must be bound so that the parameters `sent` are the `recorded` ones; None if nothing helps.

    A secret is anything, and so is a time. A symbol that has not been `given` out yet may be any text shaped
    like a reference (of an event token any text) that nothing else stands for: the client has it from elsewhere,
    as from its configuration.
    """
    bound: dict[str, Symbol] = {}

    def fits(want: Symbolic, have: Value) -> bool:
        if isinstance(want, Symbol) and want.kind in ANYTHING:
            return True
        if isinstance(want, Join) and isinstance(have, str):
            pattern = "".join("(.+)" if isinstance(each, Symbol) else re.escape(each) for each in want.parts)
            found = re.fullmatch(pattern, have, re.DOTALL)
            inside = [each for each in want.parts if isinstance(each, Symbol)]
            return found is not None and all(map(fits, inside, found.groups()))
        if isinstance(want, list) and isinstance(have, list):
            return len(want) == len(have) and all(map(fits, want, have))
        if isinstance(want, dict) and isinstance(have, dict):
            mine = cast("dict[str | Symbol, Symbolic]", want)
            theirs: dict[str | Symbol, Value] = {symbols.get(name, name): each for name, each in have.items()}
            return mine.keys() == theirs.keys() and all(fits(mine[name], theirs[name]) for name in mine)
        if meaning(want, {}) == meaning(have, symbols):
            return True
        if not isinstance(want, Symbol) or want in given or not isinstance(have, str):
            return False
        shaped = is_ref(have) or want.kind == "token"
        return have not in symbols and shaped and bound.setdefault(str(have), want) == want

    return bound if fits(list(recorded), list(sent)) and len(set(bound.values())) == len(bound) else None


def is_loose(value: Symbolic) -> bool:
    """Whether more than one value means this one, so that its `meaning` says too much."""
    return any(isinstance(leaf, Join) or getattr(leaf, "kind", "") in ANYTHING for leaf in leaves(value))


def symbolic(value: Value, symbols: Mapping[str, Symbol]) -> Symbolic:
    """`value` with the texts that stand for symbols named."""
    if isinstance(value, str):
        return symbols.get(value, value)
    if isinstance(value, list):
        return [symbolic(each, symbols) for each in value]
    if isinstance(value, dict):
        return {symbols.get(name, name): symbolic(each, symbols) for name, each in value.items()}
    return value
