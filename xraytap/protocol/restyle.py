"""A value that was recorded over one protocol, as the same host writes it over the other.

XML-RPC has an int of the Xen-API as a text of digits and a date as a date; JSON-RPC has a number and a text
(wire facts, section 3). Which text is an int only the data model tells: without it texts stay texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from xraytap.protocol.datamodel.types import Type, parse_type
from xraytap.protocol.golden import Join, Symbol, Symbolic
from xraytap.protocol.messages import strip_async
from xraytap.protocol.values import I4, Bare, DateTime, Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.datamodel.model import MessageFacts, Model

    type Restyle = Callable[[Symbolic, Type | None], Symbolic]

_INT = re.compile(r"[+-]?[0-9]{1,20}")
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}.*")
_TASK = parse_type("task ref")


def restyle_params(
    method: str, params: tuple[Symbolic, ...], model: Model, *, to: str
) -> tuple[Symbolic, ...]:
    """A call's parameters, session included, as `to` (`xmlrpc` or `jsonrpc`) writes them."""
    facts = _facts(method, model)
    types = () if facts is None else tuple(each.type for each in facts.params)
    restyle = _restyler(model, to)
    return tuple(
        restyle(each, types[index] if index < len(types) else None) for index, each in enumerate(params)
    )


def restyle_result(method: str, value: Symbolic, model: Model, *, to: str, bare: bool = False) -> Symbolic:
    """A call's answer, without its envelope, as `to` writes it; with `bare` strings have no type element."""
    facts = _facts(method, model)
    type_ = None if facts is None else _TASK if strip_async(method)[1] else facts.returns
    return _restyler(model, to, bare=bare)(value, type_)


def _facts(method: str, model: Model) -> MessageFacts | None:
    return model.message(strip_async(method)[0])


def _restyler(model: Model, to: str, *, bare: bool = False) -> Restyle:
    leaf = _to_json if to == "jsonrpc" else _to_bare_xml if bare else _to_xml

    def restyle(value: Symbolic, type_: Type | None) -> Symbolic:
        if type_ is not None and type_.kind == "option":
            type_ = type_.of[0]
        if isinstance(value, list):
            inner = type_.of[0] if type_ is not None and type_.kind == "set" else None
            return [restyle(each, inner) for each in value]
        if isinstance(value, dict):
            types = _members(cast("dict[str, Symbolic]", value), type_, model)
            return {name: restyle(each, types(str(name))) for name, each in value.items()}
        if isinstance(value, Struct):
            first = cast("dict[str, Symbolic]", dict(reversed(value.items)))
            types = _members(first, type_, model)
            items = tuple((name, restyle(each, types(str(name)))) for name, each in value.items)
            return Struct(cast("tuple[tuple[str, str], ...]", items))
        return value if isinstance(value, Symbol | Join) else leaf(value, "" if type_ is None else type_.kind)

    return restyle


def _members(value: dict[str, Symbolic], type_: Type | None, model: Model) -> Callable[[str], Type | None]:
    """The types of a struct's members, by name."""
    if type_ is None or type_.kind not in ("map", "record", "struct"):
        return lambda _name: None
    if type_.kind == "map":
        inner = type_.of[1]
        return lambda _name: inner
    fields = model.fields(type_.kind, type_.name)

    def found(name: str) -> Type | None:
        known = fields.get(name)
        if known is not None and known.name.startswith("$"):
            # The record of the class that a member names, as in events: XAPI writes it in lower case.
            told = str(value.get(known.name[1:], "")).lower()
            named = next((each for each in model.classes() if each.lower() == told), "")
            return Type(kind=known.kind, name=named)
        return known

    return found


def _to_xml(value: Symbolic, kind: str) -> Symbolic:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return I4(value) if kind == "i4" else float(value) if kind == "float" else str(int(value))
    if kind == "datetime" and isinstance(value, str) and _DATE.fullmatch(value):
        return DateTime(str(value))
    return value


def _to_bare_xml(value: Symbolic, kind: str) -> Symbolic:
    found = _to_xml(value, kind)
    return Bare(found) if isinstance(found, str) else found


def _to_json(value: Symbolic, kind: str) -> Symbolic:
    if isinstance(value, DateTime):
        return value.text
    if isinstance(value, str):
        return int(value) if kind == "int" and _INT.fullmatch(value) else str(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
