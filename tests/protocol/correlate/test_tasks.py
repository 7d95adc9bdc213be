"""Async calls joined with polls and end."""

from __future__ import annotations

from tests.talk import Talk
from xraytap.protocol.correlate.tasks import Task, Tasks


def read(talk: Talk) -> list[Task]:
    found = Tasks()
    talk.feed(found)
    return list(found)


def test_a_task_polled_to_its_failure() -> None:
    talk = Talk()
    token = talk.login()
    start = talk.call("Async.VM.pause", token, "vm", value="t1", ms=10)
    for _ in range(2):
        talk.call("task.get_status", token, "t1", value="pending", ms=10, pause_ms=90)
    ended = talk.call("task.get_status", token, "t1", value="failure", ms=10)
    talk.call("task.get_error_info", token, "t1", value=["VM_BAD_POWER_STATE", "vm", "Running", "Paused"])
    gone = talk.call("task.destroy", token, "t1")
    (task,) = read(talk)
    assert (task.method, task.seq, task.state, task.ended_seq) == ("VM.pause", start, "failure", ended)
    assert task.error == ("VM_BAD_POWER_STATE", "vm", "Running", "Paused")
    assert task.elapsed_ms == 10 + 2 * 100 + 10
    assert task.polls == 4
    assert task.poll_seqs == [3, 4, 5, 6]
    assert task.destroyed_seq == gone


def test_a_record_tells_all_at_once_and_the_result_comes_out_of_its_xml() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("Async.VM.clone", token, "vm", "copy", value="OpaqueRef:t")
    record = {"status": "success", "result": "<value>OpaqueRef:a&amp;b</value>", "error_info": []}
    talk.call("task.get_record", token, "OpaqueRef:t", value=record)
    (task,) = read(talk)
    assert (task.state, task.result, task.error) == ("success", "OpaqueRef:a&b", None)


def test_a_task_followed_by_events_needs_no_poll() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("Async.VM.start", token, "vm", False, False, value="t1")
    event = {
        "class": "task",
        "operation": "mod",
        "ref": "t1",
        "snapshot": {"status": "success", "result": ""},
    }
    seq = talk.call(
        "event.from",
        token,
        ["task"],
        "",
        30.0,
        value={"events": [event], "token": "1,1", "valid_ref_counts": {}},
    )
    (task,) = read(talk)
    assert (task.state, task.polls, task.ended_seq) == ("success", 0, seq)


def test_all_records_tell_of_every_task() -> None:
    talk = Talk()
    token = talk.login()
    for name in ("t1", "t2"):
        talk.call("Async.VM.start", token, "vm", False, value=name)
    talk.call(
        "task.get_all_records",
        token,
        value={"t1": {"status": "cancelled"}, "t2": {"status": "pending"}, "t9": {}},
    )
    assert [task.state for task in read(talk)] == ["cancelled", "unfinished"]


def test_nobody_asked() -> None:
    talk = Talk()
    talk.call("Async.VM.start", talk.login(), "vm", False, value="t1")
    (task,) = read(talk)
    assert (task.state, task.elapsed_ms) == ("abandoned", None)


def test_another_session_s_task_of_that_name_is_another_task() -> None:
    talk = Talk()
    one, two = talk.login("A"), talk.login("B")
    talk.call("Async.VM.start", one, "vm", False, value="t1")
    talk.call("task.get_status", two, "t1", value="success")
    assert [task.state for task in read(talk)] == ["abandoned"]


def test_a_refused_call_begins_no_task() -> None:
    talk = Talk()
    talk.refused("Async.VM.start", talk.login(), "vm", False, error=["HANDLE_INVALID", "VM", "vm"])
    assert read(talk) == []


def test_a_call_finds_its_task() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("Async.VM.start", token, "vm", False, value="t1")
    poll = talk.call("task.get_progress", token, "t1", value=0.5)
    found = Tasks()
    talk.feed(found)
    assert found.of(poll) is found.of(2) is not None
    assert found.of(1) is None
