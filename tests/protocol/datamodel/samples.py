"""A value of any type of the data model, as a host would write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.values import I4, DateTime

if TYPE_CHECKING:
    from xraytap.protocol.datamodel import Model, Type
    from xraytap.protocol.values import Value

_SCALARS: dict[str, Value] = {
    "string": "text",
    "ref": "b28e4ee3-216f-fa85-9cae-615e954dbbe7",
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


def sample(type_: Type, model: Model, depth: int = 0) -> Value:
    """One value of that type."""
    kind = type_.kind
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind == "enum":
        words = model.enum(type_.name)
        return words[0] if words else "word"
    if kind in ("union", "option"):
        return sample(type_.of[0], model, depth)
    if kind == "set":
        return [sample(type_.of[0], model, depth + 1)]
    if kind == "map":
        return {"key": sample(type_.of[1], model, depth + 1)}
    return {
        name: sample(each, model, depth + 1)
        for name, each in (model.fields(kind, type_.name) if depth < 4 else {}).items()
    }
