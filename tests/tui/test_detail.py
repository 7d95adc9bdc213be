"""The close look at one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.driving import driven, driving

if TYPE_CHECKING:
    from pathlib import Path


@driven
async def test_the_tree_names_and_types_what_the_data_model_knows(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.until(lambda: driver.browse.capture.learner.idle)
        await driver.press("n", "enter", "z")
        assert "bool" in driver.line_with("start_paused  ")
        assert "guest002" in driver.line_with("VM ref")
        assert "Running" in driver.line_with("actual  ")


@driven
async def test_the_wire_form_is_a_key_away_and_back(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.until(lambda: driver.browse.capture.learner.idle)
        await driver.press("n", "w")
        assert "string" in driver.line_with("param 2")
        await driver.press("w")
        assert "VM ref" in driver.line_with(" vm ")


@pytest.mark.parametrize(
    ("tab", "shows"),
    [
        ("2", "<methodName>VM.start</methodName>"),
        ("3", "POST /RPC2 HTTP/1."),
        ("4", "answered after"),
        ("5", "login           #1 session.login_with_password"),
        ("6", "nothing is wrong with this call"),
    ],
)
@driven
async def test_a_digit_opens_a_tab(store: Path, tab: str, shows: str) -> None:
    async with driving(store, "example") as driver:
        await driver.press("n", "enter", "z", tab)
        assert shows in driver.line_with(shows)


@driven
async def test_every_byte_can_be_seen_in_hex(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("n", "3", "w")
        assert driver.line_with("00000000").startswith("00000000  50 4f 53 54 20 2f 52 50  43 32")


@driven
async def test_a_branch_folds_and_all_of_them_do(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("n", "enter", "space")
        assert driver.line_with("request").startswith("▸ request")
        await driver.press("l")
        assert driver.line_with("request").startswith("▾ request")


@driven
async def test_a_view_that_fails_says_so_and_the_others_go_on(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr("xraytap.tui.detail.timing.timing", broken)
    async with driving(store, "example") as driver:
        await driver.press("4")
        assert "ZeroDivisionError: no such luck" in driver.line_with("this view failed")
        await driver.press("2", "j")
        assert driver.line_with("methodName")
