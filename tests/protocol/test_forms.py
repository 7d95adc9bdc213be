"""Calls as JSON, as a line, as a tree; and text that cannot steer a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recorded import EVERY, IDS, exchanges
from xraytap.protocol.describe import Node, answer_line, params_line, short, tree
from xraytap.protocol.jsonform import call_to_json, iso_time, json_line, message_to_json, value_to_json
from xraytap.protocol.jsonrpc import decode_json
from xraytap.protocol.messages import Request
from xraytap.protocol.printable import printable
from xraytap.protocol.summary import DecodedCall, decode_exchange, full_row
from xraytap.protocol.values import I8, Bare, DateTime, Extended, Struct
from xraytap.protocol.xmlrpc_decode import decode

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("s", "s"),
        (Bare("s"), "s"),
        (5, 5),
        (I8(5), 5),
        (True, True),
        (None, None),
        (0.5, 0.5),
        (float("nan"), {"$double": "nan"}),
        (b"abc", {"$base64": "YWJj"}),
        (DateTime("20090710T09:01:27"), {"$dateTime": "20090710T09:01:27"}),
        ([1, "a"], [1, "a"]),
        ({"a": [None]}, {"a": [None]}),
        ({"$a": 1}, {"$struct": [["$a", 1]]}),
        (Struct((("a", 1), ("a", 2))), {"$struct": [["a", 1], ["a", 2]]}),
        (Extended("i2", "7"), {"$ex:i2": "7"}),
    ],
)
def test_values_as_json(value: object, expected: object) -> None:
    assert value_to_json(value) == expected  # type: ignore[arg-type]


def test_the_documented_refusal_as_json() -> None:
    exchange = exchanges("py27-example-session")[10]
    row = full_row(exchange, capture="example", seq=11)
    document = call_to_json(row, decode_exchange(exchange))
    assert document["method"] == "VM.start"
    assert (document["class"], document["message"], document["async"]) == ("VM", "start", False)
    assert document["params"] == [document["session"], "b28e4ee3-216f-fa85-9cae-615e954dbbe7", False]
    assert document["outcome"] == "failure"
    assert document["error"] == [
        "VM_BAD_POWER_STATE",
        "b28e4ee3-216f-fa85-9cae-615e954dbbe7",
        "Halted",
        "Running",
    ]
    assert (document["value"], document["fault"], document["http_status"]) == (None, None, 200)
    assert (document["request_bytes"], document["response_bytes"]) == (327, 499)


@pytest.mark.parametrize(("folder", "number", "exchange"), EVERY, ids=IDS)
def test_every_recorded_call_has_all_three_forms(folder: str, number: int, exchange: Exchange) -> None:
    row, call = full_row(exchange, capture=folder, seq=number), decode_exchange(exchange)
    assert json.loads(json_line(call_to_json(row, call)))["seq"] == number
    assert len(params_line(call, 40)) <= 40
    assert len(answer_line(row, call, 40)) <= 60
    assert [node.label for node in tree(row, call)] == ["request", "answer"]


@pytest.mark.parametrize(
    ("number", "params", "answer"),
    [
        (1, "uname='' pwd=''", "session f6dc45da"),
        (2, "", "2 VM"),
        (4, "b28e4ee3", "'guest002'"),
        (7, "1e22efe5", "'268435456'"),
        (11, "b28e4ee3 false", "VM_BAD_POWER_STATE b28e4ee3 Halted Running"),
        (12, "", ""),
    ],
)
def test_the_lines_of_the_documented_session(number: int, params: str, answer: str) -> None:
    exchange = exchanges("py27-example-session")[number - 1]
    call = decode_exchange(exchange)
    row = full_row(exchange, capture="example", seq=number)
    assert (params_line(call), answer_line(row, call)) == (params, answer)


def test_a_decoded_message_as_json() -> None:
    body = exchanges("py27-legacy")[8].response.body  # type: ignore[union-attr]
    assert message_to_json(decode(body)) == {
        "kind": "response",
        "protocol": "xmlrpc",
        "outcome": "fault",
        "value": None,
        "error": None,
        "fault": {"code": 3, "string": "nosuch"},
        "decode_error": None,
    }


def test_time_in_json_keeps_microseconds() -> None:
    assert iso_time(1_795_510_887_103_441) == "2026-11-24T09:01:27.103441Z"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 中", "plain é 中"),
        ("\x1b[31m", "\u241b[31m"),
        ("a\nb\tc", "a\u240ab\u2409c"),
        ("\x7f\x9b", "\u2421<U+009B>"),
        ("\u202eevil", "<U+202E>evil"),
        ("\u200bx\ufeff", "<U+200B>x<U+FEFF>"),
        ("\ud800", "<U+D800>"),
    ],
)
def test_shows_what_would_steer_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_nothing_printable_has_a_control_character(text: str) -> None:
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E for c in printable(text))
    assert "\n" not in short(text)


def _texts(node: Node) -> list[str]:
    return [node.label, node.kind, node.text, *(t for child in node.children for t in _texts(child))]


@given(st.text(min_size=1))
def test_hostile_bytes_cannot_paint_the_tree(text: str) -> None:
    from xraytap.protocol.describe import value_node

    shown = "".join(_texts(value_node(text, {"a": [text, {text: text}]})))
    assert printable(shown) == shown


def test_a_batch_names_its_calls_on_one_line() -> None:
    body = b'[{"method": "VM.get_all", "params": ["s"], "id": 1}, {"method": "host.get_all", "params": [], "id": 2}]'
    request = decode_json(body)
    assert isinstance(request, Request)
    assert params_line(DecodedCall(request=request, answer=None)) == "VM.get_all host.get_all"
