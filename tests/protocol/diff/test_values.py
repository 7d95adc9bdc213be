"""Two values compared: what counts as a difference, where it is, and how it reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.symbolic import ANY
from xraytap.protocol.diff import MISSING, Change, ChangeKind, describe_change, diff_values
from xraytap.protocol.golden import Symbol
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct

if TYPE_CHECKING:
    from xraytap.protocol.diff import Path

VM1, VM2, VM3 = (Symbol("ref", f"VM.{number}") for number in (1, 2, 3))


def kinds(left: Any, right: Any, **how: Any) -> list[tuple[Path, str]]:
    """Where two values differ, and how."""
    return [(each.path, each.kind.value) for each in diff_values(left, right, **how)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x", Bare("x")),
        (5, I4(5)),
        (I8(5), 5),
        (math.nan, math.nan),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Struct((("a", 1), ("b", 2))), {"b": 2, "a": 1}),
        (Struct((("a", 1), ("b", 0), ("a", 2))), Struct((("a", 1), ("a", 2), ("b", 0)))),
        ([VM1, {VM2: "x"}], [VM1, {VM2: "x"}]),
    ],
)
def test_what_means_the_same_is_no_difference(left: Any, right: Any) -> None:
    assert diff_values(left, right) == ()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1", 1, [((), "type")]),
        (1, True, [((), "type")]),
        (1, 1.0, [((), "type")]),
        ("", None, [((), "type")]),
        ("20090710T09:01:27", DateTime("20090710T09:01:27"), [((), "type")]),
        (Extended("i1", "5"), 5, [((), "type")]),
        ([], {}, [((), "type")]),
        (b"a", b"b", [((), "changed")]),
        (VM1, VM2, [((), "changed")]),
        (VM1, "text", [((), "changed")]),
        (
            {"a": "1", "b": "2"},
            {"a": "9", "c": "3"},
            [(("a",), "changed"), (("b",), "removed"), (("c",), "added")],
        ),
        ({"vm": {"n": "1"}}, {"vm": {"n": 1}}, [(("vm", "n"), "type")]),
        (["a", "b", "c"], ["a", "c"], [((1,), "removed")]),
        (["a", "c"], ["a", "b", "c"], [((1,), "added")]),
        (["a", "b", "c"], ["b", "c", "d"], [((0,), "removed"), ((2,), "added")]),
        (["a", "b", "c"], ["a", "x", "c"], [((1,), "changed")]),
        ([{"n": 1, "m": 1}] * 2, [{"n": 2, "m": 1}] * 2, [((0, "n"), "changed"), ((1, "n"), "changed")]),
        (Struct((("a", 1), ("a", 2))), {"a": 1}, [(("a",), "removed")]),
        (
            ["domain", ["name", "a"], ["vif", ["mac", 1], ["up", 1]]],
            ["domain", ["vif", ["up", 1], ["mac", 2]], ["name", "a"]],
            [(("vif", "mac"), "changed")],
        ),
        ([["a", 1], ["b", 2, 3]], [["a", 1], ["b", 2, 4]], [(("b", 1), "changed")]),
        (["domain", ["a", 1]], ["host", ["a", 2]], [((0,), "changed"), ((1, 1), "changed")]),
        (["x", ["1 no name", "a"]], ["x", ["1 no name", "b"]], [((1, 1), "changed")]),
        ({VM1: "x"}, {VM2: "x"}, [(("!ref VM.1",), "removed"), (("!ref VM.2",), "added")]),
    ],
)
def test_each_difference_has_its_place_and_kind(
    left: Any, right: Any, expected: list[tuple[Path, str]]
) -> None:
    assert kinds(left, right) == expected


def test_a_missing_side_is_marked() -> None:
    assert diff_values({"a": None}, {}) == (
        Change(path=("a",), kind=ChangeKind.REMOVED, left=None, right=MISSING),
    )


def mapped(left: str | Symbol, right: str | Symbol) -> bool | None:
    """A caller's opinion: VM.1 of the left is VM.2 of the right and the other way round."""
    pairs = {VM1: VM2, VM2: VM1}
    return pairs[left] == right if isinstance(left, Symbol) and left in pairs else None


