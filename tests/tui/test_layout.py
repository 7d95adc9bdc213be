"""Columns, order, time, panes, the palette, the help, what is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.driving import driven, driving
from xraytap.tui.calls.columns import CHOSEN, COLUMNS
from xraytap.tui.help import HelpScreen

if TYPE_CHECKING:
    from pathlib import Path


@driven
async def test_columns_are_chosen_and_moved(store: Path) -> None:
    async with driving(store, "example", size=(159, 30)) as driver:
        assert "client" not in driver.screen()[2]
        hidden = [each for each in COLUMNS if each not in CHOSEN]
        above_last = len(hidden) - 1 - hidden.index("client")
        await driver.press("vertical_line", "j", "J", "J", "J", "G", *["k"] * above_last, "space", "enter")
        head = driver.screen()[2].split()
        assert head[:3] == ["+time", "method", "seq"]
        assert head[-1] == "client"


@driven
async def test_columns_stay_as_they_were_when_one_leaves_with_escape(store: Path) -> None:
    async with driving(store, "example") as driver:
        before = driver.screen()[2]
        await driver.press("vertical_line", "space", "J", "escape")
        assert driver.screen()[2] == before


@driven
async def test_sorting_goes_from_order_to_order_and_the_head_tells(store: Path) -> None:
    async with driving(store, "survey") as driver:
        await driver.press("s", "s", "g")
        largest = max(
            driver.browse.capture.store.calls("survey"),
            key=lambda row: row.request_bytes + row.response_bytes,
        )
        assert driver.seq == largest.seq
        assert "back↓" in driver.screen()[2]


@driven
async def test_a_click_on_a_title_orders_the_list_and_another_turns_it_round(store: Path) -> None:
    async with driving(store, "example") as driver:
        at = driver.screen()[2].index("method")
        await driver.click(at + 1, 2)
        assert "method↑" in driver.screen()[2]
        await driver.click(at + 1, 2)
        assert "method↓" in driver.screen()[2]


@driven
async def test_time_reads_since_the_start_from_call_to_call_or_by_the_clock(store: Path) -> None:
    async with driving(store, "example") as driver:
        assert "+time" in driver.screen()[2]
        await driver.press("t")
        assert "Δtime" in driver.screen()[2]
        await driver.press("t")
        assert "22:13:20.000" in driver.line_with("login_with_password")


@driven
async def test_a_call_is_chosen_with_the_mouse_and_a_second_click_opens_it(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.click(20, 7)
        assert driver.seq == 5
        await driver.click(20, 7, times=2)
        assert driver.app.focused is driver.browse.detail.view


@driven
async def test_a_tab_is_opened_with_the_mouse(store: Path) -> None:
    async with driving(store, "example") as driver:
        line = next(at for at, text in enumerate(driver.screen()) if text.startswith(" 1 decoded"))
        await driver.click(driver.screen()[line].index("3 http"), line)
        assert driver.browse.detail.open_tab.id == "http"


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 60)])
@driven
async def test_no_line_is_wider_than_the_screen_whatever_the_size(store: Path, size: tuple[int, int]) -> None:
    async with driving(store, "survey", size=size) as driver:
        await driver.press("G", "v", "2")
        assert len(driver.screen()) == size[1]
        assert max(map(len, driver.screen())) <= size[0]
        assert "?" in driver.screen()[-1]


@driven
async def test_a_pane_grows_and_fills_the_screen_and_comes_back(store: Path) -> None:
    async with driving(store, "example") as driver:
        height = driver.browse.table.size.height
        await driver.press("plus", "plus")
        assert driver.browse.table.size.height > height
        await driver.press("z")
        assert not driver.browse.detail.display
        await driver.press("escape")
        assert driver.browse.detail.display


@driven
async def test_the_help_narrows_while_one_types_and_does_what_is_chosen(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("question_mark")
        await driver.write("did not succeed")
        assert isinstance(driver.app.screen, HelpScreen)
        assert len(driver.app.screen._shown) == 1
        await driver.press("enter")
        assert driver.seq == 11


@driven
async def test_the_palette_does_what_a_key_does(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("ctrl+p")
        await driver.write("last line")
        await driver.until(lambda: any("To the last line" in line for line in driver.screen()))
        await driver.press("enter")
        await driver.until(lambda: driver.seq == 12)


@driven
async def test_what_was_arranged_is_remembered(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("vertical_line", "space", "enter", "s", "t", "v", "plus", "4")
        driver.browse.bar.saved = {"bad": "outcome:failure"}
        driver.browse.bar.history = ["ms:>5"]
        state = driver.browse.state()
    async with driving(store, "example") as driver:
        driver.browse.restore(state)
        await driver.settle()
        assert driver.browse.state() == state
        assert driver.browse.detail.open_tab.id == "timing"


@driven
async def test_a_state_of_nonsense_changes_nothing(store: Path) -> None:
    async with driving(store, "example") as driver:
        before = driver.browse.state()
        driver.browse.restore(
            {
                "columns": ["nosuch"],
                "order": 7,
                "time": "never",
                "split": "askew",
                "split_percent": "x",
                "tab": 9,
            }
        )
        await driver.settle()
        assert driver.browse.state() == before


@pytest.mark.parametrize("beside", [False, True])
@driven
async def test_the_border_between_the_panes_is_moved_with_the_mouse(store: Path, beside: bool) -> None:
    async with driving(store, "example") as driver:
        if beside:
            await driver.press("v")
        border = driver.browse.detail.region
        away = (border.x - 20, border.y + 3) if beside else (border.x + 30, border.y + 5)
        await driver.pilot.mouse_down(
            offset=(border.x, border.y + 3) if beside else (border.x + 30, border.y)
        )
        await driver.pilot.hover(offset=away)
        await driver.pilot.mouse_up(offset=away)
        await driver.settle()
        moved = driver.browse.detail.region
        # Shares are whole percents: a cell more or less.
        assert abs(moved.x - (away[0] if beside else border.x)) <= 1
        assert abs(moved.y - (border.y if beside else away[1])) <= 1
