"""`xraytap decode`: one body or one message, from a file or stdin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.recorded import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

REQUEST = ROOT / "py27-example-session" / "011.request"
RESPONSE = ROOT / "py27-example-session" / "011.response"


def test_a_whole_message_from_a_file(run: Callable[..., Ran]) -> None:
    document = json.loads(run("decode", str(REQUEST), "--json").out)
    assert document == {
        "kind": "request",
        "protocol": "xmlrpc",
        "method": "VM.start",
        "class": "VM",
        "message": "start",
        "async": False,
        "session": document["params"][0],
        "params": [document["session"], "b28e4ee3-216f-fa85-9cae-615e954dbbe7", False],
        "decode_error": None,
    }


def test_a_body_from_stdin(run: Callable[..., Ran]) -> None:
    body = RESPONSE.read_bytes().partition(b"\r\n\r\n")[2]
    document = json.loads(run("decode", "--json", stdin=body).out)
    assert (document["kind"], document["outcome"]) == ("response", "failure")
    assert document["error"] == [
        "VM_BAD_POWER_STATE",
        "b28e4ee3-216f-fa85-9cae-615e954dbbe7",
        "Halted",
        "Running",
    ]


@pytest.mark.parametrize("form", [["--json"], []], ids=["json", "tree"])
def test_a_password_is_shown_only_when_asked(run: Callable[..., Ran], form: list[str]) -> None:
    login = str(ROOT / "py27-survey" / "001.request")
    assert "hunter2-planted" not in run("decode", login, *form).out
    assert "<redacted>" in run("decode", login, *form).out
    assert "hunter2-planted" in run("decode", login, "--keep-secrets", *form).out


def test_json_rpc(run: Callable[..., Ran]) -> None:
    body = (
        b'{"jsonrpc": "2.0", "method": "Async.VM.start", "params": ["OpaqueRef:1", "OpaqueRef:2"], "id": 7}'
    )
    document = json.loads(run("decode", "--json", stdin=body).out)
    assert (document["protocol"], document["method"], document["async"]) == ("jsonrpc", "VM.start", True)


def test_text_is_a_tree(run: Callable[..., Ran]) -> None:
    out = run("decode", str(REQUEST)).out
    assert "VM.start" in out
    assert "boolean" in out


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"<html><body>404</body></html>", "html"),
        (b"<methodCall><methodName>x</methodName>", "not well-formed"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><methodCall><methodName>&a;</methodName></methodCall>", "DTD"),
        (b"\x00\x01\x02", ""),
    ],
)
def test_what_does_not_decode_is_told_with_offset_and_reason(
    run: Callable[..., Ran], body: bytes, words: str
) -> None:
    ran = run("decode", "--json", stdin=body)
    document = json.loads(ran.out)
    assert ran.code == 4
    assert (document["kind"], document["outcome"]) == ("unknown", "undecodable")
    assert words.lower() in document["decode_error"]["reason"].lower()
    assert isinstance(document["decode_error"]["offset"], int)


def test_a_file_that_is_not_there(run: Callable[..., Ran]) -> None:
    ran = run("decode", "/nonexistent")
    assert ran.code == 4
    assert "cannot read /nonexistent" in ran.err
