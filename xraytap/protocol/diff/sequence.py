"""Two sequences of keys aligned: which elements of the left are which of the right, in order.

Patience first (what occurs once on both sides is an anchor), then the shortest edit script between the anchors
(Myers), so that ten thousand elements cost about as much as reading them. A stretch that differs too much for
that is left to the caller's next, coarser key.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    type Keys = Sequence[Hashable]
    type Pairs = list[tuple[int, int]]

MOST_EDITS = 400
"""A stretch may have so many insertions and deletions in it; above, its cost grows with their square."""


def align_levels(left: Sequence[Keys], right: Sequence[Keys]) -> Pairs:
    """Pairs of indices, ascending on both sides. `left[0]` are the finest keys, later levels coarser ones: each
    level fills the gaps that those before it left."""
    found: Pairs = []
    for mine, theirs in zip(left, right, strict=True):
        grown: Pairs = []
        for low, low_right, high, high_right in _gaps(found, len(mine), len(theirs)):
            grown += _align(mine, theirs, low, high, low_right, high_right)
        found = sorted(found + grown)
    return found


def _gaps(pairs: Pairs, left: int, right: int) -> Iterator[tuple[int, int, int, int]]:
    """The stretches between pairs in which both sides have something: starts, then ends, left before right."""
    at_left = at_right = 0
    for i, j in (*pairs, (left, right)):
        if i > at_left and j > at_right:
            yield at_left, at_right, i, j
        at_left, at_right = i + 1, j + 1


def _align(left: Keys, right: Keys, low: int, high: int, low_right: int, high_right: int) -> Pairs:
    """Pairs within left[low:high] and right[low_right:high_right]."""
    found: Pairs = []
    work = [(low, high, low_right, high_right)]
    while work:
        a, b, c, d = work.pop()
        while a < b and c < d and left[a] == right[c]:
            found.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and left[b - 1] == right[d - 1]:
            b, d = b - 1, d - 1
            found.append((b, d))
        if a == b or c == d:
            continue
        anchors = _anchors(left, right, a, b, c, d)
        if not anchors:
            found += _shortest(left, right, a, b, c, d)
            continue
        found += anchors
        for i, j in (*anchors, (b, d)):
            work.append((a, i, c, j))
            a, c = i + 1, j + 1
    return sorted(found)


def _anchors(left: Keys, right: Keys, a: int, b: int, c: int, d: int) -> Pairs:
    """What occurs once in each stretch, as far as the order is the same."""
    mine, theirs = Counter(left[a:b]), Counter(right[c:d])
    where = {key: index for index, key in enumerate(right[c:d], c) if theirs[key] == 1}
    both = [(index, where[key]) for index, key in enumerate(left[a:b], a) if mine[key] == 1 and key in where]
    return _rising(both)


def _rising(pairs: Pairs) -> Pairs:
    """The longest run of pairs, ascending on the left, that ascends on the right as well."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        before.append(last[place - 1] if place else -1)
        if place == len(tails):
            tails.append(j)
            last.append(number)
        else:
            tails[place] = j
            last[place] = number
    found: Pairs = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _shortest(left: Keys, right: Keys, a: int, b: int, c: int, d: int) -> Pairs:
    """Myers' greedy algorithm; no pairs if the two have too little in common."""
    rows, columns = b - a, d - c
    if set(left[a:b]).isdisjoint(right[c:d]):
        return []
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(rows + columns, MOST_EDITS) + 1):
        trail.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
            )
            i = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            j = i - diagonal
            while i < rows and j < columns and left[a + i] == right[c + j]:
                i, j = i + 1, j + 1
            furthest[diagonal] = i
            if i >= rows and j >= columns:
                return _walk_back(trail, rows, columns, a, c)
    return []


def _walk_back(trail: list[dict[int, int]], i: int, j: int, a: int, c: int) -> Pairs:
    found: Pairs = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[edits], i - j
        down = diagonal == -edits or (
            diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        origin = diagonal + 1 if down else diagonal - 1
        start_i = furthest[origin]
        start_j = start_i - origin
        while i > start_i and j > start_j:
            i, j = i - 1, j - 1
            found.append((a + i, c + j))
        i, j = start_i, start_j
    return found[::-1]
