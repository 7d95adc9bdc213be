"""Two values compared as the Xen-API means them: the order of members aside, wire types not.

A string of digits and a number are two things (that is how a host's release changes under a client); the
spelling of a string (`<string>` or bare) and of a number (`int i4 i8`) is the host's style and none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, cast

from xraytap.protocol.diff.lists import expression, pair_list, pair_set
from xraytap.protocol.diff.words import path_text, two_words, value_words
from xraytap.protocol.golden import Join, Symbol, Symbolic
from xraytap.protocol.values import Struct, wire_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from xraytap.protocol.values import Value

    type Items = list[tuple[str | Symbol, Symbolic]]

type Path = tuple[str | int, ...]
"""Names of members and indices of elements, from the outside in; a symbol that names a member as its text."""


class Missing(Enum):
    """The type of MISSING, for annotations."""

    MISSING = "missing"


MISSING = Missing.MISSING
"""What stands on the side where there is nothing."""


class ChangeKind(StrEnum):
    """ADDED, REMOVED: one side has nothing there. TYPE: the wire types differ, so `"1"` became `1`."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    TYPE = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `path` leads to it (an index counts in the side that has the element, the left if both)."""

    path: Path
    kind: ChangeKind
    left: Symbolic | Missing
    right: Symbolic | Missing


def diff_values(
    left: Symbolic,
    right: Symbolic,
    *,
    same: Callable[[str | Symbol, str | Symbol], bool | None] | None = None,
    ignore: Callable[[Path], bool] | None = None,
    unordered: Callable[[Path], bool] | None = None,
    partner: Callable[[str | Symbol], str | Symbol | None] | None = None,
) -> tuple[Change, ...]:
    """Every difference, in the order of the left value. Empty: they mean the same.

    `same` decides for two texts (or symbols) where it has an opinion, None meaning that it has none: so a
    reference of one host can be that of another. `ignore` tells the places that do not count, `unordered`
    the arrays that are sets. `partner` may tell at once which text of the right `same` will find to be one of the
    left, None if none is: large sets and maps are then paired without a search.
    """
    if same is None and partner is None:
        partner = _itself
    return tuple(_Differ(same, ignore, unordered, partner).changes((), left, right))


def describe_change(change: Change, *, root: str = "", width: int = 48) -> str:
    """One line, safe to print: `record.VCPUs_max: '2' became '4'`. Values take about `width` columns each;
    `root` names the whole value."""
    place = path_text(change.path, root)
    if isinstance(change.left, Missing):
        text = f"added {'' if isinstance(change.right, Missing) else value_words(change.right, width)}"
    elif isinstance(change.right, Missing):
        text = f"removed, was {value_words(change.left, width)}"
    elif change.kind is ChangeKind.TYPE:
        left, right = _typed_words(change.left, width), _typed_words(change.right, width)
        text = f"{left} became {right}"
    else:
        left, right = two_words(change.left, change.right, width)
        text = f"{left} became {right}"
    return f"{place}: {text}" if place else text


def family(value: Symbolic) -> str:
    """The wire type with the host's style left out: `string` for symbols and bare texts, `int` for i4 and i8."""
    if isinstance(value, Symbol | Join):
        return "string"
    kind = wire_type(cast("Value", value))  # a struct that holds symbols is a struct all the same
    return {"untyped": "string", "i4": "int", "i8": "int"}.get(kind, kind)


def items_of(value: Symbolic) -> Items | None:
    """The members of a struct in order, symbols included; None if it is none."""
    if isinstance(value, dict):
        return [*value.items()]
    return [*value.items] if isinstance(value, Struct) else None


