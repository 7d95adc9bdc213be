"""Each screen as text, at both sizes: what a person sees, kept in tests/tui/pictures.

XRAYTAP_PICTURES=write writes them anew; look at the difference before it is kept.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.tui.driving import driven, driving
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.driving import Driver

FOLDER = Path(__file__).with_name("pictures")
RECORDED_US = 1_795_000_000_000_000
# Name, the keys that lead there from the table; each begins where the one before was left.
SCREENS = (
    ("calls", ""),
    ("sessions", "S"),
    ("tasks", "T"),
    ("events", "E"),
    ("objects", "O"),
    ("statistics", "I"),
    ("slowest", "tab tab"),
    ("captures", "C"),
    ("delete", "d"),
    ("copy", "n escape y"),
    ("only", "escape o"),
    ("export", "escape x"),
    ("compare", "escape g j m j m d"),
    ("compare-all", "a"),
    ("host", "escape r"),
    ("edit", "escape e y"),
)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A conversation of every kind, recorded at a fixed time."""
    for name in ("EDITOR", "VISUAL", "XRAYTAP_USER", "XRAYTAP_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    path = Path("captures.db")
    monkeypatch.chdir(tmp_path)
    for name, exchanges in (("older", []), ("xapi", conversation("xmlrpc").exchanges)):
        writer = Writer(path, name, host="http://xenhost:80", now_us=lambda: RECORDED_US)
        for each in exchanges:
            writer.finish(writer.begin(each), each)
        writer.close()
    yield path
    monkeypatch.undo()
    time.tzset()


async def shown(driver: Driver) -> str:
    """The screen once it is whole."""
    await driver.until(
        lambda: getattr(driver.app.screen, "settled", True) and getattr(driver.app.screen, "looked", 1)
    )
    await driver.settle()
    return "\n".join(line.rstrip() for line in driver.screen()) + "\n"


@pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80x24", "120x30"])
@driven
async def test_every_screen_looks_as_it_is_kept(store: Path, size: tuple[int, int]) -> None:
    different = []
    async with driving(store, "xapi", size=size) as driver:
        for name, keys in SCREENS:
            await driver.press(*keys.split())
            text = await shown(driver)
            different += kept(f"{name}-{size[0]}x{size[1]}.txt", text)
    assert different == []


def kept(name: str, text: str) -> list[str]:
    """The name and both texts where they differ."""
    path = FOLDER / name
    if os.environ.get("XRAYTAP_PICTURES") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return []
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    return [] if before == text else [f"{name} was:\n{before}and is:\n{text}"]
