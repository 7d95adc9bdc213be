"""What is done with calls on the main screen: marks, notes, copies, exports, ways to related calls."""

from __future__ import annotations

import json
import shlex
import stat
from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.store import open_store
from xraytap.store.golden import load_golden
from xraytap.store.marks import Marks
from xraytap.tui.dialogs import Menu

if TYPE_CHECKING:
    from pathlib import Path


SESSION = "f6dc45da-0ffb-b508-39b3-bd1434ccc5d8"
GUEST = "b28e4ee3-216f-fa85-9cae-615e954dbbe7"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of this test's own, with the documented session."""
    return record(tmp_path / "captures.db", "example", exchanges("py27-example-session"))


@driven
async def test_marks_and_notes_are_kept_with_the_capture_and_led_to(path: Path) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(4)
        await driver.press("m")
        await driver.go_to(9)
        await driver.press("c")
        await driver.write("why [paused]?")
        await driver.press("enter", "g", "apostrophe")
        assert driver.seq == 4
        await driver.press("apostrophe")
        assert driver.seq == 9
        await driver.press("apostrophe")
        assert "no call with a mark or a note after this one" in driver.told
        await driver.press("quotation_mark")
        assert driver.seq == 4
        await driver.press("m")
    with open_store(path) as store:
        marks = Marks(store, "example")
        assert [(each.seq, each.marked, each.note) for each in marks.all()] == [(9, False, "why [paused]?")]
        marks.close()


@driven
async def test_a_call_is_copied_in_each_form(path: Path) -> None:
    copied = {}
    async with driving(path, "example") as driver:
        await driver.go_to(11)
        for key in "cpxqQaAvj":
            await driver.press("y", key)
            copied[key] = driver.app.clipboard
    assert shlex.split(copied["c"])[:1] == ["curl"]
    assert "http://xenhost:9363/RPC2" in copied["c"]
    assert "session.xenapi.login_with_password('', '')" in copied["p"]
    assert f"session.xenapi.VM.start('{GUEST}', False)" in copied["p"]
    assert "ServerProxy('http://xenhost:9363/RPC2'" in copied["x"]
    assert "  <methodName>VM.start</methodName>\n" in copied["q"]
    assert copied["Q"].startswith("<?xml version='1.0'?>\n<methodCall>\n<methodName>VM.start</methodName>\n")
    assert "  <string>VM_BAD_POWER_STATE</string>" in copied["a"].replace("<value>", "  ")
    assert copied["A"].startswith("<?xml version='1.0'?>\n<methodResponse>")
    assert json.loads(copied["v"]) == ["VM_BAD_POWER_STATE", GUEST, "Halted", "Running"]
    assert json.loads(copied["j"])["seq"] == 11


@driven
async def test_the_line_under_the_cursor_is_offered_in_the_detail(path: Path) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(4)
        await driver.press("enter", "j", "j", "y", "l")
        assert driver.app.clipboard.startswith(GUEST)


@driven
async def test_a_copy_goes_to_a_file_of_ones_own(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "call.sh"
    async with driving(path, "example") as driver:
        await driver.go_to(11)
        await driver.press("y", "f", "c")
        driver.fill(str(target))
        await driver.press("enter")
        assert f"to {target}" in driver.told
        await driver.press("y", "f", "c")
        driver.fill(str(target))
        await driver.press("enter")
        assert "already; name another." in "\n".join(driver.screen())
        await driver.press("escape")
    assert target.read_text().startswith("curl ")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@driven
async def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    path = record(tmp_path / "captures.db", "raw", exchanges("raw-requests"))
    async with driving(path, "raw") as driver:
        await driver.go_to(3)
        await driver.press("y", "p", "y", "v")
        assert "this request does not decode" in driver.told
        assert "there is no answer to copy" in driver.told


@driven
async def test_the_list_is_narrowed_to_what_a_call_belongs_to(path: Path) -> None:
    narrowed = {}
    async with driving(path, "example") as driver:
        await driver.go_to(11)
        for key in "smen1":
            await driver.press("o", key)
            narrowed[key] = (driver.browse.table.filter_text, driver.browse.table.count())
            assert driver.seq == 11
    assert narrowed == {
        "s": (f'session:"{SESSION}"', 11),
        "m": ('method:"VM.start"', 1),
        "e": ('error:"VM_BAD_POWER_STATE"', 1),
        "n": ("connection:1", 12),
        "1": (f'session:"{SESSION}" ref:"{GUEST}"', 8),
    }


@driven
async def test_calls_are_written_in_each_form(path: Path, tmp_path: Path) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(11)
        await driver.press("m")
        await driver.go_to(1)
        await driver.press("m")
        for which, form, name in (("t", "j", "one.jsonl"), ("m", "h", "marked"), ("a", "g", "all.yaml")):
            await driver.press("x", which, form)
            driver.fill(str(tmp_path / name))
            await driver.press("enter")
            await driver.until(lambda name=name: name in driver.told)
        await driver.press("o", "m", "x", "a", "j")
        driver.fill(str(tmp_path / "filtered.jsonl"))
        await driver.press("enter")
        await driver.until(lambda: "filtered" in driver.told)
    assert [json.loads(line)["seq"] for line in (tmp_path / "one.jsonl").read_text().splitlines()] == [1]
    assert [
        json.loads(line)["method"] for line in (tmp_path / "filtered.jsonl").read_text().splitlines()
    ] == ["session.login_with_password"]
    recorded = exchanges("py27-example-session")
    for seq in (1, 11):
        response = recorded[seq - 1].response
        assert response is not None
        assert (tmp_path / "marked" / f"{seq:06d}.response").read_bytes() == response.head + response.body
    assert len(list((tmp_path / "marked").iterdir())) == 4
    assert [call.method for call in load_golden(tmp_path / "all.yaml").calls][-1] == "session.logout"


@driven
async def test_a_menu_is_left_with_escape_and_walked_with_the_arrows(path: Path) -> None:
    async with driving(path, "example") as driver:
        await driver.press("y")
        assert isinstance(driver.app.screen, Menu)
        await driver.press("escape")
        assert driver.app.screen is driver.browse
        await driver.press("y", "down", "down", "enter")
        assert driver.app.clipboard.startswith("import ")
