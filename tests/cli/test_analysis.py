"""sessions, tasks, events, objects, stats: what people read, what scripts read, on a narrow screen too."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cases.xapi import CLONE, DB, SESSION, STARTING, TRANSPORTS, WEB, conversation
from tests.recorded import FOLDERS, exchanges
from tests.talk import Talk
from xraytap.shipped import shipped_capture
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

COMMANDS = ("sessions", "tasks", "events", "objects", "stats")


def record(store: Path, name: str, talk: Talk) -> None:
    """Keep a conversation as a capture."""
    writer = Writer(store, name, host="http://xenhost")
    for each in talk.exchanges:
        writer.finish(writer.begin(each), each)
    writer.close()


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the XAPI conversations, all recorded traffic, and an empty capture."""
    store = tmp_path_factory.mktemp("analysed") / "captures.db"
    for transport in TRANSPORTS:
        record(store, transport.replace(" ", "-"), conversation(transport))
    for folder in FOLDERS:
        talk = Talk()
        talk.exchanges = exchanges(folder)
        record(store, folder, talk)
    record(store, "empty", Talk())
    return store


@pytest.fixture(autouse=True)
def _there(analysed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAYTAP_STORE", str(analysed))


def documents(ran: Ran) -> list[dict[str, Any]]:
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("source", [*FOLDERS, "empty", *(each.replace(" ", "-") for each in TRANSPORTS)])
def test_every_command_reads_every_capture(run: Callable[..., Ran], command: str, source: str) -> None:
    text, as_json = run(command, source), run(command, source, "--json")
    assert (text.code, text.err, as_json.code, as_json.err) == (0, "", 0, "")
    assert "\x1b" not in text.out + as_json.out
    for line in as_json.out.splitlines():
        json.loads(line)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_golden_is_a_source_too(run: Callable[..., Ran], command: str) -> None:
    ran = run(command, str(shipped_capture("example-session")))
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_capture_that_is_not_there_is_told(run: Callable[..., Ran], command: str) -> None:
    ran = run(command, "nosuch")
    assert (ran.code, ran.out) == (4, "")
    assert "no capture named 'nosuch'" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_filter_narrows_and_its_mistakes_are_told(run: Callable[..., Ran], command: str) -> None:
    assert run(command, "xmlrpc", "--filter", "seq:1..3").code == 0
    ran = run(command, "xmlrpc", "--filter", "outcome:failed")
    assert (ran.code, ran.out) == (2, "")
    assert "column 9" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_on_a_screen_of_80_columns_no_line_of_a_table_is_wider(command: str) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "xraytap", command, "xmlrpc"], stdout=theirs, env=environment
    ) as process:
        os.close(theirs)
        text = b""
        while chunk := _read(ours):
            text += chunk
        process.wait()
    os.close(ours)
    lines = text.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    prose = ("event.", "  n+1", "  repeated")
    wide = [line for line in lines if len(line) > 80 and not line.startswith(prose)]
    assert (process.returncode, wide) == (0, [])
    assert len(lines) > 1


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # how Linux tells that the other end is closed
        return b""


def test_sessions(run: Callable[..., Ran]) -> None:
    (session,) = documents(run("sessions", "xmlrpc", "--json"))
    assert (session["session"], session["user"], session["originator"]) == (SESSION, "root", "made-up-client")
    assert (session["login_seq"], session["end"], session["logout_seq"], session["used_after_end"]) == (
        1,
        "logged out",
        39,
        2,
    )
    text = run("sessions", "xmlrpc").out
    assert "logged out at #39, then used 2 times" in text
    assert "1 call without a session" in text


@pytest.mark.parametrize("source", [each.replace(" ", "-") for each in TRANSPORTS])
def test_tasks_are_the_same_over_every_transport(run: Callable[..., Ran], source: str) -> None:
    found = documents(run("tasks", source, "--json"))
    assert [
        (each["seq"], each["method"], each["state"], each["polls"], each["result"]) for each in found
    ] == [
        (15, "VM.start", "success", 2, None),
        (22, "VM.clone", "success", 2, CLONE),
        (26, "VM.pause", "failure", 3, None),
        (30, "VM.snapshot", "abandoned", 0, None),
    ]
    assert found[2]["error"] == ["VM_BAD_POWER_STATE", CLONE, "running", "halted"]
    assert found[0]["ended_seq"] == 20
    lines = run("tasks", source).out.splitlines()
    assert "x failure VM_BAD_POWER_STATE vm=standby expected=running actual=halted" in lines[3]


def test_events(run: Callable[..., Ran]) -> None:
    poll, following = documents(run("events", "xmlrpc", "--json"))
    assert (poll["kind"], poll["classes"], poll["events"], poll["polls"], poll["idle"]) == (
        "from",
        [f"task/{STARTING}", "VM"],
        4,
        3,
        1,
    )
    assert [step["kind"] for step in following["steps"]] == ["register", "events", "lost"]
    assert "EVENTS LOST 1 time" in run("events", "xmlrpc").out


