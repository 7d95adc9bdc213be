"""A call sent again from the main screen: asked where once, confirmed by name, compared with the old answer."""

from __future__ import annotations

import stat
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.recorded import exchanges
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.playback.server import PlaybackServer
from xraytap.protocol.summary import decode_exchange
from xraytap.shipped import shipped_capture
from xraytap.store import open_store
from xraytap.store.golden import load_golden, loads_golden
from xraytap.tui.dialogs import Confirm
from xraytap.tui.work.compare import CompareScreen
from xraytap.tui.work.editor import EditScreen
from xraytap.tui.work.host import HostScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.driving import Driver


REFS = [
    "07e4ee3a-216f-fa85-9cae-615e954dbbe7",
    "b28e4ee3-216f-fa85-9cae-615e954dbbe7",
    "1e22efe5-cd9a-52c5-edee-e94342fd1437",
]


@pytest.fixture
def host() -> Iterator[PlaybackServer]:
    """A stand-in host with the documented session, whose references are those of the recording."""
    golden = load_golden(shipped_capture("example-session"))
    refs = iter(REFS)
    sessions = (f"session-{number}" for number in count(1))
    with PlaybackServer(golden, mint=lambda kind: next(sessions if kind == "session" else refs)) as started:
        yield started


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this test's own, with the documented session; nobody's own editor."""
    for name in ("EDITOR", "VISUAL", "XRAYTAP_USER", "XRAYTAP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return record(tmp_path / "captures.db", "example", exchanges("py27-example-session"))


async def name_host(driver: Driver, url: str) -> None:
    """Answer the question where to."""
    await driver.until(lambda: isinstance(driver.app.screen, HostScreen))
    driver.fill(url)
    await driver.press("enter")


async def answered(driver: Driver) -> list[tuple[str, str, str, str]]:
    """The lines that differ between the old answer and the new one."""
    await driver.until(lambda: isinstance(driver.app.screen, CompareScreen) or driver.told)
    assert isinstance(driver.app.screen, CompareScreen), driver.told
    lines = [each.of for each in driver.app.screen.grid.entries]
    await driver.press("escape")
    return [(each.sign, each.where, each.left, each.right) for each in lines if each.sign != "~"]


def kept(path: Path, capture: str = "example-replay") -> list[tuple[str, str]]:
    """What the capture of what was sent has: methods and outcomes."""
    with open_store(path) as store:
        return [(row.method or "", row.outcome.value) for row in store.calls(capture)]


def gone(path: str) -> bool:
    return not Path(path).exists()


def all_bytes(folder: Path) -> bytes:
    """All that the store has on disk."""
    return b"".join(each.read_bytes() for each in sorted(folder.glob("captures.db*")))


@driven
async def test_a_reading_call_is_sent_in_a_session_of_its_own_and_compared(
    path: Path, host: PlaybackServer
) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("r")
        await name_host(driver, host.url)
        assert await answered(driver) == []
        await driver.go_to(4)
        await driver.press("r")  # the host is not asked again
        assert await answered(driver) == []
    assert kept(path) == [
        ("session.login_with_password", "success"),
        ("VM.get_all", "success"),
        ("VM.get_name_label", "success"),
    ]
    with open_store(path) as store:
        assert store.capture("example-replay").note == "calls of example sent again by hand"
    assert host.unmatched == ()


@driven
async def test_the_session_is_ended_with_the_application(path: Path, host: PlaybackServer) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("r")
        await name_host(driver, host.url)
        await answered(driver)
        assert 12 in [number for number, _ in host.unused()]
    assert 12 not in [number for number, _ in host.unused()]


@driven
async def test_a_changing_call_is_confirmed_by_name(path: Path, host: PlaybackServer) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("r")
        await name_host(driver, host.url)
        await answered(driver)
        await driver.go_to(9)
        await driver.press("r")
        assert isinstance(driver.app.screen, Confirm)
        driver.line_with("VM.pause vm=guest002")
        driver.line_with(f"changes something on {host.url}")
        await driver.press("n", "r", "y")
        assert await answered(driver) == []
    assert [method for method, _ in kept(path)].count("VM.pause") == 1


@driven
async def test_a_destroying_call_wants_its_name_typed(tmp_path: Path) -> None:
    path = record(tmp_path / "captures.db", "xapi", conversation("xmlrpc").exchanges)
    async with driving(path, "xapi") as driver:
        seq = next(row.seq for row in driver.browse.capture.store.calls("xapi") if row.message == "destroy")
        await driver.go_to(seq)
        await driver.press("r")
        await name_host(driver, "http://127.0.0.1:1")
        assert isinstance(driver.app.screen, Confirm)
        name = driver.browse.capture.row(seq).method
        driver.line_with(f"type {name} and Enter")
        await driver.press("y", "enter")
        driver.line_with("that is another name")
        driver.fill(str(name))
        await driver.press("enter")
        await driver.until(lambda: "cannot reach http://127.0.0.1:1" in driver.told)


@driven
async def test_an_answer_that_differs_shows_where(path: Path) -> None:
    other = shipped_capture("example-session").read_text().replace("answer: guest002", "answer: guest003")
    with PlaybackServer(loads_golden(other)) as host:
        async with driving(path, "example") as driver:
            await driver.go_to(4)
            await driver.press("r")
            await name_host(driver, host.url)
            assert await answered(driver) == [("≠", "answer", "'guest002'", "'guest003'")]


@driven
async def test_a_call_is_edited_in_place_checked_and_sent(path: Path, host: PlaybackServer) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("e", "y")
        screen = driver.app.screen
        assert isinstance(screen, EditScreen)
        area = screen.query_one("#edit")
        text = area.text
        area.text = text.replace("    - ", "    - [")
        await driver.press("ctrl+s")
        driver.line_with("the edited call, line")
        area.text = text.replace("VM.get_all", "VM.no_such")
        await driver.press("ctrl+s")
        await name_host(driver, host.url)
        await driver.until(lambda: isinstance(driver.app.screen, Confirm))  # nobody knows what it does
        await driver.press("y")
        lines = await answered(driver)
    assert ("≠", "method", "VM.get_all", "VM.no_such") in lines
    assert kept(path)[-1] == ("VM.no_such", "failure")


@driven
async def test_a_call_is_edited_in_the_users_editor(
    path: Path, host: PlaybackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    script = tmp_path / "ed"
    script.write_text(f'#!/bin/sh\nls -l "$1" > {seen}\nsed -i s/get_all/get_nothing/ "$1"\n')
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))
    async with driving(path, "example") as driver:
        monkeypatch.setattr(driver.app, "suspend", nullcontext)
        await driver.go_to(2)
        await driver.press("e", "x")
        await name_host(driver, host.url)
        await driver.press("y")
        lines = await answered(driver)
    assert ("≠", "method", "VM.get_all", "VM.get_nothing") in lines
    listed = seen.read_text().split()
    assert listed[0].startswith(stat.filemode(0o100600))
    assert listed[-1].endswith("call.xml")
    assert gone(listed[-1])


@driven
async def test_an_editor_that_cannot_run_leaves_the_text_to_be_edited_in_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "false")
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("e", "y")
        assert isinstance(driver.app.screen, EditScreen)
        driver.line_with("cannot be run here")
        await driver.press("escape")
        assert "nothing was sent" in driver.told


@driven
async def test_the_recorded_session_is_sent_if_wanted(path: Path, host: PlaybackServer) -> None:
    async with driving(path, "example") as driver:
        await driver.go_to(2)
        await driver.press("r")
        await driver.until(lambda: isinstance(driver.app.screen, HostScreen))
        driver.fill(host.url)
        await driver.press("tab", "tab", "tab", "space", "shift+tab", "enter")
        lines = await answered(driver)
    assert ("≠", "error", "", "SESSION_INVALID") in lines
    assert kept(path) == [("VM.get_all", "failure")]


@driven
async def test_a_password_reaches_the_host_and_neither_screen_nor_store(path: Path, tmp_path: Path) -> None:
    import threading
    import xmlrpc.server

    got: list[tuple[object, ...]] = []
    server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
    server.register_function(
        lambda *words: (
            got.append(words) or {"Status": "Failure", "ErrorDescription": ["SESSION_AUTHENTICATION_FAILED"]}
        ),
        "session.login_with_password",
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        async with driving(path, "example") as driver:
            await driver.go_to(2)
            await driver.press("r")
            await driver.until(lambda: isinstance(driver.app.screen, HostScreen))
            driver.fill(f"http://127.0.0.1:{server.server_address[1]}")
            await driver.press("tab")
            driver.fill("root")
            await driver.press("tab")
            await driver.write("hunter2")
            assert "hunter2" not in "\n".join(driver.screen())
            await driver.press("enter")
            await driver.until(
                lambda: "refused the login of 'root': SESSION_AUTHENTICATION_FAILED" in driver.told
            )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert got == [("root", "hunter2")]
    assert b"hunter2" not in all_bytes(tmp_path)
    with open_store(path) as store:
        call = decode_exchange(store.exchange("example-replay", 1))
    assert call.request is not None
    assert call.request.params == ("root", "<redacted>")


@driven
async def test_what_cannot_be_sent_is_said(tmp_path: Path) -> None:
    path = record(tmp_path / "captures.db", "raw", exchanges("raw-requests"))
    async with driving(path, "raw") as driver:
        await driver.go_to(3)
        await driver.press("r")
        assert "#3 cannot be sent again" in driver.told
