"""`xraytap golden` as its users run it: freeze, freeze again, check against a host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.recorded import FOLDERS, exchanges
from xraytap.playback.server import PlaybackServer
from xraytap.store.golden import dump_golden, load_golden, loads_golden
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SHIPPED = Path(__file__).parents[2] / "captures" / "example-session.yaml"


def body(text: str) -> str:
    """A golden without its header."""
    return text[text.index("calls:") :]


def test_the_example_session_is_the_shipped_golden(run: Callable[..., Ran]) -> None:
    ran = run("golden", "py27-example-session", "--about", "Log in and look")
    assert ran.code == 0
    assert body(ran.out) == body(SHIPPED.read_text())
    assert ran.out.splitlines()[:4] == [
        "xraytap-golden: 2",
        "api: xend 1.0",
        "about: Log in and look",
        "recorded: {from: http://xenhost:9363, at: 2023-11-14, with: xraytap 0.1.0}",
    ]
    assert ran.err == (
        "xraytap: py27-example-session: 12 calls of xend 1.0, 1 session, 3 refs; "
        "taken out: session.login_with_password.pwd\n"
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_recording_leaks_into_its_golden(run: Callable[..., Ran], tmp_path: Path, folder: str) -> None:
    """No session token, no password, no reference; even of a capture that kept the password."""
    store = tmp_path / "s.db"
    writer = Writer(store, folder, host="http://xenhost:9363")
    for each in exchanges(folder):
        writer.finish(writer.begin(each), each)
    writer.close()
    file = tmp_path / "new folder" / "golden.yaml"
    assert run("golden", folder, "-o", str(file), "--store", str(store)).code == 0
    text = file.read_text()
    assert UUID.findall(text) == []
    assert "planted" not in text
    assert dump_golden(load_golden(file)) == text


def test_the_filter_chooses_and_the_header_tells_what_is_volatile(run: Callable[..., Ran]) -> None:
    ran = run(
        "golden",
        "py27-survey",
        "--filter",
        "method:VM.get_domid,session.*",
        "--volatile",
        "session.get_record",
    )
    golden = loads_golden(ran.out)
    assert {call.method for call in golden.calls} >= {"VM.get_domid", "session.login_with_password"}
    assert golden.volatile == ("session.get_record", "VM.domid")


def test_what_is_left_out_is_told_with_its_reason(run: Callable[..., Ran]) -> None:
    ran = run("golden", "raw-requests")
    assert ran.code == 0
    assert "xraytap: call 6 is left out: it is no RPC call\n" in ran.err
    assert len(loads_golden(ran.out).calls) == 3


def test_nothing_is_overwritten_unless_asked_for(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "golden.yaml"
    file.write_text("mine")
    ran = run("golden", "py27-example-session", "-o", str(file))
    assert (ran.code, file.read_text()) == (2, "mine")
    assert f"{file} is there already. Overwrite it with --force" in ran.err
    assert run("golden", "py27-example-session", "-o", str(file), "--force").code == 0
    assert len(load_golden(file).calls) == 12


def test_recorded_again_a_golden_changes_only_in_what_changed(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    file = tmp_path / "golden.yaml"
    run("golden", "py27-example-session", "-o", str(file))
    earlier = (
        file.read_text()
        .replace("0.0004175995563293536", "0.25")
        .replace("2023-11-14", "2020-01-01")
        .replace("answer: restart", "answer: destroy")
    )
    file.write_text(earlier)
    ran = run("golden", "py27-example-session", "-o", str(file), "--update")
    assert ran.code == 0
    changed = set(file.read_text().splitlines()) ^ set(earlier.splitlines())
    assert changed == {
        "  answer: destroy",
        "  answer: restart",
        "recorded: {from: http://xenhost:9363, at: 2020-01-01, with: xraytap 0.1.0}",
        "recorded: {from: http://xenhost:9363, at: 2023-11-14, with: xraytap 0.1.0}",
    }


def test_recorded_again_without_a_change_nothing_is_written(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "golden.yaml"
    run("golden", "py27-example-session", "-o", str(file))
    earlier = file.read_text().replace("0.0004175995563293536", "0.25").replace("2023-11-14", "2020-01-01")
    file.write_text(earlier)
    ran = run("golden", "py27-example-session", "-o", str(file), "--update")
    assert (ran.code, file.read_text()) == (0, earlier)
    assert ran.err == f"xraytap: {file}: nothing changed, nothing written\n"


def test_a_literal_golden_gives_every_byte_back(run: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "literal.yaml"
    ran = run("golden", "py27-survey", "-o", str(file), "--literal", "--timed")
    assert "a literal golden holds the sessions and references of its host" in ran.err
    assert dump_golden(load_golden(file)) == file.read_text()
    assert "hunter2" not in file.read_text()  # which this capture kept
    for seq in ("2", "5", "95", "114"):
        for side in ("request", "response"):
            assert (
                run("show", str(file), seq, "--raw", side).out
                == run("show", "py27-survey", seq, "--raw", side).out
            )
    assert run("diff", "py27-survey", str(file)).code == 0


def test_a_golden_is_frozen_anew_in_the_newest_format(run: Callable[..., Ran]) -> None:
    old = Path(__file__).parents[1] / "store" / "formats" / "1.yaml"
    ran = run("golden", str(old), "--filter", "method:VM.get_all")
    assert ran.code == 0
    golden = loads_golden(ran.out)
    assert (golden.format, {call.method for call in golden.calls}) == (2, {"VM.get_all"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--check",), "--check needs the host's URL"),
        (("--check", "http://127.0.0.1:9", "-o", "x.yaml"), "--check writes nothing"),
        (("http://127.0.0.1:9",), "'http://127.0.0.1:9': for --check only"),
        (("--ignore", "x"), "for --check only"),
        (("--update",), "--update needs -o FILE"),
        (("-o", "tests"), "tests is a folder; name a file in it"),
        (("--filter", "method:nosuch"), "no call of py27-example-session that can stand in a golden matches"),
    ],
)
def test_options_that_make_no_sense_together_are_told(
    run: Callable[..., Ran], arguments: tuple[str, ...], message: str
) -> None:
    ran = run("golden", "py27-example-session", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAYTAP_USER", "root")
    monkeypatch.setenv("XRAYTAP_PASSWORD", "anything")


@pytest.mark.usefixtures("_credentials")
def test_a_host_that_answers_as_recorded_passes_the_check(run: Callable[..., Ran]) -> None:
    with PlaybackServer(load_golden(SHIPPED)) as server:
        ran = run("golden", "--check", str(SHIPPED), server.url)
        asked = {call.method for _, call in server.unused()}
    assert ran.code == 0
    assert asked == {"VM.pause", "VM.unpause", "VM.start"}
    assert "9 same" in ran.out


@pytest.mark.usefixtures("_credentials")
def test_what_a_host_answers_otherwise_is_told(run: Callable[..., Ran]) -> None:
    changed = loads_golden(SHIPPED.read_text().replace("guest002", "guest003"))
    with PlaybackServer(changed) as server:
        ran = run("golden", "--check", str(SHIPPED), server.url)
    assert ran.code == 1
    assert "~ #4 VM.get_name_label guest002: 'guest002' became 'guest003'\n" in ran.out


@pytest.mark.usefixtures("_credentials")
def test_a_host_that_is_not_there_is_told(run: Callable[..., Ran]) -> None:
    with PlaybackServer(load_golden(SHIPPED)) as server:
        gone = server.url
    ran = run("golden", "--check", str(SHIPPED), gone)
    assert ran.code == 3
    assert "refused" in ran.err
