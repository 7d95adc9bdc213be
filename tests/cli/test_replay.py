"""`xraytap replay` and `xraytap export` as their users run them, against playback hosts on real sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from tests.replay.hosts import Tape
from tests.replay.scripted import Scripted
from tests.talk import Talk
from tests.tap.peers import ByteHost
from xraytap.cli.replay import confirm, parse_pace
from xraytap.errors import UsageError
from xraytap.playback.server import PlaybackServer
from xraytap.replay.target import parse_target
from xraytap.shipped import shipped_capture
from xraytap.store import open_store
from xraytap.store.golden import load_golden
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ran

    type Run = Callable[..., Ran]

GOLDEN = str(shipped_capture("example-session"))


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store for this test alone, with the example session and the survey."""
    path = tmp_path / "captures.db"
    monkeypatch.setenv("XRAYTAP_STORE", str(path))
    monkeypatch.setenv("XRAYTAP_PASSWORD", "secret")
    monkeypatch.delenv("XRAYTAP_USER", raising=False)
    writer = Writer(path, "example", host="http://xenhost:9363")
    for each in exchanges("py27-example-session"):
        writer.finish(writer.begin(each), each)
    writer.close()
    return path


@contextmanager
def example_host() -> Iterator[PlaybackServer]:
    with PlaybackServer(load_golden(shipped_capture("example-session"))) as host:
        yield host


def test_a_capture_is_replayed_and_the_replay_kept_beside_it(run: Run, own_store: Path) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url, "--allow", "change")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"example onto {host.url}: 12 same; ")
    assert done.out.endswith("; kept as capture example-replay\n")
    with open_store(own_store) as store:
        assert store.capture("example-replay").note == "replay of example"
    assert run("diff", "example", "example-replay").code == 0


def test_a_golden_is_replayed_as_a_capture_is(run: Run) -> None:
    with example_host() as host:
        done = run("replay", GOLDEN, "--to", host.url, "--allow", "change", "--no-capture")
    assert (done.code, done.err) == (0, "")
    assert " 12 same; " in done.out


def test_what_changes_the_host_is_withheld_and_said(run: Run) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url)
        assert [call.method for _, call in host.unused()] == ["VM.pause", "VM.unpause", "VM.start"]
    assert done.code == 0
    assert "- #9 VM.pause guest002: not sent: it changes the host; --allow change sends it\n" in done.out
    assert " 9 same, 3 not sent (3 withheld); " in done.out


def test_a_changed_answer_makes_the_exit_code_1_as_diff_does(run: Run) -> None:
    golden = load_golden(shipped_capture("example-session"))
    calls = list(golden.calls)
    calls[4] = replace(calls[4], value="destroy")
    with PlaybackServer(replace(golden, calls=tuple(calls))) as host:
        done = run("replay", "example", "--to", host.url, "--allow", "change")
    assert done.code == 1
    assert "~ #5 VM.get_actions_after_reboot guest002: 'restart' became 'destroy'\n" in done.out
    assert " 11 same, 1 different; " in done.out
    compared = run("diff", "example", "example-replay")
    assert compared.code == 1
    assert "11 calls the same, 1 answered differently" in compared.err


def test_json_tells_every_call_and_the_sums(run: Run) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url, "--json", "--no-capture")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [each["seq"] for each in lines[:-1]] == list(range(1, 13))
    assert lines[8]["not_sent"] == {
        "why": "withheld",
        "text": "it changes the host; --allow change sends it",
    }
    assert {name: lines[-1]["summary"][name] for name in ("same", "not_sent", "findings", "reached")} == {
        "same": 9,
        "not_sent": 3,
        "findings": 0,
        "reached": True,
    }


def test_junit_has_a_case_per_call(run: Run) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url, "--format", "junit", "--no-capture")
    suite = ET.fromstring(done.out)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("12", "0", "3")


def test_a_dry_run_sends_nothing_and_tells_the_plan(run: Run) -> None:
    done = run("replay", "example", "--to", "http://xenhost.invalid", "--dry-run")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["1", "session.login_with_password", "+", "read,", "login"]
    assert "logs in: user (no name), without a password" in lines
    assert any(each.startswith("maps: VM guest002: by name 'guest002', by its place") for each in lines)
    assert lines[-1] == "example onto http://xenhost.invalid: 9 calls to send; not sent: 3 withheld"


def test_a_part_of_a_session_logs_in_by_itself_and_finds_its_objects(run: Run) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url, "--from", "2", "--to-seq", "8")
    assert (done.code, done.err) == (0, "")
    assert " 7 same; " in done.out


