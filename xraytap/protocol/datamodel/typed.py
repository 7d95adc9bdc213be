"""Values with their types: what `"268435456"` means, which enum word is none, which ref is of what class.

Nothing here changes a wire value; the meaning stands beside it, and a mismatch is a sentence beside both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xraytap.protocol.datamodel.types import Type
from xraytap.protocol.jsonform import value_to_json
from xraytap.protocol.values import DateTime, Extended, members, wire_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.datamodel.model import MessageFacts, Model, Param
    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value

_INT = re.compile(r"\s*[+-]?[0-9]{1,20}\s*")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?")
# What stands in a golden for a time: the field that held it, `task.created`.
_TIME = re.compile(r"[A-Za-z]\w{0,60}\.[A-Za-z]\w{0,60}")
_CONTAINERS = {"map": "struct", "record": "struct", "struct": "struct", "set": "array"}
REDACTED = "<redacted>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One value read as one type. `meaning` is JSON-ready: an int for a string of digits, an ISO date with its
    zone; None where `problem` says why it is not of that type. `parts`: members or elements, with labels."""

    wire: Value
    type: Type | None
    meaning: Any = None
    problem: str | None = None
    parts: tuple[tuple[str, Typed], ...] = ()

    def problems(self, path: str = "") -> Iterator[tuple[str, str]]:
        """Every mismatch with the path to it: `("other_config.size", "...")`."""
        for where, typed in self.mismatches(path):
            yield where, typed.problem or ""

    def mismatches(self, path: str = "") -> Iterator[tuple[str, Typed]]:
        """The parts that are not of their type, each with the path to it."""
        if self.problem is not None:
            yield path, self
        for label, part in self.parts:
            if part.parts or part.problem is not None:
                yield from part.mismatches(f"{path}.{label}" if path else label)

    def to_json(self) -> Any:  # noqa: ANN401  JSON
        """The typed meaning, the wire form where there is none."""
        if self.parts and self.type is not None:
            if self.type.kind == "set":
                return [part.to_json() for _, part in self.parts]
            return {label: part.to_json() for label, part in self.parts}
        return value_to_json(self.wire) if self.meaning is None else self.meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParam:
    """One parameter of a call with its name; `param` is None for one that the model does not know."""

    name: str
    param: Param | None
    typed: Typed


def name_params(request: Request, facts: MessageFacts, model: Model) -> list[NamedParam]:
    """The parameters of a call named and typed, in wire order."""
    found = []
    for index, value in enumerate(request.params):
        if index < len(facts.params):
            param = facts.params[index]
            typed = read_as(value, param.type, model, jsonrpc=request.protocol == "jsonrpc")
            found.append(NamedParam(name=param.name, param=param, typed=typed))
        else:
            found.append(
                NamedParam(name=f"param {index + 1}", param=None, typed=Typed(wire=value, type=None))
            )
    return found


def name_error(error: tuple[Value, ...], model: Model) -> list[tuple[str, Value]]:
    """The arguments of an error with their names; `arg 1` ... where the model has none."""
    known = model.error(str(error[0])) or () if error else ()
    return [
        (known[index].replace(" ", "_") if index < len(known) else f"arg {index + 1}", value)
        for index, value in enumerate(error[1:])
    ]


def read_as(value: Value, type_: Type, model: Model, *, jsonrpc: bool = False) -> Typed:
    """`value` read as `type_`. JSON-RPC sends ints as numbers and dates as strings, XML-RPC the reverse."""
    if value == REDACTED:
        return Typed(wire=value, type=type_, meaning=REDACTED)
    kind = type_.kind
    if kind == "union":
        tries = [read_as(value, each, model, jsonrpc=jsonrpc) for each in type_.of]
        return next((each for each in tries if not any(each.problems())), tries[0])
    if kind == "option":
        return read_as(value, type_.of[0], model, jsonrpc=jsonrpc)
    if kind in _CONTAINERS:
        return _container(value, type_, model, jsonrpc=jsonrpc)
    if kind in ("any", "sxp", "domid"):
        return Typed(wire=value, type=type_, meaning=value_to_json(value))
    meaning, problem = _scalar(value, type_, model, jsonrpc=jsonrpc)
    return Typed(wire=value, type=type_, meaning=meaning, problem=problem)


