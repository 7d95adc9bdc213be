"""`xraytap diff` as its users run it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

HEAD = "xraytap-golden: 2\napi: xend 1.0\nvolatile: [host.get_uptime]\ncalls:\n"
LOGIN = "- session.login_with_password: [root, !secret pwd]\n  answer: !session s1\n"
NAME = "- VM.get_name_label: [!session s1, !ref VM.1]\n  answer: guest002\n"
RECORD = "- VM.get_record: [!session s1, !ref VM.1]\n  answer: {VCPUs_max: '2', domid: '1', name_label: guest002}\n"
START = "- VM.start: [!session s1, !ref VM.1, false]\n  answer: ''\n"
UPTIME = "- host.get_uptime: [!session s1, !ref host.1]\n  answer: '5'\n"


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`golden("a.yaml", LOGIN, NAME)` writes a golden into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, *calls: str) -> str:
        (tmp_path / name).write_text(HEAD + "".join(calls))
        return name

    return write


def test_a_capture_is_the_same_as_itself(run: Callable[..., Ran]) -> None:
    ran = run("diff", "py27-survey", "py27-survey")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "xraytap: no difference: 114 calls the same\n"


def test_a_capture_is_the_same_as_its_golden(run: Callable[..., Ran]) -> None:
    ran = run("diff", "py27-example-session", "captures/example-session.yaml")
    assert (ran.code, ran.err) == (0, "xraytap: no difference: 12 calls the same\n")


def test_differences_stand_under_their_calls(run: Callable[..., Ran], golden: Callable[..., str]) -> None:
    left = golden("a.yaml", LOGIN, NAME, RECORD, START)
    changed = RECORD.replace("'2'", "2").replace("guest002}", "guest003}")
    right = golden("b.yaml", LOGIN, changed, START.replace("false", "true").replace("''", "x"), UPTIME)
    ran = run("diff", left, right)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "--- a.yaml  xend 1.0, 4 calls",
        "+++ b.yaml  xend 1.0, 4 calls",
        "- #2 VM.get_name_label VM.1  + 'guest002'",
        "@ #3 #2 VM.get_record VM.1",
        "-     VCPUs_max: string '2'",
        "+     VCPUs_max: int 2",
        "-     name_label: 'guest002'",
        "+     name_label: 'guest003'",
        "@ #4 #3 VM.start vm=VM.1 start_paused=false",
        "-     start_paused: false",
        "+     start_paused: true",
        "-     ''",
        "+     'x'",
        "+ #4 host.get_uptime host.1'  + '5'",
        "  ' marks an object that only the second source has, by its number there",
    ]
    assert ran.err == (
        "xraytap: 1 call the same, 1 answered differently, 1 with other parameters, "
        "1 only in a.yaml, 1 only in b.yaml\n"
    )


def test_side_by_side_shows_every_call(run: Callable[..., Ran], golden: Callable[..., str]) -> None:
    left = golden("a.yaml", LOGIN, NAME, START)
    right = golden("b.yaml", LOGIN, START, NAME.replace("guest002", "guest003"))
    ran = run("diff", left, right, "--side-by-side")
    assert ran.code == 1
    assert [line.split() for line in ran.out.splitlines()] == [
        ["a.yaml", "xend", "1.0,", "3", "calls", "b.yaml", "xend", "1.0,", "3", "calls"],
        ["#1", "session.login_with_password", "uname='root'", "pwd=<pwd>"] * 2,
        ["#2", "VM.get_name_label", "VM.1", "<"],
        [
            "#3",
            "VM.start",
            "vm=VM.1",
            "start_paused=false",
            "#2",
            "VM.start",
            "vm=VM.1",
            "start_paused=false",
        ],
        [">", "#3", "VM.get_name_label", "VM.1"],
    ]


def test_a_refusal_in_place_of_a_value_shows_both(
    run: Callable[..., Ran], golden: Callable[..., str]
) -> None:
    refused = START.replace("answer: ''", "fails: [VM_BAD_POWER_STATE, !ref VM.1, Halted, Running]")
    ran = run("diff", golden("a.yaml", LOGIN, START), golden("b.yaml", LOGIN, refused))
    assert ran.out.splitlines()[-3:] == [
        "@ #2 #2 VM.start vm=VM.1 start_paused=false",
        "-     +",
        "+     x VM_BAD_POWER_STATE VM.1 Halted Running",
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--keep-volatile",), 1),
        (("--keep-volatile", "--ignore", "VM.domid", "--ignore", "host.get_uptime"), 0),
        (("--keep-volatile", "--filter", "class:session"), 0),
    ],
)
def test_what_is_volatile_or_ignored_or_left_out_does_not_count(
    run: Callable[..., Ran], golden: Callable[..., str], options: tuple[str, ...], code: int
) -> None:
    left = golden("a.yaml", LOGIN, RECORD, UPTIME)
    right = golden("b.yaml", LOGIN, RECORD.replace("domid: '1'", "domid: '7'"), UPTIME.replace("5", "6"))
    assert run("diff", left, right, *options).code == code


def test_json_has_an_object_for_each_call_that_differs_and_the_counts(
    run: Callable[..., Ran], golden: Callable[..., str]
) -> None:
    left = golden("a.yaml", LOGIN, NAME, RECORD)
    right = golden(
        "b.yaml",
        LOGIN,
        RECORD.replace("'2'", "2").replace("domid", "$a: x, domid"),
    )
    ran = run("diff", left, right, "--json")
    assert ran.code == 1
    gone, changed, counts = map(json.loads, ran.out.splitlines())
    assert (gone["verdict"], gone["left"]["seq"], gone["left"]["method"], gone["right"]) == (
        "left",
        2,
        "VM.get_name_label",
        None,
    )
    assert gone["left"]["params"] == [{"$symbol": "!session s1"}, {"$symbol": "!ref VM.1"}]
    assert changed["answer"] == [
        {"path": ["VCPUs_max"], "kind": "type", "left": "2", "right": 2},
        {"path": ["$a"], "kind": "added", "right": "x"},
    ]
    assert changed["right"]["value"] == {
        "$struct": [["VCPUs_max", 2], ["$a", "x"], ["domid", "1"], ["name_label", "guest002"]]
    }
    assert counts == {
        "summary": {"same": 1, "answer": 1, "params": 0, "moved": 0, "left": 1, "right": 0, "poll": 0}
    }


def test_what_cannot_be_compared_is_told(run: Callable[..., Ran]) -> None:
    ran = run("diff", "raw-requests", "raw-requests")
    assert ran.code == 0
    assert "call 6 of raw-requests is left out: it is no RPC call\n" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nosuch", "py27-survey"), 4, "no capture named 'nosuch'"),
        (("./nosuch.yaml", "py27-survey"), 4, "cannot read the golden nosuch.yaml"),
        (("py27-survey", "py27-survey", "--filter", "outcome:failed"), 2, "'failed' is no outcome"),
        (("py27-survey", "py27-survey", "--json", "--side-by-side"), 2, "contradict each other"),
    ],
)
def test_mistakes_are_told(
    run: Callable[..., Ran], arguments: tuple[str, ...], code: int, message: str
) -> None:
    ran = run("diff", *arguments)
    assert ran.code == code
    assert message in ran.err


def test_hostile_texts_do_not_reach_the_terminal(run: Callable[..., Ran], golden: Callable[..., str]) -> None:
    left = golden("a.yaml", LOGIN, '- "VM.\\e[2J": [!session s1, "\\e[31m"]\n  answer: "\\e]0;x"\n')
    right = golden("b.yaml", LOGIN, '- VM.x: [!session s1]\n  no-answer: "\\e[2J"\n')
    for form in ("--unified", "--side-by-side"):
        assert "\x1b" not in run("diff", left, right, form).out
