"""The table of calls: what it shows, and how one moves in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.driving import driven, driving

if TYPE_CHECKING:
    from pathlib import Path


@driven
async def test_a_call_stands_on_one_line_with_its_outcome_as_a_sign(store: Path) -> None:
    async with driving(store, "example") as driver:
        assert "x VM.start" in driver.line_with("VM.start")
        assert "VM_BAD_POWER_STATE" in driver.line_with("VM.start")


@pytest.mark.parametrize(
    ("keys", "seq"),
    [
        ("j", 2),
        ("j j k", 2),
        ("G", 12),
        ("G g", 1),
        ("down end up", 11),
        ("G home", 1),
        ("n", 11),
        ("G N", 11),
    ],
)
@driven
async def test_keys_move_to_the_call_that_a_person_expects(store: Path, keys: str, seq: int) -> None:
    async with driving(store, "example") as driver:
        await driver.press(*keys.split())
        assert (driver.seq, driver.browse.detail.seq) == (seq, seq)


@driven
async def test_a_narrow_screen_keeps_seq_sign_method_outcome_and_ms(store: Path) -> None:
    async with driving(store, "example", size=(60, 24)) as driver:
        assert driver.screen()[2].split() == ["seq", "method", "outcome", "ms"]
