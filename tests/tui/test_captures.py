"""The captures screen: open, rename, note, delete, while one of them is being recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.talk import Talk
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.store import open_store
from xraytap.store.writer import Writer
from xraytap.tui.browse import BrowseScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.driving import Driver


def made(path: Path, *names: str) -> Path:
    """A store with small captures."""
    talk = Talk()
    talk.call("VM.get_all", talk.login(), value=[])
    for name in names:
        record(path, name, talk.exchanges)
    return path


async def captures(driver: Driver) -> None:
    """Open the screen and wait until the store was looked at."""
    await driver.press("C")
    await looked(driver)


async def looked(driver: Driver) -> None:
    """Wait until the store is looked at again."""
    await driver.until(lambda: hasattr(driver.app.screen, "looked"))
    screen = driver.app.screen
    before = screen.looked
    screen.look()
    await driver.until(lambda: screen.looked > before)
    await driver.pilot.pause()


def names(path: Path) -> list[str]:
    with open_store(path) as store:
        return [each.name for each in store.captures()]


@driven
async def test_another_capture_is_opened_and_the_list_begins_at_the_open_one(tmp_path: Path) -> None:
    path = made(tmp_path / "captures.db", "one", "two", "three")
    async with driving(path, "two") as driver:
        await captures(driver)
        await driver.press("down", "enter")
        await driver.until(lambda: driver.browse.capture.name == "one" and driver.browse.is_mounted)
        assert isinstance(driver.app.screen, BrowseScreen)
        driver.line_with(" xraytap  one")
        await driver.until(lambda: driver.browse.table.count() == 2)


@driven
async def test_a_capture_is_renamed_unless_the_name_is_taken(tmp_path: Path) -> None:
    path = made(tmp_path / "captures.db", "one", "two")
    async with driving(path, "one") as driver:
        await captures(driver)
        await driver.press("r", "ctrl+u", "t", "w", "o", "enter")
        assert "there is a capture named 'two'" in driver.line_with("there is")
        await driver.press("2", "enter")
        await driver.until(lambda: driver.app.capture.name == "two2")
        await looked(driver)
        driver.line_with("two2")
        await driver.press("escape")
        driver.line_with(" xraytap  two2")
    assert names(path) == ["two2", "two"]


@driven
async def test_a_note_is_kept_and_taken_away(tmp_path: Path) -> None:
    path = made(tmp_path / "captures.db", "one")
    async with driving(path, "one") as driver:
        await captures(driver)
        await driver.press("c", "h", "i", "[", "enter")
        await looked(driver)
        assert driver.line_with(" one ").endswith("hi[")
        await driver.press("c", "ctrl+u", "enter")
        await looked(driver)
    with open_store(path) as store:
        assert store.capture("one").note is None


@driven
async def test_a_capture_is_deleted_once_confirmed(tmp_path: Path) -> None:
    path = made(tmp_path / "captures.db", "one", "two", "three")
    async with driving(path, "three") as driver:
        await captures(driver)
        await driver.press("d", "n")
        assert names(path) == ["one", "two", "three"]
        await driver.press("down", "d")
        driver.line_with("2 calls recorded from http://xenhost:9363 would be gone")
        await driver.press("y")
        assert names(path) == ["one", "three"]
        await looked(driver)
        await driver.press("up", "d", "y")
        await driver.until(lambda: driver.app.capture.name == "one")
        assert names(path) == ["one"]
        await looked(driver)
        await driver.press("d")
        assert "is the only capture" in driver.told


@driven
async def test_a_capture_that_is_being_recorded_has_a_mark_and_is_not_deleted(tmp_path: Path) -> None:
    path = made(tmp_path / "captures.db", "one")
    writer = Writer(path, "live", host="http://xenhost:9363")
    try:
        async with driving(path, "one") as driver:
            await captures(driver)
            assert driver.line_with("live").startswith("●")
            await driver.press("up", "d")
            assert "is being recorded" in driver.told
            talk = Talk()
            talk.call("VM.get_all", talk.login(), value=[])
            for each in talk.exchanges:
                writer.finish(writer.begin(each), each)
            await driver.until(lambda: "  2  " in driver.line_with("● "))
    finally:
        writer.close()
    assert names(path) == ["one", "live"]
