"""Tasks and events followed by meaning: waited for, however often that takes; order and objects beside them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.replay.hosts import Tape, engine, replay, told
from tests.replay.scripted import Scripted
from tests.talk import Talk
from xraytap.replay.runner import Pace, Runner
from xraytap.replay.target import parse_target
from xraytap.replay.verdict import Verdict

if TYPE_CHECKING:
    from tests.tap.peers import ByteHost
    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value
    from xraytap.replay.report import Report

TOKEN = "68e3a009-0249-725b-246b-7fc43cf4f154"
VM = "OpaqueRef:b28e4ee3-216f-fa85-9cae-615e954dbbe7"
NEW = "OpaqueRef:0000ffff-216f-fa85-9cae-615e954dbbe7"
TASK = "OpaqueRef:94148715-216f-fa85-9cae-615e954dbbe7"
OTHER_TASK = "OpaqueRef:0000aaaa-216f-fa85-9cae-615e954dbbe7"
MADE, OTHER_MADE = "OpaqueRef:11111111-" + VM[19:], "OpaqueRef:22222222-" + VM[19:]


def cloned(*statuses: str) -> Tape:
    """A clone whose task is asked for until it ends, and a look at what it made."""
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    talk.call("Async.VM.clone", TOKEN, VM, "copy", value=TASK)
    for status in statuses:
        talk.call("task.get_status", TOKEN, TASK, value=status)
    talk.call("task.get_result", TOKEN, TASK, value=f"<value>{MADE}</value>")
    talk.call("VM.get_power_state", TOKEN, MADE, value="Halted")
    return Tape(talk.exchanges)


def cloning(polls: int, last: str = "success") -> dict[str, list[Value]]:
    """The answers of a host whose task takes so many polls."""
    return {
        "session.login_with_password": ["T-new"],
        "VM.get_by_name_label": [[NEW]],
        "Async.VM.clone": [OTHER_TASK],
        "task.get_status": [*["pending"] * polls, last],
        "task.get_result": [f"<value>{OTHER_MADE}</value>"],
        "VM.get_power_state": ["Halted"],
    }


@pytest.mark.parametrize("polls", [0, 3])
def test_a_task_is_waited_for_however_often_that_takes(host: ByteHost, polls: int) -> None:
    script = Scripted.of(host, cloning(polls))
    report = replay(cloned("pending", "pending", "success"), host.url)
    assert told(report) == []
    assert script.methods().count("task.get_status") == polls + 1
    assert report.counts == {Verdict.SAME: 6, Verdict.FOLLOWED: 2}


def test_what_a_task_made_is_mapped_out_of_its_result(host: ByteHost) -> None:
    script = Scripted.of(host, cloning(1))
    assert told(replay(cloned("success"), host.url)) == []
    asked = next(each for each in script.asked if each.method == "VM.get_power_state")
    assert asked.params == ("T-new", OTHER_MADE)


def test_a_task_that_ends_otherwise_is_a_difference(host: ByteHost) -> None:
    Scripted.of(host, cloning(1, last="failure"))
    assert "#4 task.get_status different: 'success' became 'failure'" in told(
        replay(cloned("success"), host.url)
    )


def test_a_task_that_never_ends_is_given_up_and_told(host: ByteHost) -> None:
    script = Scripted.of(host, cloning(1000))
    report = replay(cloned("success"), host.url, wait_s=0.1)
    assert "#4 task.get_status different: 'success' became 'pending'" in told(report)
    assert report.remarks == ("call 4: the task has not ended within 0.1 s",)
    assert 1 < script.methods().count("task.get_status") < 10


def test_a_wish_to_end_does_not_wait_for_a_task(host: ByteHost) -> None:
    script = Scripted.of(host, cloning(1000))
    made = engine(cloned("success"), wait_s=600.0)
    runner = Runner(
        made,
        parse_target(host.url),
        Pace(timeout_s=5.0),
        wished=lambda: script.methods().count("task.get_status") > 2,
    )
    report = runner.run()
    assert report.results[3].changes == ("'success' became 'pending'",)
    assert script.methods().count("task.get_status") < 20


def watched() -> Tape:
    """A client that waits for events while it changes a VM, and is told of the change."""
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    started = talk.now_us
    talk.call("event.from", TOKEN, ["VM"], "t1", 30.0, value=batch("t2", []))
    talk.call("event.from", TOKEN, ["VM"], "t2", 30.0, value=batch("t3", [event(VM)]), ms=50)
    talk.now_us = started + 2_000
    talk.call("VM.set_name_description", TOKEN, VM, "x")
    talk.now_us = started + 100_000
    talk.call("VM.get_name_description", TOKEN, VM, value="x")
    return Tape(talk.exchanges)


def event(ref: str) -> Value:
    return {
        "id": "1",
        "timestamp": "0.0",
        "class": "vm",
        "operation": "mod",
        "ref": ref,
        "snapshot": {"name_label": "a"},
    }


def batch(token: str, events: list[Value]) -> Value:
    return {"events": events, "valid_ref_counts": {}, "token": token}


def test_an_event_is_waited_for_while_the_session_goes_on(host: ByteHost) -> None:
    changed = threading.Event()

    def answer(request: Request) -> Value | tuple[str, ...]:
        if request.method == "event.from":
            # As a host does, it waits for something to happen.
            return batch("n2", [event(NEW)]) if changed.wait(5) else batch("n1", [])
        if request.method == "VM.set_name_description":
            changed.set()
            return ""
        if request.method == "VM.get_name_description":
            return "x"
        return "T-new" if request.method.endswith("password") else [NEW]

    script = Scripted(host, answer)
    report = replay(watched(), host.url)
    assert told(report) == []
    assert script.methods()[-2:] == ["VM.get_name_description", "session.logout"]


def test_events_are_asked_for_with_the_newest_token_until_they_have_come(host: ByteHost) -> None:
    answers: dict[str, list[Value]] = {
        "session.login_with_password": ["T-new"],
        "VM.get_by_name_label": [[NEW]],
        "event.from": [
            batch("n1", []),
            batch("n2", [event("OpaqueRef:" + TOKEN)]),
            batch("n3", [event(NEW)]),
        ],
        "VM.get_name_description": ["x"],
    }
    script = Scripted.of(host, answers)
    assert told(replay(watched(), host.url)) == []
    tokens = [each.params[2] for each in script.asked if each.method == "event.from"]
    assert tokens == ["t2", "n1", "n2"]


def test_an_event_that_never_comes_is_a_difference(host: ByteHost) -> None:
    answers: dict[str, list[Value]] = {
        "session.login_with_password": ["T-new"],
        "VM.get_by_name_label": [[NEW]],
        "event.from": [batch("n1", [])],
        "VM.get_name_description": ["x"],
    }
    Scripted.of(host, answers)
    report = replay(watched(), host.url, wait_s=0.1)
    assert told(report) == [
        "#4 event.from different: the event mod vm VM guest002 never came",
    ]


def two_sessions() -> Tape:
    """Two clients, one call each in turn, that change and look at one VM, and at nothing in common."""
    talk = Talk()
    other = TOKEN.replace("68e3", "ffff")
    for token in (TOKEN, other):
        talk.login(token)
        talk.call("VM.get_by_name_label", token, "guest002", value=[VM])
    for number in range(5):
        talk.call("VM.set_name_description", TOKEN, VM, str(number))
        talk.call("VM.get_name_description", other, VM, value=str(number))
        talk.call("host.get_all", TOKEN, value=[])
    return Tape(talk.exchanges)


def stateful(host: ByteHost) -> Scripted:
    """A host that keeps a description."""
    kept = [""]

    def answer(request: Request) -> Value | tuple[str, ...]:
        if request.method == "VM.set_name_description":
            kept[0] = str(request.params[2])
            return ""
        return {
            "session.login_with_password": f"T-{len(script.asked)}",
            "VM.get_by_name_label": [NEW],
            "VM.get_name_description": kept[0],
            "host.get_all": [],
        }.get(request.method, "")

    script = Scripted(host, answer)
    return script


@pytest.mark.parametrize("concurrency", [1, 2, 16])
def test_the_order_on_an_object_is_kept_over_sessions_and_connections(
    host: ByteHost, concurrency: int
) -> None:
    script = stateful(host)
    report: Report = replay(two_sessions(), host.url, pace=Pace(concurrency=concurrency, timeout_s=5.0))
    assert told(report) == []
    about = [each.method for each in script.asked if "description" in each.method]
    assert about == ["VM.set_name_description", "VM.get_name_description"] * 5


def test_what_changes_the_host_is_not_sent_on_a_guess(host: ByteHost) -> None:
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_all", TOKEN, value=[VM, MADE])
    talk.call("VM.get_power_state", TOKEN, VM, value="Running")
    talk.call("VM.pause", TOKEN, VM)
    answers: dict[str, list[Value]] = {
        "session.login_with_password": ["T-new"],
        "VM.get_all": [[NEW, OTHER_MADE]],
        "VM.get_power_state": ["Running"],
    }
    script = Scripted.of(host, answers)
    report = replay(Tape(talk.exchanges), host.url)
    assert told(report) == []
    reason = report.results[3].not_sent
    assert reason is not None
    assert reason.text.startswith("only its position tells which ")
    assert "VM.pause" not in script.methods()
    named = Tape(talk.exchanges)
    assert told(replay(named, host.url, explicit={VM: NEW})) == []
    assert next(each for each in script.asked if each.method == "VM.pause").params == ("T-new", NEW)
