"""Whole screens as text, one for each story. After a change that is meant: XRAYTAP_SNAPSHOTS=write pytest this."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tui.driving import driven, driving

if TYPE_CHECKING:
    from tests.tui.driving import Driver

FOLDER = Path(__file__).parent / "snapshots"
SMALL, USUAL = (80, 24), (120, 30)


async def compare(driver: Driver, name: str) -> None:
    """The screen as it was when somebody last looked at it and found it good."""
    await driver.until(lambda: driver.browse.capture.learner.idle)
    await driver.settle()
    shown = "\n".join(driver.screen()) + "\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("XRAYTAP_SNAPSHOTS") == "write":
        path.write_text(shown)
    assert shown == path.read_text()


@pytest.mark.parametrize(
    ("name", "size", "keys"),
    [
        ("browse-80x24", SMALL, ("n",)),
        ("browse-120x30", USUAL, ("n",)),
        ("detail-xml-80x24", SMALL, ("n", "enter", "z", "2")),
        ("detail-beside-120x30", USUAL, ("n", "v")),
        ("help-80x24", SMALL, ("question_mark",)),
    ],
)
@driven
async def test_the_screen_looks_as_it_did(
    store: Path, name: str, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with driving(store, "example", size=size) as driver:
        await driver.press(*keys)
        await compare(driver, name)


@driven
async def test_a_filter_with_a_mistake_looks_as_it_did(store: Path) -> None:
    async with driving(store, "example", size=SMALL) as driver:
        await driver.press("slash")
        await driver.write("outcome:failed and ms:>5")
        await compare(driver, "filter-mistake-80x24")


@driven
async def test_what_is_no_rpc_looks_as_it_did(store: Path) -> None:
    async with driving(store, "raw", size=USUAL) as driver:
        await driver.press("3")
        await compare(driver, "raw-120x30")