def iso(text: str) -> str | None:
    """A wire date as ISO 8601 with its zone (xend writes none and means UTC), None for other text."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(hour) < 25 and int(minute) < 60):
        return None
    part = f".{fraction}" if fraction else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{part}{zone or 'Z'}"


def _scalar(value: Value, type_: Type, model: Model, *, jsonrpc: bool) -> tuple[Any, str | None]:  # noqa: PLR0912
    kind, is_text = type_.kind, isinstance(value, str)
    due = kind
    if kind in ("string", "ref"):
        if is_text:
            return str(value), None
    elif kind == "enum":
        words = model.enum(type_.name)
        if is_text and (not words or value in words):
            return str(value), None
        if is_text:
            return None, f"{value!r} is no {type_.name}; one of {' '.join(words)}"
    elif kind in ("int", "i4", "flags"):
        number = isinstance(value, int) and not isinstance(value, bool)
        if is_text and _INT.fullmatch(str(value)) and not (jsonrpc and kind == "int"):
            return int(str(value)), None
        if number and (jsonrpc or kind != "int"):
            return value, None
        if number:
            return None, f"the number {value!r} came as <{wire_type(value)}>, where a string of digits is due"
        due = "a string of digits" if not jsonrpc else "a number"
    elif kind == "float":
        if isinstance(value, float) or (jsonrpc and isinstance(value, int)):
            return value_to_json(value), None
    elif kind == "bool":
        if isinstance(value, bool):
            return value, None
    elif kind == "datetime":
        text = value.text if isinstance(value, DateTime) else str(value) if is_text and jsonrpc else None
        if text is not None and _TIME.fullmatch(text):
            return None, None
        if text is not None:
            when = iso(text)
            return (when, None) if when else (None, f"{text!r} is no date")
    elif kind in ("void", "nil"):
        if value is None or value == "":
            return "" if kind == "void" else None, None
    else:
        return value_to_json(value), None
    found = "text" if is_text else value.tag if isinstance(value, Extended) else wire_type(value)
    return None, f"{found} where {due if type_.name == '' else str(type_)} is due"


def _depending(
    found: Type | None, field: str, of: Type, pairs: list[tuple[str, Value]], model: Model
) -> Type | None:
    """The type of a field where another field tells it: an event's `class` says of what class its `ref` is and
    its snapshot (`$class record`)."""
    if of.name != "event" or found is None:
        return found
    if field == "ref" or (found.kind == "record" and found.name.startswith("$")):
        teller = "class" if field == "ref" else found.name[1:]
        class_name = model.class_named(next((str(value) for name, value in pairs if name == teller), ""))
        kind = "ref" if field == "ref" else "record"
        if class_name is None:
            return found if field == "ref" else None
        return Type(kind=kind, name=class_name)
    return found


def _container(value: Value, type_: Type, model: Model, *, jsonrpc: bool) -> Typed:
    if type_.kind == "set":
        if not isinstance(value, list):
            return Typed(wire=value, type=type_, problem=f"{wire_type(value)} where a set (array) is due")
        parts = [(str(i), read_as(each, type_.of[0], model, jsonrpc=jsonrpc)) for i, each in enumerate(value)]
        return Typed(wire=value, type=type_, parts=tuple(parts), meaning=None if parts else [])
    pairs = members(value)
    if pairs is None:
        return Typed(
            wire=value, type=type_, problem=f"{wire_type(value)} where a {type_.kind} (struct) is due"
        )
    if type_.kind == "map":
        return Typed(
            wire=value,
            type=type_,
            parts=tuple((name, read_as(each, type_.of[1], model, jsonrpc=jsonrpc)) for name, each in pairs),
            meaning=None if pairs else {},
        )
    fields = model.fields(type_.kind, type_.name)
    parts = []
    for name, each in pairs:
        field_type = _depending(fields.get(name), name, type_, pairs, model)
        typed = (
            Typed(wire=each, type=None)
            if field_type is None
            else read_as(each, field_type, model, jsonrpc=jsonrpc)
        )
        parts.append((name, typed))
    return Typed(wire=value, type=type_, parts=tuple(parts), meaning=None if parts else {})
