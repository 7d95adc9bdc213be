"""Which symbol of the left is which of the right: the objects of two recordings told apart by where they stand
in calls that are alike. One inserted VM renumbers a golden; it must not make every later call a difference.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from xraytap.protocol.diff.keys import MAPPED, shape, value_key
from xraytap.protocol.diff.values import items_of
from xraytap.protocol.golden import Join, Symbol, Symbolic, symbols_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.diff.values import Path
    from xraytap.protocol.diff.volatile import Places


class Bijection:
    """Pairs of symbols, one to one. Empty at first: no symbol is another's."""

    def __init__(self) -> None:
        self._right_of: dict[Symbol, Symbol] = {}
        self._left_of: dict[Symbol, Symbol] = {}

    def agrees(self, other: Bijection) -> bool:
        """Whether both have the same pairs."""
        return self._right_of == other._right_of

    def same(self, left: str | Symbol, right: str | Symbol) -> bool | None:
        """The opinion for `diff_values`: whether two symbols are one object; None for what is no such symbol."""
        if not isinstance(left, Symbol) or not isinstance(right, Symbol):
            return None
        if left.kind not in MAPPED or right.kind not in MAPPED:
            return None
        return self._right_of.get(left) == right

    def partner(self, left: str | Symbol) -> str | Symbol | None:
        """What a text or symbol of the left is on the right."""
        return self._right_of.get(left) if isinstance(left, Symbol) and left.kind in MAPPED else left

    def left_name(self, symbol: Symbol) -> str:
        """A left symbol in keys: itself."""
        return str(symbol)

    def right_name(self, symbol: Symbol) -> str:
        """A right symbol in keys: the left one that it is, else something that no left symbol is."""
        if symbol.kind not in MAPPED:
            return str(symbol)
        left = self._left_of.get(symbol)
        return f"? {symbol}" if left is None else str(left)

    def left(self, right: Symbol) -> Symbol | None:
        """The left symbol that `right` is."""
        return self._left_of.get(right)

    def right(self, left: Symbol) -> Symbol | None:
        """The right symbol that `left` is."""
        return self._right_of.get(left)

    def bind(self, left: Symbol, right: Symbol) -> bool:
        """Pair two symbols that may be one object and have no partner yet; whether that was so."""
        if left in self._right_of or right in self._left_of or not _compatible(left, right):
            return False
        self._right_of[left] = right
        self._left_of[right] = left
        return True

    def bind_rest(self, left: Iterable[Symbol], right: Iterable[Symbol]) -> None:
        """Pair what has no partner yet, if it is as many on both sides: what bears one name, then in order."""
        mine, theirs = self._free(left, right)
        if len(mine) != len(theirs):
            return
        for symbol in mine:
            if symbol in theirs:
                self.bind(symbol, symbol)
        for one, other in zip(*self._free(mine, theirs), strict=True):
            self.bind(one, other)

    def _free(
        self, left: Iterable[Symbol], right: Iterable[Symbol]
    ) -> tuple[dict[Symbol, None], dict[Symbol, None]]:
        """Those of two sets that have no partner."""
        mine = dict.fromkeys(each for each in left if each not in self._right_of)
        return mine, dict.fromkeys(each for each in right if each not in self._left_of)


class Votes:
    """What pairs of calls say of their symbols, each with its weight."""

    def __init__(self) -> None:
        self._votes: dict[tuple[Symbol, Symbol], float] = defaultdict(float)
        self._sets: dict[tuple[tuple[Symbol, ...], tuple[Symbol, ...]], None] = {}

    def add(self, left: Symbolic, right: Symbolic, places: Places, weight: float, path: Path = ()) -> None:
        """Symbols at the same place of two values are one object, as sure as `weight` says."""
        if isinstance(left, Symbol) and isinstance(right, Symbol):
            if left.kind in MAPPED and _compatible(left, right):
                self._votes[left, right] += weight
        elif isinstance(left, list) and isinstance(right, list):
            if places.unordered(path) and len(left) > 1:
                self._set(left, right)
            else:
                for index, (one, other) in enumerate(zip(left, right, strict=False)):
                    self.add(one, other, places, weight, (*path, index))
        elif (mine := items_of(left)) is not None and (theirs := items_of(right)) is not None:
            self._add_members(dict(mine), dict(theirs), places, weight, path)
        elif isinstance(left, Join) and isinstance(right, Join):
            for one, other in zip(symbols_in(left), symbols_in(right), strict=False):
                self.add(one, other, places, weight, path)

    def bijection(self, both: Iterable[Symbol]) -> Bijection:
        """The pairs that most speak for, the surest first. Of what nothing speaks for, those are one that are left
        over of two sets of one size, the smallest sets first, then those that bear one name (`both` are the symbols
        that stand in both recordings)."""
        found = Bijection()
        for (left, right), _ in sorted(self._votes.items(), key=lambda each: -each[1]):
            found.bind(left, right)
        for mine, theirs in sorted(self._sets, key=lambda both: len(both[0])):
            found.bind_rest(mine, theirs)
        for symbol in both:
            found.bind(symbol, symbol)
        return found

    def _set(self, left: Iterable[Symbolic], right: Iterable[Symbolic]) -> None:
        """The order of a set says nothing; that two sets are answers to one question may say something."""
        mine = tuple(each for each in left if isinstance(each, Symbol) and each.kind in MAPPED)
        theirs = tuple(each for each in right if isinstance(each, Symbol) and each.kind in MAPPED)
        if mine and theirs:
            self._sets[mine, theirs] = None

    def _add_members(
        self,
        mine: dict[str | Symbol, Symbolic],
        theirs: dict[str | Symbol, Symbolic],
        places: Places,
        weight: float,
        path: Path,
    ) -> None:
        for name, value in mine.items():
            if not isinstance(name, Symbol) and name in theirs:
                self.add(value, theirs[name], places, weight, (*path, str(name)))
        self._set(mine, theirs)
        # Maps by reference: records that are alike but for their symbols, and alone in that, are one object's.
        alike_by: dict[object, list[Symbol]] = defaultdict(list)
        for name, value in theirs.items():
            if isinstance(name, Symbol):
                alike_by[value_key(value, places, shape, (*path, str(name)))].append(name)
                alike_by[_label(value)].append(name)
        for name, value in mine.items():
            if isinstance(name, Symbol):
                alike = alike_by.get(value_key(value, places, shape, (*path, str(name))), [])
                if len(alike) != 1:
                    alike = alike_by[_label(value)]
                if len(alike) == 1:
                    self.add(name, alike[0], places, 2 * weight, path)
                    self.add(value, theirs[alike[0]], places, weight, (*path, str(name)))


def _label(value: Symbolic) -> tuple[str, object]:
    """The name that a record bears, as no value's key is; records without one are never alike."""
    found = value.get("name_label") if isinstance(value, dict) else None
    return ("name", id(value) if found is None else str(found))


def _compatible(left: Symbol, right: Symbol) -> bool:
    """Whether two symbols can be one object: of one kind and, as far as known, class."""
    if left.kind != right.kind:
        return False
    mine, theirs = left.name.rpartition(".")[0], right.name.rpartition(".")[0]
    return mine == theirs or "obj" in (mine, theirs)
