"""What a filter expression means, once read: a tree of frozen values.

Fields carry the names of FIELDS (xraytap.protocol.filter.fields), quantities the units of `CallRow`. Both
readers of the tree, `match` and `xraytap.store.query`, must agree on every node; tests hold them to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; with no parts, every call matches."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds; with no parts, no call matches."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; a call that lacks what the part asks for matches."""

    part: Expr


@dataclass(frozen=True, slots=True)
class Text:
    """The words occur somewhere in the call, whatever their case."""

    words: str


@dataclass(frozen=True, slots=True)
class Glob:
    """A text of the call fits the pattern (xraytap.protocol.glob).

    `field` is `method`, `class`, `message`, `error`, `session`, `client` or `ref`.
    """

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Named:
    """The call speaks of an object of a class whose name, uuid or reference fits the pattern. To be bound
    (xraytap.protocol.filter.bind); until then only references are looked at."""

    class_name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Refs:
    """One of these references stands in the call: by session (`""` for calls without one), as a reference
    means nothing in another."""

    by_session: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class OneOf:
    """`outcome` or `protocol` is one of the words."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flag:
    """`async` or `redacted` is as wanted."""

    field: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Range:
    """A number lies between bounds; None leaves that side open.

    `field` is `ms` (bounds in microseconds, as in the row), `bytes` (request and response bodies together),
    `seq`, `status` or `connection`. A call without the number never matches.
    """

    field: str
    low: float | None
    high: float | None
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class Time:
    """The call began at or after the moment, or before it: `before` excludes the moment itself, so that
    neighbouring windows share no call. `micros` since the epoch."""

    side: Literal["after", "before"]
    micros: int


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """As Time, by the clock on the wall, on any day. `micros` since midnight; `tz` None is the machine's."""

    side: Literal["after", "before"]
    micros: int
    tz: tzinfo | None


type Expr = And | Or | Not | Text | Glob | Named | Refs | OneOf | Flag | Range | Time | TimeOfDay