@pytest.mark.parametrize("source", [each.replace(" ", "-") for each in TRANSPORTS])
def test_calls_fold_tasks_on_request(run: Callable[..., Ran], source: str) -> None:
    lines = {int(line[:5]): line for line in run("calls", source, "--fold").out.splitlines()}
    assert {16, 17, 21, 23, 24, 27, 28, 29}.isdisjoint(lines)
    assert lines[26].split("  ")[-1].endswith("(3) 11.0 ms")
    assert "x VM_BAD_POWER_STATE vm='db <copy>' expected=running actual=halted" in lines[26]
    assert lines[15].endswith("(2) 32422.0 ms")
    assert lines[30].rstrip().endswith("- abandoned")
    found = documents(run("calls", source, "--fold", "--filter", "async:yes", "--json"))
    assert [(each["seq"], each["task"]["state"], each["task"]["polls"]) for each in found] == [
        (15, "success", 2),
        (22, "success", 2),
        (26, "failure", 3),
        (30, "abandoned", 0),
    ]
    assert "task" not in documents(run("calls", source, "--filter", "seq:15", "--json"))[0]


def test_names_are_known_though_a_filter_leaves_out_what_teaches_them(run: Callable[..., Ran]) -> None:
    (line,) = run("calls", "xmlrpc", "--filter", "seq:13").out.splitlines()
    assert "vm=db start_paused=false" in line
    assert "x VM_BAD_POWER_STATE vm=db" in line
    (line,) = run("calls", "xmlrpc", "--filter", "seq:7").out.splitlines()
    assert "+ db " in line


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("xmlrpc", "vm:web async:yes", [15]),
        ("jsonrpc-2.0", "vm:web async:yes", [15]),
        ("py27-example-session", "vm:guest002", [2, 3, 4, 5, 6, 9, 10, 11]),
        (str(shipped_capture("example-session")), "vm:guest002", [2, 3, 4, 5, 6, 9, 10, 11]),
        ("py27-survey", "vm:guest002 outcome:failure", [72, 74, 81, 83, 113]),
        ("empty", "vm:guest002", []),
    ],
)
def test_calls_are_found_by_the_names_of_objects(
    run: Callable[..., Ran], source: str, text: str, expected: list[int]
) -> None:
    assert [each["seq"] for each in documents(run("calls", source, "--filter", text, "--json"))] == expected


@pytest.mark.parametrize("source", [each.replace(" ", "-") for each in TRANSPORTS])
def test_show_tells_what_came_of_a_task(run: Callable[..., Ran], source: str) -> None:
    assert (
        run("show", source, "26")
        .out.splitlines()[-1]
        .endswith(
            "x failure VM_BAD_POWER_STATE vm='db <copy>' expected=running actual=halted after 3 polls, 11 ms, "
            "told by #28"
        )
    )
    (shown,) = documents(run("show", source, "22", "--json"))
    assert (shown["task"]["state"], shown["task"]["result"]) == ("success", CLONE)
    assert run("show", source, "30").out.splitlines()[-1].endswith("- abandoned after 0 polls")
    assert "task" not in documents(run("show", source, "5", "--json"))[0]


def test_show_names_the_arguments_of_an_error(run: Callable[..., Ran]) -> None:
    (shown,) = documents(run("show", "py27-example-session", "11", "--json"))
    assert (shown["named_error"]["expected"], shown["named_error"]["actual"]) == ("Halted", "Running")
    assert shown["named_params"]["start_paused"] is False


def test_show_opens_s_expressions(run: Callable[..., Ran]) -> None:
    lines = run("show", "py27-legacy", "6").out.splitlines()
    assert any(line.split()[-1] == "Domain-0" for line in lines)


@pytest.mark.parametrize(
    ("api", "params"), [("xend", {"vm", "start_paused"}), ("xapi", {"vm", "start_paused", "force"})]
)
def test_the_release_may_be_chosen(run: Callable[..., Ran], api: str, params: set[str]) -> None:
    (shown,) = documents(run("show", "xmlrpc", "13", "--api", api, "--json"))
    assert params <= set(shown["named_params"])
    assert ("force" in shown["named_params"]) is (api == "xapi")


def test_objects(run: Callable[..., Ran]) -> None:
    found = {each["ref"]: each for each in documents(run("objects", "xmlrpc", "--class", "vm", "--json"))}
    assert {found[WEB]["name"], found[DB]["name"]} == {"web", "db"}
    assert (found[CLONE]["name"], found[CLONE]["names"]) == ("standby", ["db <copy>", "standby"])


def test_stats(run: Callable[..., Ran]) -> None:
    (found,) = documents(run("stats", "xmlrpc", "--by", "class", "--sort", "errors", "--top", "2", "--json"))
    assert found["by"] == "class"
    assert [(each["name"], each["errors"]) for each in found["groups"]] == [("VM", 6), ("event", 1)]
    assert (found["calls"], found["sessions"], found["total"]["errors"]) == (42, 1, 7)
    assert [each["method"] for each in found["slowest"]] == ["VDI.create", "session.login_with_password"]


def keys_in(document: object) -> set[str]:
    """The names of members, but for maps whose names come from the traffic."""
    if isinstance(document, list):
        return set().union(*(keys_in(each) for each in document)) if document else set()
    if not isinstance(document, dict):
        return set()
    free = (
        "by_class",
        "outcomes",
        "codes",
        "named_params",
        "named_error",
        "typed_value",
        "value",
        "result",
        "params",
    )
    found = set(document)
    for name, each in document.items():
        if name not in free:
            found |= keys_in(each)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_every_key_is_documented(run: Callable[..., Ran], command: str) -> None:
    written = Path("docs/analysis.md").read_text() + Path("docs/json.md").read_text()
    found = set().union(*(keys_in(each) for each in documents(run(command, "xmlrpc", "--json"))))
    assert len(found) > 5
    assert {each for each in found if f"`{each}`" not in written} == set()
