"""XML-RPC values as Python values, with the wire type never lost.

The frequent wire types are plain Python values, because decoding must be fast:

| wire | Python | wire | Python |
| --- | --- | --- | --- |
| `<string>` | `str` | `<array>` | `list` |
| `<int>` | `int` | `<struct>`, names unique | `dict` |
| `<boolean>` | `bool` | `<double>` | `float` |
| `<nil/>` | `None` | `<base64>` | `bytes` |

The others are the marked kinds below. A marked kind compares and hashes as its Python base, so
`Bare("x") == "x"`; who needs to tell wire types apart asks `wire_type`.
"""

from __future__ import annotations

from dataclasses import dataclass


class Bare(str):
    """`<value>text</value>` without a type element: what XAPI sends for strings, ints and refs."""

    __slots__ = ()


class I4(int):
    """`<i4>`."""

    __slots__ = ()


class I8(int):
    """`<i8>`, or `<ex:i8>`, its Apache spelling."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DateTime:
    """`<dateTime.iso8601>`, kept as written: peers write several forms (xend `20090710T09:01:27`,
    XAPI with a final `Z`, others with dashes)."""

    text: str


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct in which a member name is repeated. `items` are in wire order: they are evidence."""

    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Extended:
    """An Apache extension type (`ex:` namespace) or other foreign type element.

    `tag` is the local name (`i1 i2 biginteger bigdecimal float dateTime nil dom serializable`),
    `text` its content as written (for `dom` the XML of the children).
    """

    tag: str
    text: str


type Value = (
    str | int | float | bool | bytes | DateTime | Extended | Struct | list[Value] | dict[str, Value] | None
)


def wire_type(value: Value) -> str:
    """The name of the wire type: `string`, `untyped`, `int`, `i4`, `i8`, `boolean`, `double`, `nil`,
    `base64`, `dateTime.iso8601`, `array`, `struct`, or `ex:` with the extension's local name."""
    if isinstance(value, Extended):
        return f"ex:{value.tag}"
    return _WIRE[type(value)]


def members(value: Value) -> list[tuple[str, Value]] | None:
    """The members of a struct in order, repeated names included; `None` if it is no struct."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, Struct):
        return list(value.items)
    return None


_WIRE: dict[type, str] = {
    str: "string",
    Bare: "untyped",
    int: "int",
    I4: "i4",
    I8: "i8",
    bool: "boolean",
    float: "double",
    type(None): "nil",
    bytes: "base64",
    DateTime: "dateTime.iso8601",
    list: "array",
    dict: "struct",
    Struct: "struct",
}
