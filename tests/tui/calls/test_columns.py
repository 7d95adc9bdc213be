"""Columns share the room there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.tui.calls.columns import CHOSEN, COLUMNS, GAP, fit

STAYS = {each.id for each in COLUMNS.values() if not each.leaves}


@given(width=st.integers(42, 300), chosen=st.permutations(list(COLUMNS)))
def test_columns_never_take_more_room_than_there_is(width: int, chosen: list[str]) -> None:
    fitting = fit(chosen, width)
    assert sum(room for _, room in fitting) + GAP * (len(fitting) - 1) <= width
    assert {column.id for column, _ in fitting} >= STAYS


@given(width=st.integers(42, 300), chosen=st.permutations(list(COLUMNS)))
def test_columns_keep_the_order_that_was_chosen(width: int, chosen: list[str]) -> None:
    shown = [column.id for column, _ in fit(chosen, width)]
    assert shown == [each for each in chosen if each in shown]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, ["seq", "sign", "method", "outcome", "ms"]),
        (120, ["mark", "seq", "time", "sign", "method", "params", "outcome", "ms", "back"]),
    ],
)
def test_what_goes_first_where_room_is_short(width: int, shown: list[str]) -> None:
    chosen = [each for each in CHOSEN if each != "lint"]
    assert [column.id for column, _ in fit(chosen, width)] == shown


def test_a_wide_seq_takes_the_room_that_its_digits_need() -> None:
    assert {column.id: room for column, room in fit(CHOSEN, 120, digits=8)}["seq"] == 8