def test_the_caller_decides_which_references_are_one() -> None:
    assert kinds([VM1, VM2, "x"], [VM2, VM1, "x"], same=mapped) == []


def test_equal_references_may_be_two_objects() -> None:
    assert kinds([VM1], [VM1], same=mapped) == [((0,), "changed")]


def test_maps_by_reference_pair_by_the_callers_opinion() -> None:
    left = {VM1: {"name": "a"}, VM2: {"name": "b"}, "k": "v"}
    right = {VM1: {"name": "b"}, VM2: {"name": "A"}, "k": "v"}
    assert kinds(left, right, same=mapped) == [(("!ref VM.1", "name"), "changed")]


def test_a_namesake_of_another_object_is_not_its_partner() -> None:
    assert kinds({VM1: "a"}, {VM1: "a"}, same=mapped) == [
        (("!ref VM.1",), "removed"),
        (("!ref VM.1",), "added"),
    ]


def test_ignored_places_do_not_count_wherever_they_are_missing() -> None:
    def ignore(path: Path) -> bool:
        return path[-1:] == ("at",)

    assert kinds([{"at": 1, "n": 1}, {"at": 2}], [{"at": 9, "n": 2}, {}], ignore=ignore) == [
        ((0, "n"), "changed")
    ]


def every_list(_path: Path) -> bool:
    return True


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (["a", "b"], ["b", "a"], []),
        (["a", "a", "b"], ["b", "a"], [((1,), "removed")]),
        (["a", "b"], ["b", "c"], [((0,), "removed"), ((1,), "added")]),
        ([{"n": 1, "m": 1}, {"n": 2, "m": 2}], [{"n": 2, "m": 9}, {"n": 1, "m": 1}], [((1, "m"), "changed")]),
        ([["a", "b"]], [["b", "a"]], []),
    ],
)
def test_sets_pair_best_whatever_their_order(left: Any, right: Any, expected: list[tuple[Path, str]]) -> None:
    assert kinds(left, right, unordered=every_list) == expected


@given(st.permutations([f"element {number}" for number in range(8)]), st.integers(0, 7))
def test_a_shuffled_set_without_one_element_misses_that_one(order: list[str], gone: int) -> None:
    left = [f"element {number}" for number in range(8)]
    rest = [each for each in order if each != left[gone]]
    assert kinds(left, rest, unordered=every_list) == [((gone,), "removed")]


@given(ANY)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert diff_values([value], [value]) == ()


@given(ANY, ANY)
def test_both_directions_find_the_same_number_of_differences(left: Any, right: Any) -> None:
    assert (diff_values(left, right) == ()) == (diff_values(right, left) == ())


@pytest.mark.parametrize(
    ("left", "right", "line"),
    [
        ({"record": {"VCPUs_max": "2"}}, {"record": {"VCPUs_max": "4"}}, "record.VCPUs_max: '2' became '4'"),
        ({"n": "1"}, {"n": 1}, "n: string '1' became int 1"),
        ({"n": "1"}, {}, "n: removed, was '1'"),
        ({}, {"a b": [VM1, VM2]}, '["a b"]: added [VM.1, VM.2]'),
        ([VM1], [VM3], "[0]: VM.1 became VM.3"),
        ("a", "b", "'a' became 'b'"),
        ("x\x1b[2J", "y", "'x\u241b[2J' became 'y'"),
        ({"\x1b": "1"}, {"\x1b": "2"}, "[\"\u241b\"]: '1' became '2'"),
        ({"l": ["x"] * 9}, {"l": "x"}, "l: array [9 values] became string 'x'"),
    ],
)
def test_a_change_reads_as_one_line(left: Any, right: Any, line: str) -> None:
    (change,) = diff_values(left, right)
    assert describe_change(change) == line


def test_of_long_texts_the_differing_part_is_shown() -> None:
    (change,) = diff_values("a" * 100 + "left", "a" * 100 + "right")
    assert describe_change(change, width=20) == "'…aaaaaleft' became '…aaaaaright'"


def test_the_whole_value_bears_the_name_that_it_is_given() -> None:
    (change,) = diff_values({"n": "1"}, {"n": "2"})
    assert describe_change(change, root="answer") == "answer.n: '1' became '2'"
