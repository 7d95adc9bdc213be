"""The shipped goldens: found, in step with their recordings, and free of what should not leave the machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.playback.host import Host
from tests.recorded import exchanges
from xraytap import shipped
from xraytap.cli.golden_source import GoldenSource
from xraytap.cli.source import open_source
from xraytap.errors import SourceError
from xraytap.playback.order import Mode
from xraytap.protocol.call import Outcome
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.values import wire_type
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

ROOT = Path(__file__).resolve().parent.parent
RECORDED = exchanges("py27-example-session")
SHIPPED = sorted((ROOT / "captures").glob("*.yaml"))


def test_they_are_in_step_with_what_they_are_made_of() -> None:
    script = str(ROOT / "captures" / "build.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_found_with_and_without_its_ending() -> None:
    assert shipped_capture("example-session") == shipped_capture("example-session.yaml")
    assert shipped_capture("example-session").is_file()


@pytest.mark.parametrize("name", ["nosuch", "../pyproject.toml", "../captures/example-session.yaml", ""])
def test_an_unknown_name_lists_those_that_ship(name: str) -> None:
    with pytest.raises(SourceError, match=r"Those that ship: .*example-session\.yaml"):
        shipped_capture(name)


def test_an_installed_package_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "_captures"
    inside.mkdir()
    (inside / "some.yaml").write_text("")
    monkeypatch.setattr(shipped, "_FOLDERS", (inside, tmp_path / "captures"))
    assert shipped_capture("some") == inside / "some.yaml"
    (inside / "some.yaml").unlink()
    with pytest.raises(SourceError, match="none: neither"):
        shipped_capture("some")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_token_reference_or_address_of_a_recording_is_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", text)
    assert "!secret pwd" in text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_says_what_it_is_and_where_it_comes_from(path: Path) -> None:
    golden = load_golden(path)
    assert golden.calls
    assert golden.about
    assert set(golden.recorded) == {"from", "at", "with"}
    assert f"| {path.name} |" in (path.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("protocol", ["xmlrpc", "jsonrpc"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_plays_from_its_first_call_to_its_last_over_both_protocols(path: Path, protocol: str) -> None:
    golden = load_golden(path)
    host = Host(golden, protocol=protocol, mode=Mode.STRICT)
    host.run_through(golden)
    assert [miss.reason for miss in host.responder.unmatched] == []
    assert host.responder.unused() == []


def typed(value: Value) -> object:
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    return wire_type(value)


def test_as_a_source_it_has_the_calls_of_the_recording() -> None:
    path = shipped_capture("example-session")
    with open_source(str(path), None) as source:
        assert isinstance(source, GoldenSource)
        rows = list(source.rows())
        assert [row.seq for row in rows] == list(range(1, 13))
        for row, exchange in zip(rows, RECORDED, strict=True):
            real = full_row(exchange, capture=row.capture, seq=row.seq)
            assert (row.method, row.outcome, row.error_code, row.http_status, row.protocol) == (
                real.method, real.outcome, real.error_code, real.http_status, real.protocol,
            )  # fmt: skip
            mine, theirs = source.decode(row.seq), decode_exchange(exchange)
            assert mine.response is not None
            assert theirs.response is not None
            assert typed(mine.response.value) == typed(theirs.response.value)
        assert rows[0].redacted == ("session.login_with_password.pwd",)
        assert rows[10].outcome is Outcome.FAILURE
        assert rows[1].session == "s1"
        assert source.decode(4).request.params == ("s1", "VM.2")  # type: ignore[union-attr]


@pytest.mark.parametrize("seq", [0, 13])
def test_as_a_source_it_says_how_many_calls_it_has(seq: int) -> None:
    source = GoldenSource(shipped_capture("example-session"))
    with pytest.raises(SourceError, match=rf"has no call {seq}; it has 12"):
        source.row(seq)


def test_calls_without_an_rpc_answer_have_rows_too(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(
        "xraytap-golden: 1\napi: x\ncalls:\n- VM.a: []\n  no-answer: gone\n- VM.b: []\n  http: 503\n  body: busy\n"
    )
    rows = list(GoldenSource(path).rows())
    assert [row.outcome for row in rows] == [Outcome.NO_RESPONSE, Outcome.HTTP_ERROR]
    assert rows[0].note == "gone"
