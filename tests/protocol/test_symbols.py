"""From recorded calls to a golden: what differs from run to run is a symbol, everything else is as it was."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.recorded import FOLDERS, exchanges
from xraytap.protocol.call import CallRow, Exchange, Message
from xraytap.protocol.golden import Golden, Reply, Symbol, symbols_in
from xraytap.protocol.messages import Response
from xraytap.protocol.summary import DecodedCall, decode_exchange, full_row
from xraytap.protocol.symbols import field_class, golden_of, is_ref, unfit
from xraytap.protocol.values import Bare
from xraytap.protocol.xmlrpc_encode import encode, encode_request
from xraytap.store.golden import dump_golden, loads_golden

S1, VM1, VM2 = Symbol("session", "s1"), Symbol("ref", "VM.1"), Symbol("ref", "VM.2")
TOKEN = "11111111-0000-0000-0000-000000000001"
GUEST = "22222222-0000-0000-0000-000000000002"
OTHER = "33333333-0000-0000-0000-000000000003"


def recorded(folder: str) -> list[tuple[CallRow, DecodedCall]]:
    return [
        (full_row(each, capture=folder, seq=seq), decode_exchange(each))
        for seq, each in enumerate(exchanges(folder), 1)
    ]


def call_of(
    method: str, params: list[Any], value: Any, *, fails: bool = False
) -> tuple[CallRow, DecodedCall]:
    envelope = (
        {"Status": "Failure", "ErrorDescription": value} if fails else {"Status": "Success", "Value": value}
    )
    return call_with(method, params, Response(value=envelope))


def call_with(method: str, params: list[Any], response: Response) -> tuple[CallRow, DecodedCall]:
    question, answer = encode_request(method, params), encode(response)
    head = b"POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n"
    exchange = Exchange(
        started_at_us=0,
        elapsed_us=1,
        client="x",
        connection=1,
        request=Message(head=head, body=question, size=len(question)),
        response=Message(head=b"HTTP/1.1 200 OK\r\n\r\n", body=answer, size=len(answer)),
    )
    return full_row(exchange, capture="x", seq=1), decode_exchange(exchange)


def made(*calls: tuple[CallRow, DecodedCall]) -> Golden:
    return golden_of(calls, api="xend 1.0")


def login() -> tuple[CallRow, DecodedCall]:
    return call_of("session.login_with_password", ["root", "hunter2"], TOKEN)


def test_the_documented_session() -> None:
    golden = golden_of(recorded("py27-example-session"), api="xend 1.0")
    assert [(each.method, each.params[1:], each.reply, each.value) for each in golden.calls[1:6]] == [
        ("VM.get_all", (), Reply.ANSWER, [VM1, VM2]),
        ("VM.get_all", (), Reply.ANSWER, [VM1, VM2]),
        ("VM.get_name_label", (VM2,), Reply.ANSWER, "guest002"),
        ("VM.get_actions_after_reboot", (VM2,), Reply.ANSWER, "restart"),
        ("VM.get_metrics", (VM2,), Reply.ANSWER, Symbol("ref", "VM_metrics.1")),
    ]
    assert golden.calls[0].value == S1
    assert golden.calls[10].reply is Reply.FAILS
    assert golden.calls[10].value == ["VM_BAD_POWER_STATE", VM2, "Halted", "Running"]


def test_the_same_scenario_over_another_wire_gives_the_same_text() -> None:
    """Three recordings with other tokens and references; only the utilisation is measured anew."""
    texts = {
        re.sub(r"0\.\d+(e-\d+)?", "N", dump_golden(golden_of(recorded(folder), api="xend 1.0")))
        for folder in ("py27-example-session", "http10-example-session", "py27-unix-socket")
    }
    assert len(texts) == 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_recording_becomes_a_golden_that_loads_again(folder: str) -> None:
    calls = recorded(folder)
    golden = golden_of(calls, api="xend 1.0")
    assert len(golden.calls) == sum(unfit(row, call) is None for row, call in calls)
    text = dump_golden(golden)
    assert dump_golden(loads_golden(text)) == text
    for _, call in calls:
        token = None if call.request is None else call.request.session
        if token and is_ref(token):
            assert token not in text
    assert "planted-pw" not in text


def test_a_password_is_gone_whatever_it_is() -> None:
    golden = made(login(), call_of("session.change_password", [TOKEN, "hunter2", "hunter3"], ""))
    assert golden.calls[0].params == ("root", Symbol("secret", "pwd"))
    assert golden.calls[1].params == (S1, Symbol("secret", "old_pwd"), Symbol("secret", "new_pwd"))
    assert golden.redacted == (
        "session.login_with_password.pwd",
        "session.change_password.old_pwd",
        "session.change_password.new_pwd",
    )
    assert "hunter" not in dump_golden(golden)


def test_what_the_tap_redacted_is_a_secret() -> None:
    golden = made(call_of("VM.set_x", [TOKEN, GUEST, "<redacted>", {"my key": "<redacted>"}], ""))
    assert golden.calls[0].params[2:] == (Symbol("secret", "param3"), {"my key": Symbol("secret", "my_key")})


def test_each_login_is_a_session_of_its_own() -> None:
    again = call_of("session.login_with_password", ["root", "x"], OTHER)
    golden = made(login(), again, call_of("VM.get_all", [OTHER], []), call_of("VM.get_all", [TOKEN], []))
    assert [each.params[0] for each in golden.calls[2:]] == [Symbol("session", "s2"), S1]


def test_records_by_reference_have_symbols_for_names() -> None:
    record = {"uuid": GUEST, "name_label": "a", "VBDs": [OTHER], "metrics": "", "resident_on": TOKEN[::-1]}
    golden = made(call_of("VM.get_all_records", ["t"], {GUEST: record}))
    ((name, value),) = golden.calls[0].value.items()  # type: ignore[union-attr]
    assert name == VM1
    assert value["uuid"] == VM1
    assert value["VBDs"] == [Symbol("ref", "VBD.1")]
    assert value["name_label"] == "a"


def test_an_async_answer_is_a_task_and_a_failure_names_its_class() -> None:
    golden = made(
        call_of("Async.VM.pause", ["t", GUEST], OTHER),
        call_of("task.get_status", ["t", OTHER], "success"),
        call_of("VM.get_name_label", ["t", GUEST], ["HANDLE_INVALID", "host", TOKEN], fails=True),
    )
    assert golden.calls[0].method == "Async.VM.pause"
    assert golden.calls[0].value == Symbol("task", "T.1")
    assert golden.calls[1].params[1] == Symbol("task", "T.1")
    assert golden.calls[2].value == ["HANDLE_INVALID", "host", Symbol("ref", "host.1")]


def test_xapi_tells_references_from_uuids_and_writes_bare_strings() -> None:
    ref = f"OpaqueRef:{GUEST}"
    answer = Response(value={"Status": Bare("Success"), "Value": Bare(OTHER)})
    golden = made(call_with("VM.get_uuid", ["t", ref], answer))
    assert golden.bare_strings
    assert golden.calls[0].params[1] == VM1
    assert golden.calls[0].value == Symbol("uuid", "VM.1")


def test_the_null_reference_and_other_texts_stay() -> None:
    golden = made(call_of("VM.get_suspend_VDI", ["t", GUEST], "OpaqueRef:NULL"))
    assert golden.calls[0].value == "OpaqueRef:NULL"
    assert not list(symbols_in(golden.calls[0].value))


@pytest.mark.parametrize(
    "envelope",
    [
        {"Value": 1, "Status": "Success"},
        {"Status": "Success", "Value": 1, "More": 2},
        {"Status": "Failure", "ErrorDescription": ["X"], "Value": ""},
    ],
    ids=["order", "more", "failure with value"],
)
def test_an_odd_envelope_is_kept_whole(envelope: Any) -> None:
    golden = made(call_with("VM.x", ["t"], Response(value=envelope)))
    assert golden.calls[0].reply is Reply.PLAIN
    assert golden.calls[0].value == envelope


def test_what_cannot_stand_in_a_golden_says_why() -> None:
    row, call = login()
    assert unfit(row, call) is None
    reasons = [unfit(row, call) for row, call in recorded("raw-requests")]
    assert any(reason and "undecodable" in reason for reason in reasons)


def test_an_int_for_a_session_does_no_harm() -> None:
    golden = made(call_of("VM.get_all", [5], []))
    assert golden.calls[0].params == (5,)


@pytest.mark.parametrize(
    ("class_name", "field", "expected"),
    [
        ("VM", "all", "VM"),
        ("VM", "VBDs", "VBD"),
        ("VM", "metrics", "VM_metrics"),
        ("VM", "resident_on", "host"),
        ("VIF", "network", "network"),
        ("VM", "by_name_label", "VM"),
        ("host", "host_CPUs", "host_cpu"),
        (None, "metrics", None),
        ("VM", "odd name", None),
    ],
)
def test_a_field_tells_the_class_it_refers_to(
    class_name: str | None, field: str, expected: str | None
) -> None:
    assert field_class(class_name, field) == expected
