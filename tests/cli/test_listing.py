"""captures, calls, show: what people read, what scripts read, and what a mistake says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.recorded import ROOT, exchanges
from xraytap.protocol.call import Message
from xraytap.protocol.printable import printable
from xraytap.shipped import shipped_capture
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

DESIGN_KEYS = (
    "capture seq started_at elapsed_ms client connection protocol method class message async session params outcome "
    "value error fault http_status request_bytes response_bytes decode_error redacted"
)


def test_captures_lists_what_is_there(run: Callable[..., Ran]) -> None:
    ran = run("captures")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == [
        "py27-example-session",
        "py27-survey",
        "raw-requests",
    ]
    documents = [json.loads(line) for line in run("captures", "--json").out.splitlines()]
    assert [(each["capture"], each["calls"], each["live"]) for each in documents] == [
        ("py27-example-session", 12, False),
        ("py27-survey", 114, False),
        ("raw-requests", 9, False),
    ]


def test_calls_prints_a_line_a_call(run: Callable[..., Ran]) -> None:
    lines = run("calls", "py27-example-session").out.splitlines()
    assert len(lines) == 12
    assert "VM.start" in lines[10]
    assert "x VM_BAD_POWER_STATE" in lines[10]
    assert "\x1b" not in "".join(lines)


def test_calls_as_json_has_the_designs_keys(run: Callable[..., Ran]) -> None:
    documents = [json.loads(line) for line in run("calls", "py27-survey", "--json").out.splitlines()]
    assert len(documents) == 114
    assert all(set(DESIGN_KEYS.split()) <= set(document) for document in documents)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("outcome:failure", [11]),
        ("method:VM.* not outcome:failure seq:..5", [2, 3, 4, 5]),
        ("guest002", [4]),
        ("error:VM_BAD* or method:session.*", [1, 11, 12]),
        ("ref:b28e*", [2, 3, 4, 5, 6, 9, 10, 11]),
    ],
)
def test_calls_filters(run: Callable[..., Ran], expression: str, expected: list[int]) -> None:
    ran = run("calls", "py27-example-session", "--filter", expression, "--json")
    assert [json.loads(line)["seq"] for line in ran.out.splitlines()] == expected


def test_a_golden_lists_and_filters_as_a_capture_does(run: Callable[..., Ran]) -> None:
    golden = str(shipped_capture("example-session.yaml"))
    assert len(run("calls", golden).out.splitlines()) == 12
    assert len(run("calls", golden, "--filter", "guest002").out.splitlines()) == 1
    assert "VM_BAD_POWER_STATE" in run("show", golden, "11").out


def test_show_draws_the_call_as_a_tree(run: Callable[..., Ran]) -> None:
    out = run("show", "py27-example-session", "11").out
    assert out.splitlines()[0].startswith("py27-example-session #11  VM.start")
    assert "├" in out
    assert "VM_BAD_POWER_STATE" in out
    assert "b28e4ee3-216f-fa85-9cae-615e954dbbe7" in out


@pytest.mark.parametrize("side", ["request", "response"])
def test_show_raw_gives_the_exact_bytes(run: Callable[..., Ran], side: str) -> None:
    recorded = (ROOT / "py27-example-session" / f"011.{side}").read_bytes()
    assert run("show", "py27-example-session", "11", "--raw", side).out.encode() == recorded


def test_show_as_json_is_one_call(run: Callable[..., Ran]) -> None:
    document = json.loads(run("show", "py27-example-session", "11", "--json").out)
    assert document["error"][0] == "VM_BAD_POWER_STATE"
    assert document["params"][2] is False


def test_hostile_bytes_do_not_reach_the_terminal(run: Callable[..., Ran]) -> None:
    for seq in range(1, 10):
        out = run("show", "raw-requests", str(seq)).out
        assert not any(ord(each) < 32 and each != "\n" for each in out)


def test_no_part_of_a_hostile_head_steers_the_terminal(run: Callable[..., Ran], tmp_path: Path) -> None:
    store = tmp_path / "hostile.db"
    writer = Writer(store, "hostile", host="http://h\x1b[2J")
    head = b"\x1b[31mGET /\x1b]0;title\x07\xe2\x80\xae HTTP/1.1\r\nX: \x1b[2J\r\n\r\n"
    message = Message(head=head, body=b"\x1b[31m", size=4)
    each = replace(exchanges("raw-requests")[0], request=message, error="because \x1b[31m\x9b2J")
    writer.finish(writer.begin(each), each)
    writer.close()
    for command in (
        ["calls", "hostile"],
        ["show", "hostile", "1"],
        ["captures"],
        ["calls", "hostile", "--json"],
    ):
        ran = run(*command, "--store", str(store))
        assert ran.code == 0
        assert ran.out.replace("\n", "") == printable(ran.out.replace("\n", ""))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("calls", "py27-surve"), 4, "Nearest: 'py27-survey'"),
        (("calls", "./nosuch.yaml"), 4, "nosuch.yaml"),
        (("show", "py27-survey", "999"), 4, "its calls are numbered 1 to 114"),
        (("show", "py27-survey", "0"), 2, "0 is not in the range"),
        (("show", "raw-requests", "3", "--raw", "response"), 4, "has no response"),
        (
            ("calls", "py27-survey", "--store", "/nonexistent/x.db"),
            4,
            "there is no store at /nonexistent/x.db",
        ),
        (("show", "py27-survey", "99999999999999999999"), 2, "is not in the range"),
        (("calls", "caf\udce9"), 4, "no capture named 'caf<U+DCE9>'"),
        (("calls", "a\x1b[31m"), 4, "no capture named 'a\u241b[31m'"),
        (("captures", "--store", "/dev/null"), 4, "no regular file"),
        (("nosuch",), 2, "No such command"),
        (("captures", "--nosuch"), 2, "No such option"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Callable[..., Ran], arguments: tuple[str, ...], code: int, words: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_filter_shows_where(run: Callable[..., Ran]) -> None:
    ran = run("calls", "py27-survey", "--filter", "outcome:failed and ms>5")
    assert ran.code == 2
    assert ran.err == (
        "xraytap: filter: column 9: 'failed' is no outcome; one of success failure fault http-error no-response "
        "undecodable\n    outcome:failed and ms>5\n            ^^^^^^\n"
    )


def test_a_store_that_is_no_store_is_told(run: Callable[..., Ran], tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"nothing of the kind" * 100)
    ran = run("captures", "--store", str(other))
    assert ran.code == 4
    assert "no xraytap store" in ran.err
