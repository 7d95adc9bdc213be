"""Running the command as its users do, in this process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from xraytap.cli.main import main
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ran]:
    """`run("calls", "example")`; `stdin=` bytes."""

    def ran(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["xraytap", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode())

    return ran


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the recorded example session, survey and raw requests as captures."""
    path = tmp_path_factory.mktemp("store") / "captures.db"
    for name in ("py27-example-session", "py27-survey", "raw-requests"):
        writer = Writer(path, name, host="http://xenhost:9363")
        for each in exchanges(name):
            writer.finish(writer.begin(each), each)
        writer.close()
    return path


@pytest.fixture(autouse=True)
def _here(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAYTAP_STORE", str(store))
    monkeypatch.setenv("TZ", "UTC")
