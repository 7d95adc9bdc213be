"""Finding calls: filter, search, the next one like this."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.tui.driving import driven, driving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@driven
async def test_a_filter_narrows_the_list_and_escape_brings_it_back(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("slash")
        await driver.write("outcome:failure")
        await driver.press("enter")
        assert (driver.browse.table.count(), driver.seq) == (1, 11)
        assert "1 of 12 calls" in driver.screen()[0]
        assert "filter: outcome:failure" in driver.screen()[1]
        await driver.press("escape")
        assert (driver.browse.table.count(), driver.seq) == (12, 11)


@driven
async def test_a_mistake_is_told_with_its_column_while_it_is_written_and_enter_does_not_take_it(
    store: Path,
) -> None:
    async with driving(store, "example") as driver:
        await driver.press("slash")
        await driver.write("outcome:failed and ms:>5")
        line = driver.line_with("'failed' is no outcome")
        assert line.index("^") == len(" filter ") + 8
        assert "column 9" in line
        await driver.press("enter")
        assert driver.browse.bar.display
        assert driver.browse.table.count() == 12


@pytest.mark.parametrize(
    ("written", "completed"),
    [
        ("method:VM.pa", "method:VM.pause"),
        ("class:VM_", "class:VM_metrics"),
        ("error:bad", "error:VM_BAD_POWER_STATE"),
        ("outc", "outcome:"),
        ("ms:>5 outcome:fau", "ms:>5 outcome:fault"),
        ("vm:gue", "vm:guest002"),
    ],
)
@driven
async def test_tab_completes_with_what_the_capture_holds(store: Path, written: str, completed: str) -> None:
    async with driving(store, "example") as driver:
        await driver.until(lambda: driver.browse.capture.learner.idle)
        bar = driver.browse.bar
        await driver.press("slash")
        await driver.until(lambda: bar._seen.methods)
        await driver.write(written)
        await driver.press("tab")
        assert bar.line.value == completed


@driven
async def test_up_brings_back_former_filters_and_down_what_was_being_written(store: Path) -> None:
    async with driving(store, "example") as driver:
        for text in ("class:VM", "ms:<9"):
            await driver.press("slash", "ctrl+a", "ctrl+k")
            await driver.write(text)
            await driver.press("enter")
        bar = driver.browse.bar
        await driver.press("slash", "ctrl+a", "ctrl+k", "s", "up")
        assert bar.line.value == "ms:<9"
        await driver.press("up")
        assert bar.line.value == "class:VM"
        await driver.press("up", "down", "down")
        assert bar.line.value == "s"


@driven
async def test_a_filter_saved_under_a_name_is_offered_first(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("slash")
        await driver.write("outcome:failure")
        await driver.press("ctrl+s")
        await driver.write("bad ones")
        await driver.press("enter", "slash", "ctrl+a", "ctrl+k", "tab")
        assert driver.browse.bar.line.value == "outcome:failure"
        assert driver.browse.bar.saved == {"bad ones": "outcome:failure"}


@driven
async def test_a_saved_filter_can_be_dropped(store: Path) -> None:
    async with driving(store, "example") as driver:
        driver.browse.bar.saved = {"bad ones": "outcome:failure"}
        await driver.press("slash", "down", "ctrl+t")
        assert driver.browse.bar.saved == {}


@driven
async def test_a_search_goes_through_the_bodies_and_lights_up_what_it_found(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("ctrl+f")
        await driver.write("guest002")
        await driver.press("enter")
        await driver.until(lambda: driver.seq == 4)
        assert driver.browse.table.count() == 12
        assert driver.browse.detail.view.needles == ("guest002",)


@driven
async def test_what_is_typed_right_after_the_slash_is_in_the_filter(store: Path) -> None:
    async with driving(store, "example") as driver:
        driver.browse.filter_by("class:VM")
        await driver.settle()
        for key in ("slash", "ctrl+u", "m", "s"):  # as a terminal hands over what was typed while it was busy
            driver.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await driver.settle()
        assert driver.browse.bar.line.value == "ms"


@driven
async def test_n_goes_from_match_to_match_and_around_the_end(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("ctrl+f")
        await driver.write("method:VM.get_all")
        await driver.press("enter")
        await driver.until(lambda: driver.seq == 2)
        await driver.press("n")
        await driver.until(lambda: driver.seq == 3)
        await driver.press("n")
        await driver.until(lambda: driver.seq == 2)
        await driver.press("N")
        await driver.until(lambda: driver.seq == 3)


@pytest.mark.parametrize(
    ("start", "key", "found"),
    [
        (2, "right_square_bracket", 3),
        (3, "left_square_bracket", 2),
        (2, "right_curly_bracket", 3),
        (12, "left_curly_bracket", 11),
        (4, "right_parenthesis", 5),
        (11, "left_parenthesis", 10),
    ],
)
@driven
async def test_brackets_go_to_the_next_call_of_the_same_method_session_or_object(
    store: Path, start: int, key: str, found: int
) -> None:
    async with driving(store, "example") as driver:
        driver.browse.go_to(start)
        await driver.settle()
        await driver.press(key)
        await driver.until(lambda: driver.seq == found)


@driven
async def test_a_colon_and_a_number_go_to_that_call_even_out_of_a_filter(store: Path) -> None:
    async with driving(store, "example") as driver:
        driver.browse.filter_by("outcome:failure")
        await driver.settle()
        await driver.press("colon", "5", "enter")
        assert (driver.seq, driver.browse.table.count()) == (5, 12)


@driven
async def test_words_are_found_within_a_tab_and_n_goes_on_in_it(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("n", "enter", "z", "2", "slash")
        await driver.write("<string>")
        await driver.press("enter")
        view = driver.browse.detail.view
        first = view.cursor
        await driver.press("n")
        assert "<string>" in view.content.plain(first)
        assert view.cursor > first
        assert driver.seq == 11


@driven
async def test_a_search_in_the_tree_unfolds_what_it_finds(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("n", "enter", "a", "a", "h", "slash")
        await driver.write("halted")
        await driver.press("enter")
        view = driver.browse.detail.view
        assert "Halted" in view.content.plain(view.cursor)


@driven
async def test_a_long_search_says_that_it_goes_on_and_escape_stops_it(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def endless(*_: object, go_on: Callable[[], bool], **__: object) -> None:
        while go_on():
            ended.wait(0.005)
        ended.set()

    monkeypatch.setattr("xraytap.tui.finding.find_call", endless)
    async with driving(store, "example") as driver:
        await driver.press("ctrl+f")
        await driver.write("nowhere")
        await driver.press("enter")
        await driver.until(lambda: any("looking, esc stops" in line for line in driver.screen()))
        await driver.press("escape")
        await driver.until(ended.is_set)
        assert not any("looking" in line for line in driver.screen())
        assert driver.seq == 1
