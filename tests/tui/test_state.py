"""What is remembered between two starts, and what a damaged file does: nothing but a sentence."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from xraytap.tui.state import HISTORY_KEPT, State, load_state, save_state

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = State(
    columns=("seq", "method"),
    order="elapsed",
    descending=True,
    split="below",
    split_percent=40,
    tab="xml",
    theme="nord",
    filter_history=("outcome:failure", "méthod:VM.*"),
    saved_filters={"slow": "ms:>500"},
)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "tui.json"
    assert save_state(CHOSEN, path) is None
    assert load_state(path) == (CHOSEN, None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["tui.json"]


def test_without_a_file_all_is_new(tmp_path: Path) -> None:
    assert load_state(tmp_path / "tui.json") == (State(), None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'"x"'])
def test_a_broken_file_is_told_and_ignored(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tui.json"
    path.write_bytes(data)
    state, problem = load_state(path)
    assert state == State()
    assert problem is not None
    assert str(path) in problem


def test_a_damaged_part_is_told_and_the_rest_is_used(tmp_path: Path) -> None:
    path = tmp_path / "tui.json"
    path.write_text(
        '{"tab": "xml", "columns": "seq", "split_percent": true, "saved_filters": {"a": 1}, "later": 1}'
    )
    state, problem = load_state(path)
    assert state == State(tab="xml")
    assert problem is not None
    assert "columns, saved_filters, split_percent" in problem


def test_what_cannot_be_written_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "tui.json").mkdir()
    (tmp_path / "tui.json" / "x").touch()
    problem = save_state(CHOSEN, tmp_path / "tui.json")
    assert problem is not None
    assert "could not be kept" in problem
    assert [each.name for each in tmp_path.iterdir()] == ["tui.json"]


def test_the_history_is_not_kept_for_ever(tmp_path: Path) -> None:
    many = tuple(map(str, range(HISTORY_KEPT + 5)))
    save_state(State(filter_history=many), tmp_path / "tui.json")
    assert load_state(tmp_path / "tui.json")[0].filter_history == many[5:]
