"""Which elements of one list are which of another: in order, as of sets, or by the names that xend's s-expressions
give them. What is equal, and how far apart two elements are, the caller tells."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from xraytap.protocol.golden import Symbol
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xraytap.protocol.golden import Symbolic

    type Pairs = list[tuple[int, int]]

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
AFFORDABLE = 10_000
"""Comparisons of elements that one list may cost."""


def expression(value: Sequence[Symbolic]) -> tuple[Symbolic, list[tuple[str | Symbol, Symbolic]]] | None:
    """One of xend's s-expressions, `[domain, [domid, 3], [name, guest002]]`, as its head (None without one) and its
    members; None for another list."""
    head = value[0] if value and isinstance(value[0], str) else None
    members: list[tuple[str | Symbol, Symbolic]] = []
    for each in value if head is None else value[1:]:
        if not isinstance(each, list) or len(each) < 2 or not isinstance(each[0], str):
            return None
        if not _NAME.fullmatch(each[0]):
            return None
        members.append((str(each[0]), each[1] if len(each) == 2 else each[1:]))
    return (head, members) if members else None


def pair_list(rows: int, columns: int, equal: Callable[[int, int], bool]) -> Pairs:
    """In order. Equal ends pair off; between them the longest common run if it is affordable, and what is left
    over between two equal elements pairs by position."""
    shorter = min(rows, columns)
    head = tail = 0
    while head < shorter and equal(head, head):
        head += 1
    while tail < shorter - head and equal(rows - 1 - tail, columns - 1 - tail):
        tail += 1
    end, right_end = rows - tail, columns - tail
    anchors: Pairs = []
    if 0 < (end - head) * (right_end - head) <= AFFORDABLE:
        table = [[equal(i, j) for j in range(head, right_end)] for i in range(head, end)]
        anchors = [(head + i, head + j) for i, j in longest_common(table)]
    pairs = [(index, index) for index in range(head)]
    at_left = at_right = head
    for i, j in (*anchors, (end, right_end)):
        pairs += zip(range(at_left, i), range(at_right, j), strict=False)
        if i < end:
            pairs.append((i, j))
        at_left, at_right = i + 1, j + 1
    return pairs + [(end + index, right_end + index) for index in range(tail)]


def pair_set(
    left: Sequence[Symbolic],
    right: Sequence[Symbolic],
    equal: Callable[[int, int], bool],
    distance: Callable[[int, int], int],
    partner: Callable[[str | Symbol], str | Symbol | None] | None,
) -> Pairs:
    """Equal elements first, each with one; then those that hold something, nearest first. Texts and numbers that
    differ are one gone and another new. With `partner`, which tells what a text is on the other side, texts cost
    no search."""
    pairs, rest, free = _pair_equal(left, right, equal, partner)
    holders = [index for index in rest if isinstance(left[index], list | dict | Struct)]
    others = [index for index in free if isinstance(right[index], list | dict | Struct)]
    if len(holders) * len(others) > AFFORDABLE:
        return sorted(pairs + list(zip(holders, others, strict=False)))
    ranked = sorted(
        (distance(i, j), i, j)
        for i in holders
        for j in others
        if isinstance(left[i], list) == isinstance(right[j], list)
    )
    done: set[int] = set()
    taken: set[int] = set()
    for _, i, j in ranked:
        if i not in done and j not in taken:
            done.add(i)
            taken.add(j)
            pairs.append((i, j))
    return sorted(pairs)


def _pair_equal(
    left: Sequence[Symbolic],
    right: Sequence[Symbolic],
    equal: Callable[[int, int], bool],
    partner: Callable[[str | Symbol], str | Symbol | None] | None,
) -> tuple[Pairs, list[int], list[int]]:
    """The pairs of equal elements, and the indices on both sides that have no partner."""
    places: dict[str | Symbol, deque[int]] = defaultdict(deque)
    free = dict.fromkeys(range(len(right)))
    if partner is not None:
        for index, value in enumerate(right):
            if isinstance(value, str | Symbol):
                places[value].append(index)
    pairs: Pairs = []
    rest: list[int] = []
    for index, value in enumerate(left):
        found: int | None = None
        if partner is not None and isinstance(value, str | Symbol):
            there = partner(value)
            where = places.get(there) if there is not None else None
            found = where.popleft() if where else None
        else:
            found = next((each for each in free if equal(index, each)), None)
        if found is None:
            rest.append(index)
        else:
            del free[found]
            pairs.append((index, found))
    return pairs, rest, list(free)


def longest_common(equal: list[list[bool]]) -> Pairs:
    """The longest common subsequence as pairs of indices; `equal[i][j]` tells whether left i is right j."""
    rows, columns = len(equal), len(equal[0]) if equal else 0
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = best[i + 1][j + 1] + 1 if equal[i][j] else max(best[i + 1][j], best[i][j + 1])
    found = []
    i = j = 0
    while i < rows and j < columns:
        if equal[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
