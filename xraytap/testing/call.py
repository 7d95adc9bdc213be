"""One call as a test sees it: parameters by name, and whether it is the one that an assertion asks for."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from xraytap.protocol.about import About
from xraytap.protocol.messages import strip_async, takes_session
from xraytap.protocol.values import DateTime, Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCall:
    """A call that reached the host. `args` are the parameters behind the session, `params` the same by name
    (`param 3` where the data model has none). `outcome` is one of the words of docs/glossary.md; `value` is what
    was answered, `error` the ErrorDescription of a failure. `recorded` is the number of the golden's call, None
    where there is none."""

    seq: int
    method: str
    args: tuple[Any, ...]
    params: Mapping[str, Any]
    session: str | None
    outcome: str
    value: Any = None
    error: tuple[Any, ...] | None = None
    recorded: int | None = None

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.method}({inside})"


def host_call(
    seq: int, request: Request, call: DecodedCall, model: Model, *, recorded: int | None = None
) -> HostCall:
    """What `request` was; `call` has the answer."""
    first = 1 if takes_session(request.name) and request.params else 0
    labels = About(model=model).labels(request.name)
    args = request.params[first:]
    names = [
        labels[index] if index < len(labels) else f"param {index + 1}"
        for index in range(first, first + len(args))
    ]
    answer = call.answer
    return HostCall(
        seq=seq,
        method=request.method,
        args=args,
        params=dict(zip(names, args, strict=True)),
        session=request.session,
        outcome="no-response" if answer is None else answer.outcome.value,
        value=None if answer is None else answer.value,
        error=None if answer is None else answer.error,
        recorded=recorded,
    )


def is_method(call: HostCall, pattern: str) -> bool:
    """Whether the call is of the method, `*` for any letters; `VM.start` is `Async.VM.start` as well."""
    return fnmatchcase(call.method, pattern) or fnmatchcase(strip_async(call.method)[0], pattern)


def differences(call: HostCall, args: Sequence[Any], params: Mapping[str, Any]) -> Iterator[str]:
    """In what the call's parameters are not those: one line each, nothing where they are."""
    for position, expected in enumerate(args):
        if position >= len(call.args):
            yield f"expected a parameter {position + 1} behind the session, there are {len(call.args)}"
        elif not same(expected, call.args[position]):
            name = list(call.params)[position]
            yield f"{name}: expected {expected!r}, was {call.args[position]!r}"
    for name, expected in params.items():
        if name not in call.params:
            yield f"{name}: expected {expected!r}, there is none (there is {', '.join(call.params) or 'nothing'})"
        elif not same(expected, call.params[name]):
            yield f"{name}: expected {expected!r}, was {call.params[name]!r}"


def same(expected: Any, found: Any) -> bool:
    """Equality as a test means it: an int is its text of digits, a date its text; True is not 1."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return bool(type(expected) is type(found) and expected == found) or _is_open(expected, found)
    if isinstance(expected, int) and isinstance(found, str):
        return str(expected) == found
    if isinstance(expected, str) and isinstance(found, DateTime):
        return expected == found.text
    if isinstance(expected, dict) and isinstance(found, dict | Struct):
        have = found if isinstance(found, dict) else dict(found.items)
        return expected.keys() == have.keys() and all(same(expected[name], have[name]) for name in have)
    if isinstance(expected, list | tuple) and isinstance(found, list):
        return len(expected) == len(found) and all(map(same, expected, found))
    return bool(expected == found)


def _is_open(expected: Any, found: Any) -> bool:
    """Whether `expected` has an equality of its own, as `unittest.mock.ANY` does."""
    return not isinstance(expected, bool | int | float) and bool(expected == found)
