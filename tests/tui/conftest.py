"""Captures to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from xraytap.store.writer import Writer
from xraytap.tui.guard import Guarded

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from xraytap.protocol.call import Exchange


def record(path: Path, name: str, calls: Iterable[Exchange]) -> Path:
    """Write calls into a new capture."""
    writer = Writer(path, name, host="http://xenhost:9363")
    for each in calls:
        writer.finish(writer.begin(each), each)
    writer.close()
    return path


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with recorded sessions: `example`, `survey`, `raw`."""
    path = tmp_path_factory.mktemp("tui") / "captures.db"
    for name, folder in (
        ("example", "py27-example-session"),
        ("survey", "py27-survey"),
        ("raw", "raw-requests"),
    ):
        record(path, name, exchanges(folder))
    return path


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Guarded, "forgiving", False)  # a test is to see what goes wrong
