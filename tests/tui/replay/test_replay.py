"""Replaying many calls from the screen: plan, progress, comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.playback.server import PlaybackServer
from xraytap.shipped import shipped_capture
from xraytap.store import open_store
from xraytap.store.golden import load_golden
from xraytap.tui.replay.plan_screen import PlanScreen
from xraytap.tui.replay.run_screen import RunScreen
from xraytap.tui.work.compare import CompareScreen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.driving import Driver


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A store of this test's own: a replay writes into it."""
    return record(tmp_path / "captures.db", "example", exchanges("py27-example-session"))


def changed_host() -> PlaybackServer:
    """The example's host with one answer changed."""
    golden = load_golden(shipped_capture("example-session"))
    calls = list(golden.calls)
    calls[4] = replace(calls[4], value="destroy")
    return PlaybackServer(replace(golden, calls=tuple(calls)))


async def plan(driver: Driver, url: str, *which: str) -> PlanScreen:
    """To the plan's screen, once it stands."""
    await driver.press("ctrl+r", *which)
    await driver.write(url)
    await driver.press("enter")
    screen = driver.app.screen
    assert isinstance(screen, PlanScreen)
    await driver.until(lambda: screen.plan is not None)
    return screen


async def run(driver: Driver) -> RunScreen:
    """Send the plan, and wait for its end."""
    await driver.press("enter")
    await driver.until(lambda: isinstance(driver.app.screen, RunScreen))
    screen = driver.app.screen
    assert isinstance(screen, RunScreen)
    await driver.until(lambda: not screen.running)
    return screen


@driven
async def test_the_plan_is_shown_before_anything_is_sent(own: Path) -> None:
    with changed_host() as host:
        async with driving(own, "example") as driver:
            screen = await plan(driver, host.url, "a")
            assert "9 calls to send  3 withheld" in driver.screen()[0]
            assert "not sent: it changes the host" in (driver.line_with("VM.pause") or "")
            assert len(host.unused()) == 12
            await driver.press("c")
            assert "12 calls to send  allowed: change" in driver.screen()[0]
            await driver.press("escape")
            assert driver.app.screen is driver.browse
            assert screen.plan is not None
            assert len(host.unused()) == 12


@driven
async def test_what_came_of_a_replay_is_shown_and_compared(own: Path) -> None:
    with changed_host() as host:
        async with driving(own, "example") as driver:
            await plan(driver, host.url, "a")
            screen = await run(driver)
            assert [each.of.step.seq for each in screen.grid.entries] == [5, 9, 10, 11]
            assert "'restart' became 'destroy'" in (driver.line_with("VM.get_actions_after_reboot") or "")
            assert "8 same, 1 different, 3 not sent (3 withheld)" in driver.screen()[0]
            await driver.press("enter")
            assert isinstance(driver.app.screen, CompareScreen)
            await driver.press("escape")
            await driver.press("a")
            assert len(screen.grid.entries) == 12
            await driver.press("o")
            await driver.until(lambda: driver.app.capture.name == "example-replay")
    with open_store(own) as store:
        assert store.capture("example-replay").note == "replay of example"


@driven
async def test_a_changing_replay_is_confirmed_first(own: Path) -> None:
    with changed_host() as host:
        async with driving(own, "example") as driver:
            await plan(driver, host.url, "a")
            await driver.press("c", "enter", "n")
            assert isinstance(driver.app.screen, PlanScreen)
            assert len(host.unused()) == 12
            await driver.press("enter", "y")
            await driver.until(lambda: isinstance(driver.app.screen, RunScreen))
            screen = driver.app.screen
            assert isinstance(screen, RunScreen)
            await driver.until(lambda: not screen.running)
            assert host.unused() == []


@driven
async def test_marked_calls_alone_are_replayed(own: Path) -> None:
    with changed_host() as host:
        async with driving(own, "example") as driver:
            await driver.press("g", "j", "m")
            screen = await plan(driver, host.url, "m")
            assert screen.plan is not None
            assert [each.seq for each in screen.plan.steps] == [2]
            ran = await run(driver)
            assert ran.report is not None
            assert [each.verdict.value for each in ran.report.results] == ["same"]


@driven
async def test_a_host_that_is_not_there_is_told_on_the_screen(own: Path) -> None:
    with changed_host() as host:
        url = host.url
    async with driving(own, "example") as driver:
        await plan(driver, url, "a")
        screen = await run(driver)
        assert screen.report is None
        assert "the connection was" in driver.screen()[0]
        assert "nothing listens there" in " ".join(each.message for each in driver.app._notifications)
        await driver.press("escape")
        assert driver.app.screen is driver.browse


@driven
async def test_what_is_no_url_is_said_where_it_is_written(own: Path) -> None:
    async with driving(own, "example") as driver:
        await driver.press("ctrl+r", "a")
        await driver.write("xenhost")
        await driver.press("enter")
        assert driver.line_with("is no URL of a host") is not None


@driven
async def test_a_password_that_nobody_kept_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XRAYTAP_PASSWORD", raising=False)
    own = record(tmp_path / "captures.db", "survey", exchanges("py27-survey")[:3])
    with changed_host() as host:
        async with driving(own, "survey") as driver:
            await plan(driver, host.url, "a")
            await driver.press("enter")
            assert driver.line_with("password of root on 127.0.0.1") is not None
            await driver.write("secret")
            await driver.press("enter")
            await driver.until(lambda: isinstance(driver.app.screen, RunScreen))
            screen = driver.app.screen
            assert isinstance(screen, RunScreen)
            await driver.until(lambda: not screen.running)
            assert screen.report is not None
            assert screen.report.results[0].verdict.value == "same"
