"""Equal calls, modes, and sessions that each go through the recording by themselves."""

from __future__ import annotations

import pytest

from tests.playback.host import Host, golden_of_calls
from xraytap.playback.order import Mode
from xraytap.playback.responder import NO_MATCH

POLL = """
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- VM.get_power_state: [!session s1, !ref VM.1]
  answer: Halted
- VM.start: [!session s1, !ref VM.1, false, false]
  answer: ""
- VM.get_power_state: [!session s1, !ref VM.1]
  answer: Running
- session.logout: [!session s1]
  answer: ""
"""
TWO = """
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- host.get_all: [!session s1]
  answer: [one]
- session.login_with_password: [root, !secret pwd]
  answer: !session s2
- host.get_all: [!session s2]
  answer: [two]
- VM.get_all: [!session s1]
  answer: [only in the first]
"""
GUEST = "b28e4ee3-216f-fa85-9cae-615e954dbbe7"


def states(host: Host, token: str, times: int) -> list[str]:
    return [host.ask("VM.get_power_state", token, GUEST) for _ in range(times)]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.MATCH, ["Halted", "Running", "Running", "Running"]),
        (Mode.LOOP, ["Halted", "Running", "Halted", "Running"]),
    ],
)
def test_equal_calls_get_their_answers_in_order_and_then_as_the_mode_says(
    mode: Mode, expected: list[str]
) -> None:
    host = Host(golden_of_calls(POLL), mode=mode)
    assert states(host, host.login(), 4) == expected


def test_each_login_begins_the_recording_anew() -> None:
    host = Host(golden_of_calls(POLL))
    one, two = host.login(), host.login("somebody", "else")
    assert states(host, one, 2) == ["Halted", "Running"]
    assert states(host, two, 1) == ["Halted"]
    assert host.ask("session.logout", one) == ""
    assert states(host, two, 1) == ["Running"]
    assert states(host, host.login(), 1) == ["Halted"]


def test_logins_open_the_recorded_sessions_in_order_and_then_from_the_first_again() -> None:
    host = Host(golden_of_calls(TWO))
    assert [host.ask("host.get_all", host.login()) for _ in range(4)] == [["one"], ["two"], ["one"], ["two"]]


def test_a_call_that_another_session_made_is_answered_too() -> None:
    host = Host(golden_of_calls(TWO))
    host.login()
    assert host.ask("VM.get_all", host.login()) == ["only in the first"]


def test_strict_takes_the_recorded_order_and_nothing_else() -> None:
    host = Host(golden_of_calls(POLL), mode=Mode.STRICT)
    token = host.login()
    assert states(host, token, 1) == ["Halted"]
    code, method, reason = host.ask("VM.get_power_state", token, GUEST)
    assert (code, method) == (NO_MATCH, "VM.get_power_state")
    assert reason == "strict order: due is recorded call 3, VM.start; this one is recorded call 4"
    reason = host.ask("VM.start", token, GUEST, True, False)[2]
    assert reason == "strict order: recorded call 3: parameter 3 (start_paused) is false there, true here"
    assert host.ask("VM.pause", token, GUEST)[2] == "strict order: due is recorded call 3, VM.start"
    assert host.ask("VM.start", token, GUEST, False, False) == ""
    assert states(host, token, 1) == ["Running"]
    assert host.ask("session.logout", token) == ""
    assert host.responder.unused() == []
    assert len(host.responder.unmatched) == 3


def test_strict_ends_where_the_recording_ends() -> None:
    host = Host(golden_of_calls(TWO), mode=Mode.STRICT)
    host.login()
    second = host.login()
    assert host.ask("host.get_all", second) == ["two"]
    assert (
        host.ask("host.get_all", second)[2] == "strict order: this session has no more calls in the recording"
    )
    assert host.ask("session.login_with_password", "root", "x")[0] == NO_MATCH


def test_strict_keeps_order_within_a_session_and_leaves_it_free_between_them() -> None:
    host = Host(golden_of_calls(TWO), mode=Mode.STRICT)
    first, second = host.login(), host.login()
    assert host.ask("host.get_all", second) == ["two"]
    assert host.ask("host.get_all", first) == ["one"]
    assert host.ask("VM.get_all", first) == ["only in the first"]
    assert host.responder.unused() == []
