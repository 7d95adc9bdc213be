"""An error in one view shows there; the application goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.driving import driven, driving
from xraytap.tui.calls.table import CallsTable
from xraytap.tui.guard import Guarded
from xraytap.tui.views import sessions
from xraytap.tui.views.reading import Reading
from xraytap.tui.work import two_captures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _as_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Guarded, "forgiving", True)


def broken(*_: Any, **__: Any) -> Any:
    raise KeyError("[red]gone\u202e")


@driven
async def test_a_handler_that_fails_is_told_and_the_keys_go_on(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driving(store, "example") as driver:
        with monkeypatch.context() as patched:
            patched.setattr(CallsTable, "on_lines_view_moved", broken)
            await driver.press("j")
        await driver.until(lambda: "this failed: KeyError" in driver.told)
        assert "\u202e" not in driver.told
        await driver.press("j")
        assert driver.seq == 3


@driven
async def test_a_list_that_fails_says_so_and_leads_back(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with driving(store, "example") as driver:
        monkeypatch.setattr(sessions.SessionsScreen, "listed", broken)
        await driver.press("S")
        await driver.until(lambda: "KeyError" in driver.told)
        monkeypatch.undo()
        await driver.press("escape", "j")
        assert driver.seq == 2


@driven
async def test_a_reading_that_fails_says_so_in_its_title(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driving(store, "example") as driver:
        monkeypatch.setattr(Reading, "_take", broken)
        await driver.press("O")
        await driver.until(lambda: "reading the calls failed: KeyError" in driver.screen()[0])


@driven
async def test_a_comparison_that_fails_says_so_in_its_title(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with driving(store, "example") as driver:
        monkeypatch.setattr(two_captures, "compare_calls", broken)
        await driver.press("D", "1")
        await driver.until(lambda: "this failed: KeyError" in driver.screen()[0])
