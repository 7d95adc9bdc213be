"""Filters as SQL over the table `calls`.

Each expression becomes two conditions: one that every matching row fulfils (`upper`), and one that only
matching rows fulfil (`lower`). Where the two are one, SQL alone decides. `not` swaps them, so that the
negation of what SQL cannot know stays a superset. No condition is ever NULL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, assert_never

from xraytap.protocol.filter.ast import (
    And,
    Expr,
    Flag,
    Glob,
    Named,
    Not,
    OneOf,
    Or,
    Range,
    Refs,
    Text,
    Time,
    TimeOfDay,
)
from xraytap.protocol.filter.match import RPC_PROTOCOLS, patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

# SQLite bounds its parser's stack at 100 entries and an expression's depth at 1000; a chain of AND counts
# by its length. Deeper filters than these are left to Python.
_DEEPEST = 12
_LONGEST_CHAIN = 30
_LONGEST_PATTERN = 1000
_DAY_US = 86_400_000_000

# A text ends at its first NUL (xraytap.protocol.glob): LIKE and length() see it so, but rtrim() and
# replace() do not.
_METHOD = "substr(method, 1, length(method))"
# Up to the last dot and with it: what remains when all else that occurs is trimmed from the right.
_HEAD = f"rtrim({_METHOD}, replace({_METHOD}, '.', ''))"
_COLUMNS = {
    "method": "method",
    "class": f"substr(nullif({_HEAD}, ''), 1, length({_HEAD}) - 1)",
    "message": f"substr({_METHOD}, length({_HEAD}) + 1)",
    "error": "error_code",
    "session": "session",
    "client": "client",
    "ms": "elapsed_us",
    "bytes": "request_bytes + response_bytes",
    "seq": "seq",
    "status": "http_status",
    "connection": "connection",
}
_NULLABLE = ("ms", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A condition that holds for every matching row, and if `exact` for no other; else each row found has
    still to be judged by `xraytap.protocol.filter.matches`."""

    where: str
    params: tuple[Any, ...]
    exact: bool


def compile_filter(expr: Expr) -> Compiled:
    """The condition for `SELECT ... FROM calls WHERE ...`."""
    bounds = _bounds(expr)
    return Compiled(where=bounds.upper.text, params=bounds.upper.params, exact=bounds.exact)


@dataclass(frozen=True, slots=True)
class _Sql:
    text: str
    params: tuple[str | float, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Bounds:
    lower: _Sql
    upper: _Sql

    @property
    def exact(self) -> bool:
        return self.lower == self.upper


_ALWAYS = _Sql("1")
_NEVER = _Sql("0")
_UNKNOWN = _Bounds(_NEVER, _ALWAYS)
_RPC = _Sql("protocol IN ({})".format(", ".join(f"'{each}'" for each in RPC_PROTOCOLS)))


def _bounds(expr: Expr) -> _Bounds:  # noqa: PLR0912  a node a line
    match expr:
        case And(parts):
            found = [_bounds(each) for each in parts]
            return _bounded(_all([each.lower for each in found]), _all([each.upper for each in found]))
        case Or(parts):
            found = [_bounds(each) for each in parts]
            return _bounded(_any([each.lower for each in found]), _any([each.upper for each in found]))
        case Not(part):
            inner = _bounds(part)
            return _bounded(_not(inner.upper), _not(inner.lower))
        case Text(words):
            return _UNKNOWN if words else _exactly("1")
        case Glob("ref") | Named():
            return _Bounds(_NEVER, _RPC)
        case Refs(by_session):
            return _refs(sorted(session for session, refs in by_session.items() if refs))
        case Glob():
            return _glob(expr)
        case OneOf():
            return _one_of(expr)
        case Flag("async", wanted):
            return _exactly("is_async <> 0" if wanted else "is_async = 0")
        case Flag(_, wanted):
            return _exactly("redacted <> ''" if wanted else "redacted = ''")
        case Range():
            return _range(expr)
        case Time(side, micros):
            return _exactly(f"started_at_us {_SIDES[side]} ?", micros)
        case TimeOfDay():
            return _time_of_day(expr)
    assert_never(expr)


def _refs(sessions: list[str]) -> _Bounds:
    """Only bodies tell, but of the sessions that know the object."""
    if not sessions:
        return _exactly("0")
    if len(sessions) > _LONGEST_CHAIN:
        return _Bounds(_NEVER, _RPC)
    among = f"coalesce(session, '') IN ({', '.join('?' * len(sessions))})"
    return _Bounds(_NEVER, _all([_RPC, _Sql(among, tuple(sessions))]))


_SIDES = {"after": ">=", "before": "<"}


def _glob(expr: Glob) -> _Bounds:
    """LIKE folds ASCII letters only, as our patterns do. Other characters it reads its own way (it replaces
    noncharacters), so a pattern that has any is not given to it."""
    column = _COLUMNS[expr.field]
    choices = patterns(expr.field, expr.pattern)
    if not expr.pattern.isascii() or "\0" in expr.pattern or len(expr.pattern) > _LONGEST_PATTERN:
        return _UNKNOWN
    fits = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for _ in choices)
    return _exactly(f"coalesce({fits}, 0)", *(_like(each) for each in choices))


