"""The lists beside the table: what they show of a capture, and the way from an entry to its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import SESSION, STARTING, conversation
from tests.cases.xapi_records import ref
from tests.talk import Talk
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.store.writer import Writer
from xraytap.tui.browse import BrowseScreen
from xraytap.tui.views.grid import Grid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.driving import Driver

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80x24", "120x30"])


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a conversation of every kind (`xapi`), and one of a client that wastes calls (`chatty`)."""
    path = record(tmp_path_factory.mktemp("lists") / "captures.db", "xapi", conversation("xmlrpc").exchanges)
    talk = Talk()
    token = talk.login(originator="backup")
    for number in range(12):
        talk.call("VM.get_name_label", token, f"vm-{number}", value=f"guest{number}", ms=2 + number)
    talk.refused("VM.start", token, "vm-1", error=["VM_BAD_POWER_STATE", "vm-1", "Halted", "Running"])
    talk.call("session.logout", token)
    return record(path, "chatty", talk.exchanges)


async def open_list(driver: Driver, key: str) -> None:
    """Open a list and wait until it is whole."""
    await driver.press(key)
    await driver.until(
        lambda: getattr(driver.app.screen, "settled", 0) or getattr(driver.app.screen, "looked", 0)
    )
    await driver.pilot.pause()


LISTS = {
    "S": ["5e550001", "root", "logged out"],
    "T": ["Async.VM.start", "+ success", "abandoned"],
    "E": ["event.from in session 5e550001", "2 events: 1 task add, 1 vm mod"],
    "O": ["VM", "web", "00000031"],
    "I": ["VM.get_record", "p50", "a second"],
    "C": ["chatty", "http://xen"],
}


@SIZES
@driven
async def test_each_list_shows_what_the_capture_has(lists: Path, size: tuple[int, int]) -> None:
    async with driving(lists, "xapi", size=size) as driver:
        missing = {}
        for key, shown in LISTS.items():
            await open_list(driver, key)
            screen = "\n".join(driver.screen())
            missing[key] = [text for text in shown if text not in screen]
        assert missing == {key: [] for key in LISTS}
        await driver.press("escape")
        assert isinstance(driver.app.screen, BrowseScreen)


@driven
async def test_enter_leads_to_the_calls_of_an_entry(lists: Path) -> None:
    led = {}
    async with driving(lists, "xapi") as driver:
        for keys in ("S", "T", "E", "E j", "O", "I", "I tab", "I tab tab"):
            key, *more = keys.split()
            await open_list(driver, key)
            await driver.press(*more, "enter")
            led[keys] = (driver.browse.table.filter_text.replace(SESSION, "T"), driver.browse.table.count())
    assert led == {
        "S": ('session:"T" or seq:1', 41),
        "T": (f'seq:15 or (session:"T" ref:"{STARTING}")', 6),
        "E": ('session:"T" method:event.from', 3),
        "E j": ('session:"T" method:event.from seq:18..18', 1),
        "O": (f'session:"T" ref:"{ref(0x61)}"', 1),
        "I": ('method:"event.from" async:no', 3),
        "I tab": ('session:"T"', 40),
        "I tab tab": ("seq:33", 1),
    }


@driven
async def test_what_a_client_could_spare_leads_to_its_calls(lists: Path) -> None:
    async with driving(lists, "chatty") as driver:
        await open_list(driver, "I")
        await driver.press("tab", "tab", "tab")
        assert "one VM.get_all_records would do" in driver.line_with("n+1")
        await driver.press("enter")
        assert driver.browse.table.filter_text == "seq:2..13"
        assert driver.browse.table.count() == 12


@driven
async def test_escape_leads_back_to_the_table_as_it_was(lists: Path) -> None:
    async with driving(lists, "xapi") as driver:
        await driver.press("j", "j", "S", "escape")
        assert isinstance(driver.app.screen, BrowseScreen)
        assert (driver.seq, driver.browse.table.filter_text) == (3, "")


@driven
async def test_sorting_goes_from_column_to_column_and_back(lists: Path) -> None:
    async with driving(lists, "chatty") as driver:
        await open_list(driver, "O")
        grid = driver.app.screen.query_one(Grid)
        as_found = [grid.texts(each)[2] for each in grid.entries]
        await driver.press("s", "s", "s")
        assert [grid.texts(each)[2] for each in grid.entries] == sorted(as_found)
        for _ in range(len(grid.columns) - 2):
            await driver.press("s")
        assert [grid.texts(each)[2] for each in grid.entries] == as_found


@driven
async def test_a_list_of_a_live_capture_grows(tmp_path: Path) -> None:
    talk = Talk()
    token = talk.login()
    talk.call("VM.get_all", token, value=[])
    writer = Writer(tmp_path / "captures.db", "live", host="http://xenhost:9363")
    try:
        for each in talk.exchanges:
            writer.finish(writer.begin(each), each)
        waiting = talk.exchanges[-1]
        async with driving(tmp_path / "captures.db", "live") as driver:
            await driver.until(lambda: driver.browse.table.count() == 2)
            await open_list(driver, "S")
            assert "open" in driver.line_with("T1")
            ticket = writer.begin(waiting)
            talk.call("session.logout", token)
            for each in talk.exchanges[2:]:
                writer.finish(writer.begin(each), each)
            await driver.until(lambda: "logged out" in driver.line_with("T1"))
            writer.finish(ticket, waiting)
            await driver.until(lambda: "  3  " in driver.line_with("T1"))
    finally:
        writer.close()


@driven
async def test_hostile_text_is_shown_as_signs(tmp_path: Path) -> None:
    talk = Talk()
    token = talk.login("T\u202e[red]", user="r\x9boot", originator="\u2066[bold]x[/bold]")
    talk.call("VM.get_name_label", token, "vm", value="[@click=app.quit]\u200b")
    path = record(tmp_path / "captures.db", "hostile", talk.exchanges)
    async with driving(path, "hostile") as driver:
        for key, shown in (
            ("S", "<U+2066>[bold]x[/bold]"),
            ("O", "[@click=app.quit]<U+200B>"),
            ("I", "<U+2066>[bold]"),
        ):
            await open_list(driver, key)
            if key == "I":
                await driver.press("tab")
            assert shown in "\n".join(driver.screen())
            assert not any(char in "\n".join(driver.screen()) for char in "\u202e\u2066\u200b\x9b")
