"""The data model: every message of both APIs names, types and goes round."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.recorded import FOLDERS, exchanges
from xraytap.protocol.datamodel import APIS, load, parse_type
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.datamodel.typed import iso, name_error, name_params, read_as
from xraytap.protocol.jsonrpc import decode_json
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_exchange
from xraytap.protocol.values import I4, DateTime, Struct
from xraytap.protocol.xmlrpc_decode import decode_request
from xraytap.protocol.xmlrpc_encode import encode_request


@pytest.mark.parametrize("api", APIS)
def test_every_type_of_the_model_is_read_and_written_again(api: str) -> None:
    model = load(api)
    for method in model.methods():
        facts = model.message(method)
        assert facts is not None
        for each in (*(param.type for param in facts.params), facts.returns):
            assert parse_type(str(each)) == each


@pytest.mark.parametrize("text", ["", "(string -> int)", "string ->", "(string int) map", ") map", "a b c"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"type|map"):
        parse_type(text)


@pytest.mark.parametrize(
    ("type_", "wire", "meaning"),
    [
        ("int", "268435456", 268435456),
        ("int", "-1", -1),
        ("float", 0.25, 0.25),
        ("datetime", DateTime("20090710T09:01:27"), "2009-07-10T09:01:27Z"),
        ("datetime", DateTime("2009-07-10T09:01:27+02:00"), "2009-07-10T09:01:27+02:00"),
        ("void", "", ""),
        ("string set", [], []),
        ("int set", ["1", "2"], [1, 2]),
        ("(string -> int) map", {"a": "1"}, {"a": 1}),
        ("string|nil", None, None),
        ("vm_power_state enum", "Running", "Running"),
        ("int", "<redacted>", "<redacted>"),
    ],
)
def test_a_wire_value_has_a_meaning(type_: str, wire: object, meaning: object) -> None:
    typed = read_as(wire, parse_type(type_), load("xend"))  # type: ignore[arg-type]
    assert (typed.to_json(), list(typed.problems())) == (meaning, [])


@pytest.mark.parametrize(
    ("type_", "wire", "words"),
    [
        ("int", 5, "came as <int>, where a string of digits is due"),
        ("int", I4(5), "came as <i4>"),
        ("int", "five", "text where a string of digits is due"),
        ("bool", "1", "text where bool is due"),
        ("string", 1, "int where string is due"),
        ("vm_power_state enum", "Asleep", "'Asleep' is no vm_power_state; one of"),
        ("string set", {}, "struct where a set (array) is due"),
        ("VM record", "x", "string where a record (struct) is due"),
        ("datetime", DateTime("yesterday"), "'yesterday' is no date"),
        ("void", "something", "text where void is due"),
    ],
)
def test_a_mismatch_is_a_sentence(type_: str, wire: object, words: str) -> None:
    problems = list(read_as(wire, parse_type(type_), load("xend")).problems("p"))  # type: ignore[arg-type]
    assert [path for path, _ in problems] == ["p"]
    assert words in problems[0][1]


def test_a_mismatch_deep_inside_has_a_path() -> None:
    record = {"VCPUs_utilisation": {"0": "high"}, "memory_actual": "1"}
    problems = list(read_as(record, parse_type("VM_metrics record"), load("xend")).problems("result"))
    assert problems == [("result.VCPUs_utilisation.0", "text where float is due")]


def test_repeated_members_are_all_read() -> None:
    value = Struct((("a", "1"), ("a", "x")))
    typed = read_as(value, parse_type("(string -> int) map"), load("xapi"))
    assert [path for path, _ in typed.problems()] == ["a"]


def test_errors_have_named_arguments() -> None:
    error = ("VM_BAD_POWER_STATE", "b28e", "Halted", "Running", "more")
    assert name_error(error, load("xend")) == [
        ("vm", "b28e"),
        ("expected", "Halted"),
        ("actual", "Running"),
        ("arg 4", "more"),
    ]


def test_xapi_takes_underscores_and_near_names_are_told() -> None:
    xapi = load("xapi")
    found = xapi.message("VM_start")
    assert found is not None
    assert found.method == "VM.start"
    assert load("xend").message("VM_start") is None
    assert "VM.start" in xapi.nearest("VM.strat")


@pytest.mark.parametrize("folder", [name for name in FOLDERS if name != "raw-requests"])
def test_the_recordings_are_xends(folder: str) -> None:
    assert guess_api(decode_exchange(each) for each in exchanges(folder)) == "xend"


def test_xapis_bare_strings_tell_it() -> None:
    body = (
        b"<methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value></member>"
        b"<member><name>Value</name><value>x</value></member></struct></value></param></params></methodResponse>"
    )
    from dataclasses import replace

    each = exchanges("py27-example-session")[0]
    assert each.response is not None
    xapi = replace(each, response=replace(each.response, body=body))
    assert guess_api([decode_exchange(xapi)]) == "xapi"


def test_a_call_means_the_same_over_either_transport() -> None:
    model = load("xapi")
    facts = model.message("VM.set_memory")
    assert facts is not None
    xml = decode_request(encode_request("VM.set_memory", ["OpaqueRef:s", "OpaqueRef:v", "1073741824"]))
    text = (
        b'{"jsonrpc":"2.0","method":"VM.set_memory","params":["OpaqueRef:s","OpaqueRef:v",1073741824],"id":1}'
    )
    json = decode_json(text)
    assert isinstance(json, Request)
    meanings = [
        [each.typed.to_json() for each in name_params(request, facts, model)] for request in (xml, json)
    ]
    assert meanings[0] == meanings[1] == ["OpaqueRef:s", "OpaqueRef:v", 1073741824]


@pytest.mark.parametrize("text", ["", "x", "2009-99-10T09:01:27", "20090710"])
def test_no_dates(text: str) -> None:
    assert iso(text) is None


def test_the_tap_never_loads_the_model() -> None:
    code = "import sys, xraytap.tap.worker, xraytap.tap.addon; print('xraytap.protocol.datamodel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_xend_never_wrote_is_known_as_such() -> None:
    model = load("xend")
    told = {each: model.message(each) for each in ("VM.get_suspend_VDI", "VM.get_user_version", "VM.start")}
    assert [(each.implemented, each.status) for each in told.values() if each is not None] == [
        (False, "ok"),
        (True, "todo"),
        (True, "ok"),
    ]


def test_errors_that_no_document_has_are_told_from_those_that_one_has() -> None:
    model = load("xend")
    assert (model.undocumented("ETODO"), model.undocumented("HANDLE_INVALID")) == (True, False)


@pytest.mark.parametrize(
    ("api", "field", "expected"),
    [
        ("xapi", "memory_static_max", True),
        ("xapi", "name_label", False),
        ("xapi", "resident_on", None),
        ("xend", "memory_static_max", False),
    ],
)
def test_create_asks_for_the_members_without_a_default(api: str, field: str, expected: bool | None) -> None:
    assert load(api).creation("VM").get(field) is expected


def test_legacy_calls_take_numbers_as_numbers() -> None:
    model = load("xend")
    facts = model.message("xend.domain.maxmem_set")
    assert facts is not None
    request = decode_request(encode_request("xend.domain.maxmem_set", ["guest002", 128]))
    named = name_params(request, facts, model)
    assert [list(each.typed.problems()) for each in named] == [[], []]


def test_the_name_that_stands_for_a_time_in_a_golden_is_no_mismatch() -> None:
    typed = read_as(DateTime("task.created"), parse_type("datetime"), load("xapi"))
    assert (list(typed.problems()), typed.to_json()) == ([], {"$dateTime": "task.created"})
