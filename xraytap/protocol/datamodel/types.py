"""The type grammar of the data model.

type := string | int | float | bool | datetime | void | i4 | CLASS ref | CLASS record | NAME enum
| NAME struct | NAME flags | type set | (type -> type) map | type option | type|type
legacy calls add: sxp | domid | nil | any
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_TOKEN = re.compile(r"\(|\)|->|\||[^\s()|]+")
_NAMED = ("ref", "record", "enum", "struct", "flags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """`kind`: a base type, `ref record enum struct flags` (with `name`), `set map option union` (with `of`)."""

    kind: str
    name: str = ""
    of: tuple[Type, ...] = ()

    def __str__(self) -> str:
        if self.kind == "union":
            return "|".join(map(str, self.of))
        if self.kind == "map":
            return f"({self.of[0]} -> {self.of[1]}) map"
        if self.of:
            return f"{self.of[0]} {self.kind}"
        return f"{self.name} {self.kind}" if self.name else self.kind


@cache
def parse_type(text: str) -> Type:
    """The type that `text` writes. Raises ValueError for what the grammar does not know."""
    tokens = _TOKEN.findall(text)
    found, rest = _union(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"not a type of the data model: {text!r}")
    return found


def _union(tokens: list[str], at: int) -> tuple[Type, int]:
    found, at = _postfix(tokens, at)
    parts = [found]
    while at < len(tokens) and tokens[at] == "|":
        found, at = _postfix(tokens, at + 1)
        parts.append(found)
    return (parts[0] if len(parts) == 1 else Type(kind="union", of=tuple(parts))), at


def _postfix(tokens: list[str], at: int) -> tuple[Type, int]:
    if at >= len(tokens):
        raise ValueError("a type ends too early")
    if tokens[at] == "(":
        key, at = _union(tokens, at + 1)
        if tokens[at : at + 1] != ["->"]:
            raise ValueError("a map needs ->")
        value, at = _union(tokens, at + 1)
        if tokens[at : at + 2] != [")", "map"]:
            raise ValueError("a map ends in ') map'")
        found, at = Type(kind="map", of=(key, value)), at + 2
    elif tokens[at + 1 : at + 2] and tokens[at + 1] in _NAMED:
        found, at = Type(kind=tokens[at + 1], name=tokens[at]), at + 2
    else:
        found, at = Type(kind=tokens[at]), at + 1
    while at < len(tokens) and tokens[at] in ("set", "option"):
        found, at = Type(kind=tokens[at], of=(found,)), at + 1
    return found, at
