"""Trees: what folds, what is laid out, what is found."""

from __future__ import annotations

from xraytap.protocol.describe import Node
from xraytap.tui.detail.tree import AT_ONCE, TreeContent


def leaf(label: str, text: str = "") -> Node:
    return Node(label, "string", text)


def tree() -> TreeContent:
    deep = Node("a", "struct", "1 member", (Node("b", "struct", "1 member", (leaf("c", "needle"),)),))
    return TreeContent([Node("top", "", "", (deep, leaf("z", "last")))], open_depth=1)


def lines(content: TreeContent) -> list[str]:
    return [
        content.plain(index).split()[1 if content.node(index).children else 0]
        for index in range(content.count())
    ]


def test_only_what_is_unfolded_has_lines() -> None:
    content = tree()
    assert lines(content) == ["top", "a", "z"]
    content.toggle(1)
    assert lines(content) == ["top", "a", "b", "z"]
    content.toggle(1)
    assert lines(content) == ["top", "a", "z"]


def test_folding_a_leaf_leads_to_what_it_belongs_to() -> None:
    content = tree()
    assert content.fold(2) == 0
    assert content.fold(0) == 0
    assert lines(content) == ["top"]


def test_all_unfolds_and_folds_again() -> None:
    content = tree()
    content.toggle_all()
    assert lines(content) == ["top", "a", "b", "c", "z"]
    content.toggle_all()
    assert lines(content) == ["top", "a", "z"]


def test_what_is_found_is_unfolded_and_the_search_goes_around() -> None:
    content = tree()
    found = content.find("NEEDLE", -1)
    assert found is not None
    assert "needle" in content.plain(found)
    assert content.find("needle", found) == found
    assert content.find("last", found, forward=False) == content.count() - 1
    assert content.find("nowhere", 0) is None


def test_a_long_list_comes_piece_by_piece() -> None:
    content = TreeContent([Node("list", "array", "", tuple(leaf(str(i)) for i in range(1200)))])
    assert content.count() == 1 + AT_ONCE + 1
    assert "700 more" in content.plain(content.count() - 1)
    content.toggle(content.count() - 1)
    content.toggle(content.count() - 1)
    assert content.count() == 1201


def test_something_far_down_a_long_list_is_found() -> None:
    content = TreeContent([Node("list", "array", "", tuple(leaf(str(i), f"text {i}") for i in range(1200)))])
    found = content.find("text 1111", -1)
    assert found is not None
    assert "text 1111" in content.plain(found)


def test_the_same_call_laid_out_anew_folds_as_before() -> None:
    before, after = tree(), tree()
    before.toggle(1)
    after.resume(before)
    assert lines(after) == lines(before)


def test_copying_gives_a_leaf_its_value_and_a_structure_its_lines() -> None:
    content = tree()
    assert content.copied(2) == "last"
    assert content.copied(1).splitlines() == ["a  1 member", "  b  1 member", "    c  needle"]
