"""When is a call the recorded one? By meaning: symbols mapped, struct order and spelling of types aside."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, cast

from xraytap.protocol.describe import short
from xraytap.protocol.golden import Symbol, Symbolic, substitute, symbols_in
from xraytap.protocol.messages import Request, takes_session
from xraytap.protocol.symbols import is_ref
from xraytap.protocol.values import DateTime, Extended, Struct, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from xraytap.protocol.golden import GoldenCall

type Key = object
"""Something hashable that is equal for values of one meaning."""


class _Every(frozenset[Symbol]):
    """The set of all symbols: nothing may be bound."""

    def __contains__(self, _symbol: object) -> bool:
        return True


_EVERY = _Every()


def meaning(value: Symbolic, symbols: Mapping[str, Symbol]) -> Key:
    """The key of a value; texts in `symbols` count as their symbols.

    `<string>` and untyped text are one, as are `int`, `i4` and `i8`: peers write either. A string of digits
    and a number are two.
    """
    if isinstance(value, str):
        return symbols.get(value, value) if symbols else str(value)
    if isinstance(value, Symbol) or value is None:
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int):
        return ("int", int(value))
    if isinstance(value, float):
        return ("double", repr(value))
    if isinstance(value, list):
        return ("array", *[meaning(each, symbols) for each in value])
    if isinstance(value, dict):
        pairs = [(meaning(name, symbols), meaning(each, symbols)) for name, each in value.items()]
        return ("struct", *sorted(pairs, key=lambda pair: str(pair[0])))
    if isinstance(value, Struct):
        pairs = [(meaning(name, symbols), meaning(each, symbols)) for name, each in value.items]
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
    issued: AbstractSet[Symbol],
) -> dict[str, Symbol] | None:
    """What must be bound so that the parameters `sent` are the `recorded` ones; None if nothing helps.

    A secret is anything. A symbol that no answer has issued, as of a reference that the client has from
    elsewhere, may be any text shaped like a reference that nothing else stands for.
    """
    bound: dict[str, Symbol] = {}

    def fits(want: Symbolic, have: Value) -> bool:
        if isinstance(want, Symbol) and want.kind == "secret":
            return True
        if isinstance(want, list) and isinstance(have, list):
            return len(want) == len(have) and all(map(fits, want, have))
        if isinstance(want, dict) and isinstance(have, dict):
            mine = cast("dict[str | Symbol, Symbolic]", want)
            theirs: dict[str | Symbol, Value] = {symbols.get(name, name): each for name, each in have.items()}
            return mine.keys() == theirs.keys() and all(fits(mine[name], theirs[name]) for name in mine)
        if meaning(want, {}) == meaning(have, symbols):
            return True
        if not isinstance(want, Symbol) or want in issued or not isinstance(have, str):
            return False
        return have not in symbols and is_ref(have) and bound.setdefault(str(have), want) == want

    return bound if fits(list(recorded), list(sent)) else None


def is_loose(call: GoldenCall) -> bool:
    """Whether a recorded call has a secret among its parameters, so that its key says too much."""
    return any(symbol.kind == "secret" for each in call.params for symbol in symbols_in(each))


def nearest(calls: Sequence[GoldenCall], request: Request, symbols: Mapping[str, Symbol]) -> str:
    """Why nothing matches: the recorded call that comes nearest, and how it differs."""
    same = [(seq, call) for seq, call in enumerate(calls, 1) if call.method == request.method]
    if same:
        seq, call = min(same, key=lambda each: _distance(each[1], request, symbols))
        return f"nearest is recorded call {seq}: {_difference(call, request, symbols)}"
    names = dict.fromkeys(call.method for call in calls)
    if not names:
        return "the golden has no calls at all"
    like = max(names, key=lambda name: SequenceMatcher(None, name, request.method).ratio())
    return f"the golden has no {request.method}; nearest by name is {like}"


def _distance(call: GoldenCall, request: Request, symbols: Mapping[str, Symbol]) -> int:
    pairs = zip(call.params, request.params, strict=False)
    wrong = sum(unify([want], [have], symbols, _EVERY) is None for want, have in pairs)
    return wrong + 2 * abs(len(call.params) - len(request.params))


def _difference(call: GoldenCall, request: Request, symbols: Mapping[str, Symbol]) -> str:
    if len(call.params) != len(request.params):
        return f"it has {len(call.params)} parameters, this call {len(request.params)}"
    session = takes_session(request.name)
    found = []
    for index, (want, have) in enumerate(zip(call.params, request.params, strict=True)):
        if unify([want], [have], symbols, _EVERY) is not None:
            continue
        name = "the session" if session and index == 0 else f"parameter {index + 1}"
        found.append(f"{name} is {_words(want)} there, {_words(_named(have, symbols))} here")
    return "; ".join(found) or "the same parameters, but they are taken"


def _named(value: Value, symbols: Mapping[str, Symbol]) -> Symbolic:
    return symbols.get(value, value) if isinstance(value, str) else value


def _words(value: Symbolic) -> str:
    if isinstance(value, Symbol):
        return str(value)
    text: Callable[[Symbol], str] = str
    plain = substitute(value, text)
    if isinstance(plain, str):
        return repr(str(plain)[:60])
    return f"{short(plain)} ({type(plain).__name__})" if isinstance(plain, int) else short(plain)