def _like(pattern: str) -> str:
    for special in "\\%_":
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%").replace("?", "_")


def _one_of(expr: OneOf) -> _Bounds:
    values = sorted(expr.values)
    among = f"{expr.field} IN ({', '.join('?' * len(values))})"
    if expr.field == "outcome" and "success" not in expr.values:
        # Word for word the condition of the index `troubled`, or SQLite will not use it.
        return _exactly(f"(outcome <> 'success' AND {among})", *values)
    return _exactly(among, *values)


def _range(expr: Range) -> _Bounds:
    column = _COLUMNS[expr.field]
    conditions = [f"{column} IS NOT NULL"] if expr.field in _NULLABLE else []
    values: list[float] = []
    if expr.low is not None:
        conditions.append(f"{column} {'>=' if expr.low_closed else '>'} ?")
        values.append(expr.low)
    if expr.high is not None:
        conditions.append(f"{column} {'<=' if expr.high_closed else '<'} ?")
        values.append(expr.high)
    return _exactly(f"({' AND '.join(conditions) or '1'})", *values)


def _time_of_day(expr: TimeOfDay) -> _Bounds:
    """In a zone that changes its clocks SQL cannot tell the time of day."""
    offset = None if expr.tz is None else expr.tz.utcoffset(None)
    if offset is None:
        return _UNKNOWN
    shift = offset // timedelta(microseconds=1)
    # SQL's remainder of a negative number is negative.
    clock = f"((started_at_us + ?) % {_DAY_US} + {_DAY_US}) % {_DAY_US}"
    return _exactly(f"{clock} {_SIDES[expr.side]} ?", shift, expr.micros)


def _exactly(text: str, *values: str | float) -> _Bounds:
    one = _Sql(text, values)
    return _Bounds(one, one)


def _bounded(lower: _Sql, upper: _Sql) -> _Bounds:
    if lower.depth > _DEEPEST or upper.depth > _DEEPEST:
        return _UNKNOWN
    return _Bounds(lower, upper)


def _all(parts: Sequence[_Sql]) -> _Sql:
    if _NEVER in parts:
        return _NEVER
    return _chain("AND", [each for each in parts if each != _ALWAYS], empty=_ALWAYS)


def _any(parts: Sequence[_Sql]) -> _Sql:
    if _ALWAYS in parts:
        return _ALWAYS
    return _chain("OR", [each for each in parts if each != _NEVER], empty=_NEVER)


def _not(part: _Sql) -> _Sql:
    if part == _ALWAYS:
        return _NEVER
    if part == _NEVER:
        return _ALWAYS
    return _Sql(f"NOT ({part.text})", part.params, part.depth + 1)


def _chain(word: str, parts: list[_Sql], *, empty: _Sql) -> _Sql:
    while len(parts) > _LONGEST_CHAIN:
        groups = [parts[at : at + _LONGEST_CHAIN] for at in range(0, len(parts), _LONGEST_CHAIN)]
        parts = [_chain(word, each, empty=empty) for each in groups]
    if len(parts) < 2:
        return parts[0] if parts else empty
    return _Sql(
        f"({f' {word} '.join(each.text for each in parts)})",
        tuple(value for each in parts for value in each.params),
        1 + max(each.depth for each in parts),
    )
