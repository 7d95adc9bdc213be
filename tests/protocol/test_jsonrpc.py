"""XAPI's JSON-RPC: table cases that drive decode and encode, batches, and equal meaning over both transports."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.errors import DecodeError
from xraytap.protocol.about import About
from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel import load
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.jsonrpc import decode_json, encode_json_request, encode_json_response
from xraytap.protocol.messages import BATCH, Fault, Request, Response
from xraytap.protocol.redact import redact_request
from xraytap.protocol.summary import DecodedCall
from xraytap.protocol.xmlrpc_decode import decode
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

TOKEN, VM = "OpaqueRef:11111111-1111-1111-1111-111111111111", "OpaqueRef:22222222-2222-2222-2222-222222222222"

# (as XAPI or its clients write it, what it means)
REQUESTS: list[tuple[dict[str, Any], Request]] = [
    (
        {"method": "VM.get_all", "params": [TOKEN], "id": 1},
        Request(method="VM.get_all", params=(TOKEN,), protocol="jsonrpc", id=1, version="1.0"),
    ),
    (
        {"jsonrpc": "2.0", "method": "Async.VM.start", "params": [TOKEN, VM, False, True], "id": "a"},
        Request(
            method="Async.VM.start",
            params=(TOKEN, VM, False, True),
            protocol="jsonrpc",
            id="a",
            version="2.0",
        ),
    ),
    (
        {"jsonrpc": "2.0", "method": "VM.set_memory_limits", "params": [TOKEN, VM, 2**62, 0.5], "id": 2},
        Request(
            method="VM.set_memory_limits",
            params=(TOKEN, VM, 2**62, 0.5),
            protocol="jsonrpc",
            id=2,
            version="2.0",
        ),
    ),
]
ANSWERS: list[tuple[dict[str, Any], Response, Outcome]] = [
    (
        {"result": [VM], "error": None, "id": 1},
        Response(value=[VM], protocol="jsonrpc", id=1, version="1.0"),
        Outcome.SUCCESS,
    ),
    (
        {"result": None, "error": ["HANDLE_INVALID", "VM", VM], "id": 1},
        Response(error=("HANDLE_INVALID", "VM", VM), protocol="jsonrpc", id=1, version="1.0"),
        Outcome.FAILURE,
    ),
    (
        {"jsonrpc": "2.0", "result": "", "id": 7},
        Response(value="", protocol="jsonrpc", id=7, version="2.0"),
        Outcome.SUCCESS,
    ),
    (
        {
            "jsonrpc": "2.0",
            "error": {"code": 1, "message": "VM_BAD_POWER_STATE", "data": [VM, "Halted", "Running"]},
            "id": 7,
        },
        Response(
            error=("VM_BAD_POWER_STATE", VM, "Halted", "Running"), protocol="jsonrpc", id=7, version="2.0"
        ),
        Outcome.FAILURE,
    ),
    (
        {"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error", "data": None}, "id": None},
        Response(fault=Fault(code=-32700, string="Parse error"), protocol="jsonrpc", version="2.0"),
        Outcome.FAULT,
    ),
]


@pytest.mark.parametrize(("document", "message"), REQUESTS)
def test_a_request_both_ways(document: dict[str, Any], message: Request) -> None:
    assert decode_json(json.dumps(document).encode()) == message
    assert encode_json_request(message) == json.dumps(document).encode()


@pytest.mark.parametrize(("document", "message", "outcome"), ANSWERS)
def test_an_answer_both_ways(document: dict[str, Any], message: Response, outcome: Outcome) -> None:
    assert decode_json(json.dumps(document).encode()) == message
    assert encode_json_response(message) == json.dumps(document).encode()
    assert read_envelope(message).outcome is outcome


def test_an_answer_before_dispatch_has_a_plain_array_in_2_0() -> None:
    body = b'{"jsonrpc": "2.0", "error": ["HOST_STILL_BOOTING"], "id": 0}'
    found = decode_json(body)
    assert isinstance(found, Response)
    assert read_envelope(found).error == ("HOST_STILL_BOOTING",)


def test_parameters_by_name_are_one_record() -> None:
    found = decode_json(b'{"jsonrpc": "2.0", "method": "VM.create", "params": {"name_label": "x"}, "id": 1}')
    assert isinstance(found, Request)
    assert found.params == ({"name_label": "x"},)


def test_numbers_that_json_does_not_know() -> None:
    found = decode_json(b'{"result": [NaN, Infinity, -Infinity], "error": null, "id": 1}')
    assert isinstance(found, Response)
    assert [str(each) for each in found.value] == ["nan", "inf", "-inf"]  # type: ignore[union-attr]


def test_a_batch_is_one_call() -> None:
    body = json.dumps([document for document, _ in REQUESTS]).encode()
    found = decode_json(body)
    assert isinstance(found, Request)
    assert found.method == BATCH
    assert [each["method"] for each in found.params if isinstance(each, dict)] == [
        request.method for _, request in REQUESTS
    ]
    assert found.session is None
    assert encode_json_request(found) == body


def test_a_batch_fails_with_its_first_failure_and_keeps_all_answers() -> None:
    found = decode_json(json.dumps([ANSWERS[0][0], ANSWERS[1][0]]).encode())
    assert isinstance(found, Response)
    answer = read_envelope(found)
    assert answer.outcome is Outcome.FAILURE
    assert answer.error == ("HANDLE_INVALID", "VM", VM)
    assert answer.value == [ANSWERS[0][0], ANSWERS[1][0]]


def test_a_batch_that_went_well() -> None:
    found = decode_json(json.dumps([ANSWERS[0][0], ANSWERS[2][0]]).encode())
    assert isinstance(found, Response)
    assert read_envelope(found).outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "empty JSON-RPC batch"),
        (b"[1]", "this is none"),
        (b'[{"method": "a.b", "params": []}, {"result": 1}]', "mixed"),
        (b"{}", "has none"),
        (b"7", "this is none"),
        (b'{"method": 1}', "is a string"),
        (b'{"method": "VM.start", ', "not well-formed"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        decode_json(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["1.0", "2.0"]))
def test_any_value_comes_back(value: Any, version: str) -> None:
    response = Response(value=value, protocol="jsonrpc", id=3, version=version)
    if read_envelope(response).enveloped:
        return
    assert decode_json(encode_json_response(response)) == response
    request = Request(method="VM.x", params=(value,), protocol="jsonrpc", id=3, version=version)
    assert decode_json(encode_json_request(request)) == request


def test_both_transports_have_equal_meaning() -> None:
    about = About(model=load("xapi"))
    record = {
        "uuid": "u",
        "memory_actual": "268435456",
        "VCPUs_number": "2",
        "start_time": "20261124T09:00:00Z",
    }
    spoken = {**record, "memory_actual": 268435456, "VCPUs_number": 2}
    xml = _call(
        decode(encode_request("VM_metrics.get_record", [TOKEN, VM])),
        decode(encode_response({"Status": "Success", "Value": record}).replace(
            b"<string>20261124T09:00:00Z</string>", b"<dateTime.iso8601>20261124T09:00:00Z</dateTime.iso8601>"
        )),
    )  # fmt: skip
    jsn = _call(
        decode_json(encode_json_request(Request(method="VM_metrics.get_record", params=(TOKEN, VM), id=1))),
        decode_json(encode_json_response(Response(value=spoken, id=1))),
    )
    typed = [about.result(each) for each in (xml, jsn)]
    assert [list(each.problems()) for each in typed if each] == [[], []]
    assert typed[0] is not None
    assert typed[1] is not None
    assert typed[0].to_json() == typed[1].to_json() == {
        "uuid": "u",
        "memory_actual": 268435456,
        "VCPUs_number": 2,
        "start_time": "2026-11-24T09:00:00Z",
    }  # fmt: skip


def _call(request: object, response: object) -> DecodedCall:
    assert isinstance(request, Request)
    assert isinstance(response, Response)
    return DecodedCall(request=request, answer=read_envelope(response), response=response)


@pytest.mark.parametrize("level", ["[%s]", '{"a": %s}', '{"a": 0, "a": %s}'])
def test_json_is_as_deep_as_xml_may_be(level: str) -> None:
    def nested(depth: int) -> bytes:
        value = "1"
        for _ in range(depth):
            value = level.replace("%s", value)
        return b'{"id": 1, "method": "a.b", "params": [%s]}' % value.encode()

    assert decode_json(nested(200)).protocol == "jsonrpc"
    for depth in (250, 900, 100_000 if level == "[%s]" else 3000):
        with pytest.raises(DecodeError, match="nested too deeply"):
            decode_json(nested(depth))


def test_a_number_without_end_is_refused_in_our_words() -> None:
    with pytest.raises(DecodeError, match="a number of more than 4300 digits"):
        decode_json(b'{"id": 1, "result": %s}' % (b"9" * 5000))


def test_a_deep_body_with_a_secret_is_not_kept() -> None:
    deep = b'{"method": "session.login_with_password", "params": ["geheim", %s%s]}' % (b"[" * 500, b"]" * 500)
    assert b"geheim" not in redact_request(b"", deep).body
