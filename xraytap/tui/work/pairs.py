"""Two calls side by side as lines: what they are, every parameter, every part of the answer. Pure.

A line's sign tells how the two sides stand: `=` the same, `≠` different, `<` or `>` only that side has it, `~`
different where that says nothing: a measured value, a time, a reference that is another on each host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.diff import MISSING, diff_values, path_text, value_words
from xraytap.protocol.messages import takes_session
from xraytap.protocol.printable import printable
from xraytap.protocol.symbols import is_ref
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.diff import Change, Path, Places, Rules
    from xraytap.protocol.golden import Symbol
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

_WIDE = 400
_MOST = 20_000
"""Lines of one value that are laid out."""

_SIGNS = {"added": ">", "removed": "<", "changed": "≠", "type": "≠"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two calls. `title` says which it is: `#12 of example`."""

    title: str
    row: CallRow
    call: DecodedCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`where` is a path such as `answer.VCPUs_max`; a side without anything there is empty."""

    sign: str
    where: str
    left: str
    right: str

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return self.sign == "="


def side_by_side(left: Side, right: Side, rules: Rules, *, other_host: bool = False) -> list[Line]:
    """Every line. `other_host`: references and the session are others by nature and do not count."""
    lines = [_fact(*each) for each in _facts(left, right)]
    one, two = left.call, right.call
    method = left.row.method or right.row.method or ""
    same = _any_ref if other_host else None
    if one.request is not None and two.request is not None:
        labels = _labels(rules, method)
        session = takes_session(one.request.name)
        lines += _value(
            list(one.request.params),
            list(two.request.params),
            "",
            rules.params(method),
            same,
            name=lambda index: labels[index] if index < len(labels) else f"param {index + 1}",
            skip=(0,) if session and other_host else (),
        )
    lines += _answers(one, two, rules.answer(method), same)
    return lines


def _facts(left: Side, right: Side) -> Iterator[tuple[str, str, str, bool]]:
    """What stands in the rows: label, both sides, whether a difference counts."""
    yield "method", _method(left.row), _method(right.row), True
    for label, (of, counts) in _FACTS.items():
        mine, theirs = of(left.row), of(right.row)
        if mine or theirs:
            yield label, mine, theirs, counts


_FACTS: dict[str, tuple[Callable[[CallRow], str], bool]] = {
    "outcome": (lambda row: row.outcome.value, True),
    "error": (lambda row: row.error_code or "", True),
    "protocol": (lambda row: row.protocol, True),
    "HTTP status": (lambda row: "" if row.http_status is None else str(row.http_status), True),
    "note": (lambda row: row.note or row.decode_error or "", True),
    "ms": (lambda row: "" if row.elapsed_ms is None else f"{row.elapsed_ms:.1f}", False),
    "bytes": (lambda row: f"{row.request_bytes} out, {row.response_bytes} back", False),
}


def _fact(label: str, left: str, right: str, counts: bool) -> Line:
    sign = "=" if left == right else "≠" if counts else "~"
    return Line(sign=sign, where=label, left=printable(left), right=printable(right))


def _method(row: CallRow) -> str:
    return ("Async." if row.is_async else "") + (row.method or f"{row.http_method} {row.path}".strip())


def _labels(rules: Rules, method: str) -> tuple[str, ...]:
    facts = None if rules.model is None else rules.model.message(method)
    return () if facts is None else tuple(each.name for each in facts.params)


def _answers(
    one: DecodedCall,
    two: DecodedCall,
    places: Places,
    same: Callable[[str | Symbol, str | Symbol], bool | None] | None,
) -> list[Line]:
    mine, theirs = _answer(one), _answer(two)
    if mine is None and theirs is None:
        return []
    if mine is None or theirs is None or mine[0] != theirs[0]:
        words = [
            "" if each is None else f"{each[0]} {value_words(each[1], _WIDE)}" for each in (mine, theirs)
        ]
        sign = "<" if theirs is None else ">" if mine is None else "≠"
        return [Line(sign=sign, where="answer", left=words[0], right=words[1])]
    return _value(mine[1], theirs[1], mine[0], places, same)


def _answer(call: DecodedCall) -> tuple[str, Value] | None:
    """What kind of answer it is, and its value."""
    if call.answer is None:
        return None
    if call.fault is not None:
        return "fault", [call.fault.code, call.fault.string]
    if call.answer.error is not None:
        return "error", list(call.answer.error)
    return "answer", call.answer.value


def _any_ref(left: str | Symbol, right: str | Symbol) -> bool | None:
    """Two references of two hosts may be the same object."""
    return True if is_ref(str(left)) and is_ref(str(right)) else None


def _value(
    left: Value,
    right: Value,
    root: str,
    places: Places,
    same: Callable[[str | Symbol, str | Symbol], bool | None] | None,
    *,
    name: Callable[[int], str] | None = None,
    skip: tuple[int, ...] = (),
) -> list[Line]:
    """The lines of one value: those of the left in its order, what only the right has where it belongs."""
    # An element that is gone and one that is new may have the same index: each has its side in its key.
    everything = {_key(each): each for each in diff_values(left, right, unordered=places.unordered)}
    found = diff_values(left, right, same=same, ignore=places.ignore, unordered=places.unordered)
    counting = {_key(each): each for each in found if each.path[:1] not in [(at,) for at in skip]}
    changes = everything | counting

    def sign(change: Change) -> str:
        return _SIGNS[change.kind.value] if _key(change) in counting else "~"

    def where(path: Path) -> str:
        if name is not None and path and isinstance(path[0], int):
            return path_text(path[1:], name(path[0])) if len(path) > 1 else name(path[0])
        return path_text(path, root) or root

    lines: list[Line] = []
    shown = set()
    for path, value in _leaves((), left):
        change = changes.get((path, False))
        words = value_words(value, _WIDE)
        if change is None:
            lines.append(Line(sign="=", where=where(path), left=words, right=words))
        else:
            shown.add(_key(change))
            lines.append(_changed(sign(change), where(path), change))
        if len(lines) > _MOST:
            break
    # What only the right has; and changes of a structure, such as a struct that became a list.
    lines += [
        _changed(sign(each), where(each.path), each) for key, each in changes.items() if key not in shown
    ]
    return lines


def _key(change: Change) -> tuple[Path, bool]:
    """The place of a change, on the right where only that has it."""
    return change.path, change.left is MISSING


def _changed(sign: str, where: str, change: Change) -> Line:
    left = "" if change.left is MISSING else value_words(change.left, _WIDE)
    right = "" if change.right is MISSING else value_words(change.right, _WIDE)
    return Line(sign=sign, where=where, left=left, right=right)


def _leaves(path: Path, value: Value) -> Iterator[tuple[Path, Value]]:
    """Every leaf with its path; an empty container is one."""
    parts = members(value)
    if parts:
        for label, each in parts:
            yield from _leaves((*path, label), each)
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            yield from _leaves((*path, index), each)
    else:
        yield path, value
