"""Sequences aligned: never crossing, only equal keys, as long as can be where it is affordable."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.protocol.diff.sequence import MOST_EDITS, align_levels


def aligned(left: str, right: str) -> list[tuple[int, int]]:
    return align_levels([left], [right])


def longest(left: str, right: str) -> int:
    """The length of the longest common subsequence, the slow way."""
    best = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, mine in enumerate(left):
        for j, theirs in enumerate(right):
            best[i + 1][j + 1] = best[i][j] + 1 if mine == theirs else max(best[i][j + 1], best[i + 1][j])
    return best[-1][-1]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("", "abc", []),
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "axc", [(0, 0), (2, 2)]),
        ("abc", "bc", [(1, 0), (2, 1)]),
        ("aab", "ab", [(0, 0), (2, 1)]),
        ("pppS", "pppppS", [(0, 0), (1, 1), (2, 2), (3, 5)]),
        ("abcd", "cdab", [(0, 2), (1, 3)]),
    ],
)
def test_what_is_common_is_paired_in_order(left: str, right: str, expected: list[tuple[int, int]]) -> None:
    found = aligned(left, right)
    assert found == expected or (left == "abcd" and found == [(2, 0), (3, 1)])


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_pairs_are_equal_and_never_cross(left: str, right: str) -> None:
    pairs = aligned(left, right)
    assert all(left[i] == right[j] for i, j in pairs)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(pairs))


@given(st.text("ab", max_size=10), st.lists(st.tuples(st.integers(0, 30), st.sampled_from("ab")), max_size=3))
def test_insertions_alone_leave_every_element_of_the_left_paired(
    left: str, inserted: list[tuple[int, str]]
) -> None:
    right = left
    for place, letter in inserted:
        right = right[:place] + letter + right[place:]
    assert len(aligned(left, right)) == len(left) == longest(left, right)


def test_a_coarser_level_fills_the_gaps_of_a_finer_one() -> None:
    left = [["a1", "b1", "a2", "c"], ["a", "b", "a", "c"]]
    right = [["a9", "b1", "x", "a8", "c"], ["a", "b", "x", "a", "c"]]
    assert align_levels(left, right) == [(0, 0), (1, 1), (2, 3), (3, 4)]


@pytest.mark.parametrize("common", [0, 3])
def test_a_stretch_that_has_little_in_common_costs_little_and_gives_nothing(common: int) -> None:
    left = [number % 7 for number in range(20 * MOST_EDITS)]
    right = [number % 7 + 7 - common for number in range(20 * MOST_EDITS)]
    assert align_levels([left], [right]) == []
