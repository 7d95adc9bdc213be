"""A value of any type of the data model, as each host would write it over each transport."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from xraytap.protocol.values import I4, Bare, DateTime

if TYPE_CHECKING:
    from xraytap.protocol.datamodel import Model, Type
    from xraytap.protocol.values import Value

SESSION = "5e550001-7a4c-4d0f-9d7e-1f0a5c3b2e01"
HOSTS = ("xend", "xapi", "json")
"""xend; XAPI over XML-RPC: bare texts, dates with a Z; XAPI over JSON-RPC: numbers, dates as texts."""

_SCALARS: dict[str, Value] = {
    "string": "text",
    "int": "268435456",
    "float": 0.25,
    "bool": True,
    "datetime": DateTime("20090710T09:01:27"),
    "void": "",
    "nil": None,
    "i4": I4(7),
    "flags": "1",
    "any": ["anything"],
    "sxp": ["domain", ["name", "x"]],
    "domid": "0",
}
_XAPI: dict[str, Value] = {"datetime": DateTime("20090710T09:01:27Z")}
_JSON: dict[str, Value] = {"int": 268435456, "datetime": "20090710T09:01:27Z", "i4": 7, "flags": 1}
_TABLES = {"xend": _SCALARS, "xapi": {**_SCALARS, **_XAPI}, "json": {**_SCALARS, **_JSON}}


def ref_of(class_name: str, host: str) -> str:
    """The one object of each class."""
    name = SESSION if class_name == "session" else str(uuid.uuid5(uuid.NAMESPACE_OID, class_name))
    return name if host == "xend" else f"OpaqueRef:{name}"


def sample(type_: Type, model: Model, depth: int = 0, host: str = "xend") -> Value:
    """One value of that type."""
    value = _sample(type_, model, depth, host)
    return Bare(value) if host == "xapi" and isinstance(value, str) else value


def _sample(type_: Type, model: Model, depth: int, host: str) -> Value:
    kind = type_.kind
    if kind in _TABLES[host]:
        return _TABLES[host][kind]
    if kind == "ref":
        return ref_of(type_.name, host)
    if kind == "enum":
        words = model.enum(type_.name)
        return words[0] if words else "word"
    if kind in ("union", "option"):
        return _sample(type_.of[0], model, depth, host)
    if kind == "set":
        return [sample(type_.of[0], model, depth + 1, host)]
    if kind == "map":
        return {str(_sample(type_.of[0], model, depth, host)): sample(type_.of[1], model, depth + 1, host)}
    fields = model.fields(kind, type_.name) if depth < 4 else {}
    return {name: sample(each, model, depth + 1, host) for name, each in fields.items()}
