"""Whether a call matches a filter.

A call is judged first by its row; its bodies are decoded only where the row leaves the matter open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

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
from xraytap.protocol.filter.quantities import clock_of
from xraytap.protocol.glob import glob_matches
from xraytap.protocol.values import DateTime, Extended, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

RPC_PROTOCOLS = ("xmlrpc", "jsonrpc")
"""Only these calls have bodies to search: an export may be many gigabytes, and is no message."""

REF_MARK = "OpaqueRef:"
"""What XAPI puts before references, and people leave away."""


def matches(expr: Expr, row: CallRow, bodies: Callable[[], DecodedCall]) -> bool:
    """Whether the call matches. `bodies` is called at most once, and only if the row does not decide."""
    verdict = _judge(expr, row, None)
    if verdict is None:
        verdict = _judge(expr, row, bodies())
    return verdict is True


def needs_bodies(expr: Expr) -> bool:
    """Whether some call may have to be decoded to be judged."""
    match expr:
        case And(parts) | Or(parts):
            return any(needs_bodies(each) for each in parts)
        case Not(part):
            return needs_bodies(part)
        case Text(words):
            return bool(words)
        case Glob(field):
            return field == "ref"
        case Named():
            return True
        case Refs(by_session):
            return bool(by_session)
    return False


def text_of(call: DecodedCall) -> Iterator[str]:
    """Every text of a decoded call as a search sees it: numbers and member names too, in order."""
    if call.request is not None:
        yield call.request.method
    for text, _ in _texts(_values(call)):
        yield text
    if call.fault is not None:
        yield str(call.fault.code)
        yield call.fault.string


def method_parts(method: str | None) -> tuple[str | None, str | None]:
    """Class and message as patterns see them: the method ends at a NUL, as in SQLite."""
    if method is None:
        return None, None
    before, dot, after = method.partition("\0")[0].rpartition(".")
    return (before if dot else None), after


def patterns(field: str, pattern: str) -> tuple[str, ...]:
    """The patterns of which one must fit the field's text: people leave ports and OpaqueRef: away."""
    if field == "client":
        return (pattern, pattern + ":*")
    if field in ("session", "ref"):
        return (pattern, REF_MARK + pattern)
    return (pattern,)


def _judge(expr: Expr, row: CallRow, call: DecodedCall | None) -> bool | None:  # noqa: PLR0912  a node a line
    """True, False, or None where only the bodies can tell and `call` is not given."""
    match expr:
        case And(parts):
            return _all(parts, row, call)
        case Or(parts):
            return _any(parts, row, call)
        case Not(part):
            verdict = _judge(part, row, call)
            return None if verdict is None else not verdict
        case Text(words):
            return _text(words, row, call)
        case Glob("ref") | Named():
            if row.protocol not in RPC_PROTOCOLS:
                return False
            return None if call is None else _has_ref(expr.pattern, call)
        case Refs(by_session):
            refs = by_session.get(row.session or "")
            if not refs or row.protocol not in RPC_PROTOCOLS:
                return False
            return None if call is None else any(text in refs for text, wire in _texts(_values(call)) if wire)
        case Glob():
            return _fits(expr, row)
        case OneOf(field, values):
            return (row.outcome.value if field == "outcome" else row.protocol) in values
        case Flag(field, wanted):
            return (row.is_async if field == "async" else bool(row.redacted)) is wanted
        case Range():
            return _within(expr, row)
        case Time(side, micros):
            return (row.started_at_us >= micros) is (side == "after")
        case TimeOfDay(side, micros, tz):
            return (clock_of(row.started_at_us, tz) >= micros) is (side == "after")
    assert_never(expr)


def _all(parts: Iterable[Expr], row: CallRow, call: DecodedCall | None) -> bool | None:
    open_question = False
    for part in parts:
        verdict = _judge(part, row, call)
        if verdict is False:
            return False
        open_question = open_question or verdict is None
    return None if open_question else True


def _any(parts: Iterable[Expr], row: CallRow, call: DecodedCall | None) -> bool | None:
    open_question = False
    for part in parts:
        verdict = _judge(part, row, call)
        if verdict:
            return True
        open_question = open_question or verdict is None
    return None if open_question else False


def _text(words: str, row: CallRow, call: DecodedCall | None) -> bool | None:
    wanted = words.casefold()
    kept = (row.method, row.path, row.client, row.session, row.error_code, row.note, row.decode_error)
    if any(wanted in each.casefold() for each in kept if each is not None):
        return True
    if row.protocol not in RPC_PROTOCOLS:
        return False
    return None if call is None else any(wanted in each.casefold() for each in text_of(call))


def _fits(expr: Glob, row: CallRow) -> bool:
    text: str | None
    match expr.field:
        case "method":
            text = row.method
        case "class":
            text = method_parts(row.method)[0]
        case "message":
            text = method_parts(row.method)[1]
        case "error":
            text = row.error_code
        case "session":
            text = row.session
        case _:
            text = row.client
    return text is not None and any(glob_matches(each, text) for each in patterns(expr.field, expr.pattern))


def _has_ref(pattern: str, call: DecodedCall) -> bool:
    wanted = patterns("ref", pattern)
    return any(
        glob_matches(each, text) for text, literal in _texts(_values(call)) if literal for each in wanted
    )


def _within(expr: Range, row: CallRow) -> bool:
    value: int | None
    match expr.field:
        case "ms":
            value = row.elapsed_us
        case "bytes":
            value = row.request_bytes + row.response_bytes
        case "seq":
            value = row.seq
        case "status":
            value = row.http_status
        case _:
            value = row.connection
    if value is None:
        return False
    if expr.low is not None and not (value >= expr.low if expr.low_closed else value > expr.low):
        return False
    return expr.high is None or (value <= expr.high if expr.high_closed else value < expr.high)


def _values(call: DecodedCall) -> list[Value]:
    found: list[Value] = [] if call.request is None else list(call.request.params)
    if call.answer is not None:
        found.append(call.answer.value)
        found.extend(call.answer.error or ())
    return found


def _texts(values: list[Value]) -> Iterator[tuple[str, bool]]:
    """Each text inside, and whether it is one on the wire (strings and member names). With a stack of its
    own, as peers decide how deep values nest."""
    stack = values[::-1]
    while stack:
        value = stack.pop()
        parts = members(value)
        if parts is not None:
            for name, each in reversed(parts):
                stack.append(each)
                stack.append(name)
        elif isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, str):
            yield value, True
        elif isinstance(value, bool):
            yield ("true" if value else "false"), False
        elif isinstance(value, DateTime | Extended):
            yield value.text, False
        elif isinstance(value, bytes):
            yield value.decode("utf-8", "replace"), False
        elif value is not None:
            yield (repr(value) if isinstance(value, float) else str(value)), False
