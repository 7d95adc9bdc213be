"""From recorded calls to a golden: what differs from run to run is a symbol, everything else is as it was."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.cases.xapi import TRANSPORTS, conversation
from tests.recorded import FOLDERS, exchanges
from xraytap.protocol.call import CallRow, Exchange, Message
from xraytap.protocol.golden import SYMBOL_KINDS, Golden, Join, Reply, Symbol, symbols_in
from xraytap.protocol.messages import Response
from xraytap.protocol.summary import DecodedCall, decode_exchange, full_row
from xraytap.protocol.symbols import field_class, golden_of, is_ref, refs_inside, unfit
from xraytap.protocol.values import Bare, DateTime
from xraytap.protocol.xmlrpc_encode import encode, encode_request
from xraytap.store.golden import dump_golden, loads_golden

S1, VM1, VM2 = Symbol("session", "s1"), Symbol("ref", "VM.1"), Symbol("ref", "VM.2")
TOKEN = "11111111-0000-0000-0000-000000000001"
GUEST = "22222222-0000-0000-0000-000000000002"
OTHER = "33333333-0000-0000-0000-000000000003"
VIF_A, VIF_B = "44444444-0000-0000-0000-000000000004", "55555555-0000-0000-0000-000000000005"


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
    assert refs_inside(text) == []
    for _, call in calls:
        token = None if call.request is None else call.request.session
        if token and is_ref(token):
            assert token not in text
    assert "planted" not in text


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


def test_numbers_do_not_follow_the_order_in_which_a_host_lists_a_set() -> None:
    """Two hosts: other references, other order, the same objects by name."""

    def scenario(web: str, db: str, order: list[str]) -> Golden:
        records = {web: {"uuid": web, "name_label": "web"}, db: {"uuid": db, "name_label": "db"}}
        return made(
            login(),
            call_of("VM.get_all_records", [TOKEN], {each: records[each] for each in order}),
            call_of("VM.get_power_state", [TOKEN, web], "Running"),
        )

    one = scenario(GUEST, OTHER, [GUEST, OTHER])
    two = scenario(OTHER, GUEST, [GUEST, OTHER])
    assert one.calls[2] == two.calls[2]
    assert one.calls[1].value == two.calls[1].value  # dicts: the same members in whatever order


def test_what_is_told_later_counts_for_the_numbers_too() -> None:
    golden = made(
        login(),
        call_of("VM.get_all", [TOKEN], [GUEST, OTHER]),
        call_of("VM.get_name_label", [TOKEN, GUEST], "web"),
        call_of("VM.get_name_label", [TOKEN, OTHER], "db"),
    )
    assert golden.calls[1].value == [VM2, VM1]
    assert golden.calls[2].params[1] == VM2


def test_objects_without_names_are_told_apart_by_what_they_belong_to() -> None:
    vms = {
        GUEST: {"uuid": GUEST, "name_label": "web", "VIFs": [VIF_A]},
        OTHER: {"uuid": OTHER, "name_label": "db"},
    }
    vifs = {VIF_A: {"VM": GUEST, "device": "0"}, VIF_B: {"VM": OTHER, "device": "0"}}
    golden = made(
        login(),
        call_of("VIF.get_all", [TOKEN], [VIF_A, VIF_B]),
        call_of("VIF.get_all_records", [TOKEN], vifs),
        call_of("VM.get_all_records", [TOKEN], vms),
    )
    assert golden.calls[1].value == [Symbol("ref", "VIF.2"), Symbol("ref", "VIF.1")]


def test_a_reference_and_its_uuid_have_one_number() -> None:
    first, second = f"OpaqueRef:{GUEST}", f"OpaqueRef:{OTHER}"
    golden = golden_of(
        [
            call_of("VM.get_all", [TOKEN], [first, second]),
            call_of("VM.get_by_uuid", [TOKEN, VIF_A], second),
            call_of("VM.get_uuid", [TOKEN, first], VIF_B),
        ],
        api="XAPI 2.21",
    )
    assert golden.calls[0].value == [VM2, VM1]
    assert golden.calls[1].params[1:] == (Symbol("uuid", "VM.1"),)
    assert golden.calls[1].value == VM1
    assert golden.calls[2].value == Symbol("uuid", "VM.2")


def test_the_data_model_tells_classes_where_names_do_not() -> None:
    golden = golden_of(
        [
            call_of("VBD.create", [TOKEN, {"VM": GUEST, "VDI": OTHER}], VIF_A),
            call_of("VM.start_on", [TOKEN, GUEST, VIF_B, False, False], ""),
        ],
        api="XAPI 2.21",
    )
    assert golden.calls[0].params[1] == {"VM": VM1, "VDI": Symbol("ref", "VDI.1")}
    assert golden.calls[0].value == Symbol("ref", "VBD.1")
    assert golden.calls[1].params[2] == Symbol("ref", "host.1")


def test_references_inside_longer_texts_are_symbols_too() -> None:
    golden = made(
        call_of("VM.get_all", [TOKEN], [GUEST]),
        call_of("console.get_location", [TOKEN, OTHER], f"vnc://host/{GUEST}?session_id={TOKEN}"),
    )
    assert golden.calls[1].value == Join(("vnc://host/", VM1, "?session_id=", S1))


def test_dates_that_say_when_are_symbols_and_the_epoch_is_none() -> None:
    when, never = DateTime("20261124T20:00:00"), DateTime("19700101T00:00:00")
    golden = made(
        call_of("VM_metrics.get_last_updated", [TOKEN, GUEST], when),
        call_of("VM_metrics.get_record", [TOKEN, GUEST], {"last_updated": when, "start_time": never}),
    )
    updated = Symbol("time", "VM_metrics.last_updated")
    assert golden.calls[0].value == updated
    assert golden.calls[1].value == {"last_updated": updated, "start_time": never}


def test_event_tokens_are_symbols_and_the_first_empty_one_is_none() -> None:
    def batch(token: str) -> dict[str, Any]:
        return {"events": [], "valid_ref_counts": {}, "token": token}

    golden = golden_of(
        [
            call_of("event.from", [TOKEN, ["*"], "", 1.0], batch("0001,0")),
            call_of("event.from", [TOKEN, ["*"], "0001,0", 1.0], batch("0002,0")),
        ],
        api="XAPI 2.21",
    )
    assert [each.params[2] for each in golden.calls] == ["", Symbol("token", "t1")]
    assert [each.value["token"] for each in golden.calls] == [Symbol("token", "t1"), Symbol("token", "t2")]  # type: ignore[call-overload,index]


def test_a_session_that_no_login_gave_and_that_is_no_reference_stays_as_it_is() -> None:
    golden = made(call_of("VM.get_all", ["nosession"], ["SESSION_INVALID", "nosession"], fails=True))
    assert golden.calls[0].params == ("nosession",)
    assert golden.calls[0].value == ["SESSION_INVALID", "nosession"]


def test_the_header_names_the_volatile_fields_that_the_golden_holds() -> None:
    golden = golden_of(recorded("py27-survey"), api="xend 1.0", volatile=("host.get_name_label",))
    assert golden.volatile == (
        "host.get_name_label",
        "VM.domid",
        "VM_metrics.VCPUs_CPU",
        "VM_metrics.VCPUs_utilisation",
        "VM_metrics.memory_actual",
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_golden_of_xapi_holds_no_reference_of_its_host(transport: str) -> None:
    talk = conversation(transport)
    calls = [(talk.row(seq), talk.decode(seq)) for seq in range(1, len(talk.exchanges) + 1)]
    golden = golden_of(calls, api="XAPI 2.21")
    text = dump_golden(golden)
    assert refs_inside(text) == []
    assert dump_golden(loads_golden(text)) == text
    assert {symbol.kind for call in golden.calls for symbol in symbols_in(call.value)} == {*SYMBOL_KINDS}


def test_the_secrets_of_a_recording_that_kept_them_are_gone() -> None:
    golden = made(
        call_of("VM.set_platform", [TOKEN, GUEST, {"vncpasswd": "hunter2"}], ""),
        call_of("VM.get_platform", [TOKEN, GUEST], {"vncpasswd": "hunter2"}),
        call_of("VM.get_record", [TOKEN, GUEST], {"platform": {"vncpasswd": "hunter2"}}),
    )
    assert "hunter2" not in dump_golden(golden)
    assert golden.calls[1].value == Symbol("secret", "result")
    assert golden.redacted == (
        "VM.set_platform.value",
        "VM.get_platform.result",
        "VM.get_record.result.platform",
    )


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
