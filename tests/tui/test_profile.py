"""The user's own files: keys that are bound anew, the theme, the layout of the last time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.theme import BUILTIN_THEMES

from tests.tui.driving import driven, driving
from xraytap.tui.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path


def profile(folder: Path, config: str = "") -> Profile:
    """A profile of files of this test's own."""
    (folder / "tui.toml").write_text(config, encoding="utf-8")
    return Profile.of(BUILTIN_THEMES, config_file=folder / "tui.toml", state_file=folder / "tui.json")


@driven
async def test_a_key_is_bound_anew_and_the_help_says_so(store: Path, tmp_path: Path) -> None:
    own = profile(tmp_path, '[keys]\nlines.down = "u"\nnext-match = ["b"]\nfollow = "r"\nno-such = "x"\n')
    async with driving(store, "example", profile=own) as driver:
        told = " ".join(each.message for each in driver.app._notifications)
        await driver.press("j")
        assert driver.seq == 1
        await driver.press("u", "u")
        assert driver.seq == 3
        await driver.press("b")
        assert driver.seq == 11
        assert " b next " in driver.screen()[-1]
        assert "keys.follow: the key 'r' is that of 'replay' already" in told
        assert "keys.no-such: there is no such action" in told


@driven
async def test_what_was_arranged_comes_back_with_the_next_start(store: Path, tmp_path: Path) -> None:
    own = profile(tmp_path)
    async with driving(store, "example", profile=own) as driver:
        await driver.press("v", "plus", "3")
        driver.app.theme = "nord"
        before = driver.browse.state()
        await driver.press("q")
    assert json.loads((tmp_path / "tui.json").read_text())["theme"] == "nord"
    async with driving(store, "example", profile=profile(tmp_path)) as driver:
        assert (driver.browse.state(), driver.app.theme) == (before, "nord")


@driven
async def test_the_config_files_theme_wins_over_the_last_one(store: Path, tmp_path: Path) -> None:
    (tmp_path / "tui.json").write_text('{"theme": "nord"}')
    async with driving(store, "example", profile=profile(tmp_path, 'theme = "dracula"')) as driver:
        assert driver.app.theme == "dracula"


@driven
async def test_broken_files_are_told_and_nothing_else_happens(store: Path, tmp_path: Path) -> None:
    (tmp_path / "tui.json").write_text("{")
    async with driving(store, "example", profile=profile(tmp_path, "keys = [")) as driver:
        told = " ".join(each.message for each in driver.app._notifications)
        assert "tui.toml is left out of account" in told
        assert "tui.json cannot be read" in told
        assert "VM.start" in driver.line_with("VM.start")


@driven
async def test_the_layout_stays_when_another_capture_is_opened(store: Path) -> None:
    async with driving(store, "example") as driver:
        await driver.press("v", "plus", "3")
        before = driver.browse.state()
        driver.app.open_capture("survey")
        await driver.until(
            lambda: driver.browse.capture.name == "survey" and driver.browse.query("CallsTable")
        )
        await driver.until(lambda: driver.browse.state() == before)