class _Differ:
    """The walk through two values at once."""

    def __init__(
        self,
        same: Callable[[str | Symbol, str | Symbol], bool | None] | None,
        ignore: Callable[[Path], bool] | None,
        unordered: Callable[[Path], bool] | None,
        partner: Callable[[str | Symbol], str | Symbol | None] | None,
    ) -> None:
        self._same = same
        self._ignore = ignore
        self._unordered = unordered
        self._partner = partner

    def changes(self, path: Path, left: Symbolic, right: Symbolic) -> Iterator[Change]:
        if (left is right and self._same is None) or (self._ignore is not None and self._ignore(path)):
            return
        if isinstance(left, str | Symbol) and isinstance(right, str | Symbol):
            if not self._same_text(left, right):
                yield _change(path, ChangeKind.CHANGED, left, right)
        elif family(left) != family(right):
            yield _change(path, ChangeKind.TYPE, left, right)
        elif isinstance(left, Join) and isinstance(right, Join):
            alike = len(left.parts) == len(right.parts) and all(map(self._same_text, left.parts, right.parts))
            if not alike:
                yield _change(path, ChangeKind.CHANGED, left, right)
        elif isinstance(left, list) and isinstance(right, list):
            as_set = self._unordered is not None and self._unordered(path)
            mine, theirs = (None, None) if as_set else (expression(left), expression(right))
            if mine is not None and theirs is not None and mine[0] == theirs[0]:
                yield from self._members(path, mine[1], theirs[1])
            else:
                yield from self._lists(path, left, right, as_set=as_set)
        else:
            members, others = items_of(left), items_of(right)
            if members is not None and others is not None:
                yield from self._members(path, members, others)
            elif not _same_leaf(left, right):
                yield _change(path, ChangeKind.CHANGED, left, right)

    def _same_text(self, left: str | Symbol, right: str | Symbol) -> bool:
        verdict = None if self._same is None else self._same(left, right)
        return left == right if verdict is None else verdict

    def _members(self, path: Path, left: Items, right: Items) -> Iterator[Change]:
        """Members by name; a name that is repeated pairs in order."""
        theirs: dict[str | Symbol, list[Symbolic]] = {}
        for name, value in right:
            theirs.setdefault(name, []).append(value)
        partner = self._renamed(dict.fromkeys(name for name, _ in left), theirs)
        for name, value in left:
            there = (*path, str(name))
            other = partner.get(name, name)
            found = None if other is None else theirs.get(other)
            if found:
                yield from self.changes(there, value, found.pop(0))
            else:
                yield from self._lone(there, ChangeKind.REMOVED, value)
        for name, _ in right:
            if theirs[name]:
                yield from self._lone((*path, str(name)), ChangeKind.ADDED, theirs[name].pop(0))

    def _renamed(
        self, left: Iterable[str | Symbol], right: dict[str | Symbol, list[Symbolic]]
    ) -> dict[str | Symbol, str | Symbol | None]:
        """Names of the left that `same` finds under another name on the right, as in maps by reference; None
        for one whose namesake is another object."""
        if self._same is None:
            return {}
        same = self._same
        kept = {name for name in left if name in right and same(name, name) is not False}
        free = dict.fromkeys(name for name in right if name not in kept)
        found: dict[str | Symbol, str | Symbol | None] = {}
        for name in left:
            if name in kept:
                continue
            if self._partner is not None:
                other = self._partner(name)
                other = other if other in free else None
            else:
                other = next((each for each in free if same(name, each)), None)
            found[name] = other
            if other is not None:
                del free[other]
        return found

    def _lone(self, path: Path, kind: ChangeKind, value: Symbolic) -> Iterator[Change]:
        if self._ignore is None or not self._ignore(path):
            yield _lone(path, kind, value)

    def _lists(
        self, path: Path, left: Sequence[Symbolic], right: Sequence[Symbolic], *, as_set: bool
    ) -> Iterator[Change]:
        """The changes of two lists whose elements are paired; who has no partner is gone or new."""

        def equal(i: int, j: int) -> bool:
            return next(self.changes((*path, i), left[i], right[j]), None) is None

        def distance(i: int, j: int) -> int:
            return sum(1 for _ in self.changes((*path, i), left[i], right[j]))

        if as_set:
            partner = dict(pair_set(left, right, equal, distance, self._partner))
        else:
            partner = dict(pair_list(len(left), len(right), equal))
        for index, value in enumerate(left):
            if index in partner:
                yield from self.changes((*path, index), value, right[partner[index]])
            else:
                yield from self._lone((*path, index), ChangeKind.REMOVED, value)
        taken = set(partner.values())
        for index, value in enumerate(right):
            if index not in taken:
                yield from self._lone((*path, index), ChangeKind.ADDED, value)


def _itself(text: str | Symbol) -> str | Symbol:
    return text


def _same_leaf(left: Symbolic, right: Symbolic) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    return left == right


def _change(path: Path, kind: ChangeKind, left: Symbolic, right: Symbolic) -> Change:
    return Change(path=path, kind=kind, left=left, right=right)


def _lone(path: Path, kind: ChangeKind, value: Symbolic) -> Change:
    if kind is ChangeKind.ADDED:
        return Change(path=path, kind=kind, left=MISSING, right=value)
    return Change(path=path, kind=kind, left=value, right=MISSING)


def _typed_words(value: Symbolic, width: int) -> str:
    return f"{family(value)} {value_words(value, width)}"