def test_repeated_replays_print_latencies_and_keep_one_capture(run: Run) -> None:
    with example_host() as host:
        done = run("replay", "example", "--to", host.url, "--repeat", "3")
    assert " 27 same, 9 not sent (9 withheld); " in done.out
    assert done.out.splitlines()[0].startswith("- #9 VM.pause guest002: not sent: ")
    assert done.out.splitlines()[0].endswith(" (3 times)")
    assert "VM.get_all                                     6 " in done.out
    names = [json.loads(line)["capture"] for line in run("captures", "--json").out.splitlines()]
    assert sorted(names) == ["example", "example-replay"]


def test_many_calls_that_are_not_sent_for_one_reason_are_one_line(run: Run) -> None:
    host = ByteHost()
    Scripted(host, lambda _: ("SESSION_AUTHENTICATION_FAILED", "root"))
    done = run("replay", "example", "--to", host.url, "--no-capture", "--allow", "change")
    host.close()
    assert done.code == 1
    refused = "failure SESSION_AUTHENTICATION_FAILED root"
    assert done.out.splitlines()[:2] == [
        f"x #1 session.login_with_password: success became {refused}",
        f"- #2 to #12, 11 calls: not sent: its login failed: {refused}",
    ]


def test_noise_proposes_what_varies_by_itself(run: Run) -> None:
    tape = Tape(exchanges("py27-example-session"), "example")
    golden = tape.golden()
    other = replace(golden.calls[3], value="guest00x")
    loud = replace(golden, calls=(*golden.calls[:4], other, *golden.calls[4:]))
    with PlaybackServer(loud) as host:
        done = run("replay", "example", "--to", host.url, "--noise", "2", "--no-capture")
    assert "--ignore 'VM.get_name_label'" in done.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "xenhost"], "'xenhost' is no URL of a host"),
        (["--to", "http://x", "--pace", "fast"], "--pace fast: expected max, recorded"),
        (["--to", "http://x", "--map", "VN:a=b"], "has no class 'VN'. Nearest: VM"),
        (["--to", "http://x", "--map", "a=b"], "neither a reference nor CLASS:NAME"),
        (["--to", "http://x", "--login", "root"], "--login root: expected RECORDED=NEW"),
        (["--to", "http://x", "--filter", "method:none"], "no call of example is chosen"),
        (["--to", "http://x", "--from", "5", "--to-seq", "2"], "the first call comes after the last"),
        (["--to", "http://x.invalid", "--allow", "change"], "say --yes if that is meant"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_sent(
    run: Run, options: list[str], message: str
) -> None:
    done = run("replay", "example", *options)
    assert done.code == 2
    assert message in done.err


def test_a_host_that_is_not_there_is_exit_code_3(run: Run) -> None:
    gone = ByteHost()
    gone.close()
    done = run("replay", "example", "--to", gone.url)
    assert done.code == 3
    assert "nothing listens there" in done.err
    assert "example-replay" not in run("captures").out


def test_another_host_is_changed_only_when_its_name_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Tape(exchanges("py27-example-session"), "example").plan()
    target = parse_target("http://xenhost")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "xenhost")
    confirm(plan, target, yes=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "other")
    with pytest.raises(UsageError, match="not the host's name; nothing was sent"):
        confirm(plan, target, yes=False)


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("recorded", 1.0), ("2x", 2.0), ("0.5", 0.5)])
def test_a_pace_is_a_speed(text: str, speed: float | None) -> None:
    assert parse_pace(text) == speed


def test_ctrl_c_ends_a_replay_with_what_is_known_so_far(own_store: Path) -> None:
    talk = Talk()
    talk.login("T1")
    for _ in range(3):
        talk.call("VM.get_all", "T1", value=[], pause_ms=3_600_000)
    writer = Writer(own_store, "slow", host="http://xenhost")
    for each in talk.exchanges:
        writer.finish(writer.begin(each), each)
    writer.close()
    asked = threading.Event()
    with PlaybackServer(Tape(talk.exchanges).golden(), watch=lambda _: asked.set()) as host:
        command = [sys.executable, "-m", "xraytap", "replay", "slow", "--to", host.url, "--pace", "recorded"]
        with subprocess.Popen(
            [*command, "--json", "--no-capture"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as child:
            try:
                assert asked.wait(30)
                child.send_signal(signal.SIGINT)
                out, err = child.communicate(timeout=30)
            finally:
                child.kill()
    assert child.returncode == 1, err
    assert "interrupted after" in err
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["verdict"] == "same"
    assert lines[3]["not_sent"] == {"why": "stopped", "text": "the replay was interrupted"}


def test_an_export_is_a_script_in_a_file_that_can_be_run(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    assert run("export", "example", "--as", "python", "-o", str(script)).code == 0
    assert script.stat().st_mode & 0o100
    again = run("export", "example", "--as", "python", "-o", str(script))
    assert (again.code, "--force" in again.err) == (2, True)
    with example_host() as host:
        done = subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "XRAYTAP_URL": host.url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert host.unused() == []
