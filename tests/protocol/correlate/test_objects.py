"""References resolved as the calls teach them."""

from __future__ import annotations

import pytest

from tests.talk import Talk
from xraytap.protocol.about import About
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.datamodel import load


def read(talk: Talk, api: str = "xapi") -> Objects:
    found = Objects(About(model=load(api)))
    talk.feed(found)
    return found


RECORD = {"uuid": "u-1", "name_label": "guest", "VBDs": ["OpaqueRef:vbd"], "snapshot_of": "OpaqueRef:NULL"}
TEACH = {
    "get_record": ("VM.get_record", ("R",), RECORD),
    "get_all_records": ("VM.get_all_records", (), {"R": RECORD}),
    "get_all_records_where": ("VM.get_all_records_where", ("true",), {"R": RECORD}),
    "event.from": (
        "event.from",
        (["*"], "", 30.0),
        {"events": [{"class": "vm", "operation": "add", "ref": "R", "snapshot": RECORD}], "token": "1"},
    ),
}


@pytest.mark.parametrize("name", TEACH)
def test_records_teach_name_and_uuid(name: str) -> None:
    method, params, value = TEACH[name]
    talk = Talk()
    talk.call(method, talk.login(), *params, value=value)  # type: ignore[arg-type]
    found = read(talk).get("T1", "VM", "R")
    assert found is not None
    assert (found.name, found.uuid) == ("guest", "u-1")


def test_getters_setters_and_lookups() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("VM.get_name_label", token, "R1", value="one")
    talk.call("VM.get_uuid", token, "R1", value="u1")
    talk.call("VM.get_by_uuid", token, "u2", value="R2")
    talk.call("VM.get_by_name_label", token, "three", value=["R3"])
    talk.call("VM.set_name_label", token, "R2", "two")
    talk.call("VM.clone", token, "R1", "four", value="R4")
    talk.call("network.create", token, {"name_label": "lan", "name_description": ""}, value="N")
    found = read(talk)
    known = {each.ref: (each.class_name, each.name, each.uuid) for each in found}
    assert known == {
        "R1": ("VM", "one", "u1"),
        "R2": ("VM", "two", "u2"),
        "R3": ("VM", "three", None),
        "R4": ("VM", "four", None),
        "N": ("network", "lan", None),
    }
    assert found.names(token)("R4") == "four"
    assert found.names(token)("R9") is None


def test_a_refused_setter_teaches_nothing() -> None:
    talk = Talk()
    talk.refused("VM.set_name_label", talk.login(), "R", "new", error=["HANDLE_INVALID", "VM", "R"])
    found = read(talk).get("T1", "VM", "R")
    assert found is not None
    assert found.name is None


def test_references_inside_records_are_seen_with_their_class() -> None:
    talk = Talk()
    talk.call("VM.get_record", talk.login(), "R", value=RECORD)  # type: ignore[arg-type]
    assert {(each.class_name, each.ref) for each in read(talk)} == {("VM", "R"), ("VBD", "OpaqueRef:vbd")}


def test_what_one_session_learnt_another_does_not_know() -> None:
    talk = Talk()
    one, two = talk.login("A"), talk.login("B")
    talk.call("VM.get_name_label", one, "R", value="guest")
    talk.call("VM.start", two, "R", False, False)
    found = read(talk)
    assert found.names("A")("R") == "guest"
    assert found.names("B")("R") is None


def test_xend_gives_an_interface_and_its_metrics_one_reference() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("VIF.get_metrics", token, "r", value="r")
    found = read(talk, "xend")
    assert {each.class_name for each in found if each.ref == "r"} == {"VIF", "VIF_metrics"}


def test_calls_that_took_it_are_counted() -> None:
    talk = Talk()
    token = talk.login()
    for _ in range(3):
        talk.call("VM.get_power_state", token, "R", value="Running")
    talk.call("VM.get_all", token, value=["R"])
    found = read(talk).get(token, "VM", "R")
    assert found is not None
    assert (found.calls, found.first_seq, found.last_seq) == (3, 2, 5)


@pytest.mark.parametrize("asked", ["task.get_result", "task.get_record"])
def test_what_a_task_made_bears_the_name_that_was_asked_for(asked: str) -> None:
    talk = Talk()
    token = talk.login()
    talk.call("Async.VM.clone", token, "R", "copy", value="TASK")
    result = "<value>OpaqueRef:new</value>"
    talk.call(asked, token, "TASK", value=result if asked == "task.get_result" else {"result": result})
    found = read(talk).get(token, "VM", "OpaqueRef:new")
    assert found is not None
    assert found.name == "copy"


@pytest.mark.parametrize(
    ("class_name", "pattern", "expected"),
    [
        ("VM", "one", {"T1": {"OpaqueRef:1"}}),
        ("VM", "ONE", {"T1": {"OpaqueRef:1"}}),
        ("VM", "uno", {"T1": {"OpaqueRef:1"}}),
        ("VM", "u-*", {"T1": {"OpaqueRef:1"}}),
        ("VM", "OpaqueRef:?", {"T1": {"OpaqueRef:1"}, "T2": {"OpaqueRef:1"}}),
        ("VM", "1", {"T1": {"OpaqueRef:1"}, "T2": {"OpaqueRef:1"}}),
        ("SR", "one", {"T1": {"OpaqueRef:2"}}),
        (None, "one", {"T1": {"OpaqueRef:1", "OpaqueRef:2"}}),
        ("VM", "two", {}),
    ],
)
def test_references_are_found_by_name_uuid_and_reference(
    class_name: str | None, pattern: str, expected: dict[str, set[str]]
) -> None:
    talk = Talk()
    one, two = talk.login("T1"), talk.login("T2")
    talk.call("VM.get_name_label", one, "OpaqueRef:1", value="uno")
    talk.call("VM.set_name_label", one, "OpaqueRef:1", "one")
    talk.call("VM.get_uuid", one, "OpaqueRef:1", value="u-1")
    talk.call("SR.get_name_label", one, "OpaqueRef:2", value="one")
    talk.call("VM.start", two, "OpaqueRef:1", False, False)
    assert read(talk).refs(class_name, pattern) == expected


def test_sessions_that_fell_quiet_are_forgotten_before_memory_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xraytap.protocol.correlate.objects.OBJECTS_KEPT", 10)
    talk = Talk()
    for number in range(4):
        token = talk.login(f"T{number}")
        talk.call("VM.get_all", token, value=[f"R{each}" for each in range(4)])
    found = read(talk)
    assert (len(found), found.forgotten) == (8, 8)
    assert {each.session for each in found} == {"T2", "T3"}
