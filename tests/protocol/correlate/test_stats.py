"""Counts and times, and what could be spared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.talk import Talk
from xraytap.protocol.call import Message
from xraytap.protocol.correlate.chatter import Advice, Chatter
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.correlate.stats import SLOWEST, Stats, percentile
from xraytap.protocol.datamodel import load


def stats_of(talk: Talk, by: str = "method") -> Stats:
    sessions = Sessions()
    found = Stats(sessions, by)
    talk.feed(sessions, found)
    return found


def advice(talk: Talk, api: str = "xapi") -> list[Advice]:
    sessions = Sessions()
    found = Chatter(sessions, load(api), talk.exchange)
    talk.feed(sessions, found)
    assert found.advice() == found.advice()
    return found.advice()


@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_with_that_share_below(values: list[int], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(each <= found for each in values) * 100 >= percent * len(values)


def test_methods_originators_and_slowest() -> None:
    talk = Talk()
    token = talk.login(originator="XenCenter")
    for ms in range(1, 21):
        talk.call("VM.get_all", token, value=[], ms=ms)
    talk.refused("VM.start", token, "v", False, error=["VM_BAD_POWER_STATE", "v", "a", "b"])
    talk.call("Async.VM.start", token, "v", False, value="t")
    talk.call("system.listMethods", value=[])
    found = stats_of(talk)
    group = found.methods["VM.get_all"]
    assert (group.calls, group.errors) == (20, 0)
    assert group.percentiles_ms() == (10, 18, 20, 20)
    assert found.methods["VM.start"].errors == 1
    assert found.methods["VM.start"].codes == {"VM_BAD_POWER_STATE": 1}
    assert "Async.VM.start" in found.methods
    assert {name: each.calls for name, each in found.originators.items()} == {"XenCenter": 22, "127.0.0.1": 2}
    assert found.total.calls == 24
    assert [row.elapsed_ms for row in found.slowest] == list(range(20, 20 - SLOWEST, -1))
    assert group.request_bytes == sum(len(each.request.body) for each in talk.exchanges[1:21])


def test_no_answered_call_has_no_percentiles() -> None:
    talk = Talk()
    talk.unanswered("VM.get_all", "t")
    assert stats_of(talk).methods["VM.get_all"].percentiles_ms() is None


def test_getters_in_a_row() -> None:
    talk = Talk()
    token = talk.login()
    for number in range(12):
        talk.call("VM.get_name_label", token, f"R{number}", value="n")
        talk.call("VM.get_power_state", token, f"R{number}", value="Running")
    (found,) = advice(talk)
    assert found.kind == "n+1"
    assert found.text.startswith("VM.get_name_label, VM.get_power_state: 24 calls for 12 objects in 0.0 s")
    assert found.text.endswith("one VM.get_all_records would do")
    assert (found.first_seq, found.last_seq, found.calls) == (2, 25, 24)


def test_few_getters_or_getters_between_changes_are_no_matter() -> None:
    talk = Talk()
    token = talk.login()
    for number in range(12):
        talk.call("VM.get_name_label", token, f"R{number}", value="n")
        talk.call("VM.start", token, f"R{number}", False)
    assert advice(talk) == []


def test_the_same_question_again() -> None:
    talk = Talk()
    token = talk.login()
    for _ in range(6):
        talk.call("VM.get_all", token, value=["R"])
    (found,) = advice(talk)
    assert (found.kind, found.calls) == ("repeated", 6)
    assert found.text == "VM.get_all: asked 6 times, always the same answer; ask once and keep it"


@pytest.mark.parametrize(
    ("method", "hint"),
    [
        ("VM.get_power_state", "event.from would tell of changes"),
        ("task.get_status", "event.from on task tells when"),
    ],
)
def test_polling_with_its_pace(method: str, hint: str) -> None:
    talk = Talk()
    token = talk.login()
    for number in range(8):
        talk.call(method, token, "R", value="a" if number < 7 else "b", pause_ms=999)
    (found,) = advice(talk)
    assert found.kind == "polling"
    assert f"{method}: asked 8 times every 1.0 s, the answer changed once; {hint}" in found.text


def test_xend_has_no_events_for_what_is_polled_there() -> None:
    talk = Talk()
    token = talk.login()
    for _ in range(8):
        talk.call("VM.get_power_state", token, "R", value="Running", pause_ms=999)
    (found,) = advice(talk, "xend")
    assert found.text == "VM.get_power_state: asked 8 times every 1.0 s, always the same answer"


def test_an_answer_that_changes_is_not_to_be_kept() -> None:
    talk = Talk()
    token = talk.login()
    for number in range(8):
        talk.call("VM.get_power_state", token, "R", value=str(number))
    (found,) = advice(talk, "xend")
    assert found.text == "VM.get_power_state: asked 8 times, the answer changed 7 times"


def test_the_same_getters_again_and_again_are_one_advice() -> None:
    talk = Talk()
    token = talk.login()
    for _ in range(3):
        for number in range(12):
            talk.call("VM.get_name_label", token, f"R{number}", value="n")
        talk.call("VM.add_tags", token, "R1", "x")
    (found,) = advice(talk)
    assert found.text == (
        "VM.get_name_label: 36 calls for 3 rounds of objects in 0.0 s; one VM.get_all_records a round would do"
    )


@pytest.mark.parametrize("method", ["VM.get_possible_hosts", "event.get_record", "nosuch.get_it"])
def test_what_no_record_holds_must_be_asked_one_by_one(method: str) -> None:
    talk = Talk()
    token = talk.login()
    for number in range(12):
        talk.call(method, token, f"R{number}", value="n")
    assert advice(talk, "xend" if method.startswith("event") else "xapi") == []


def test_a_host_that_refuses_get_all_records_is_not_recommended_it() -> None:
    talk = Talk()
    token = talk.login()
    talk.refused("VM.get_all_records", token, error=["INTERNAL_ERROR", "xenapi"])
    for number in range(12):
        talk.call("VM.get_name_label", token, f"R{number}", value="n")
    assert advice(talk) == []


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "method",
            {"session.login_with_password": 1, "VM.get_all": 1, "VM.start": 1, "event.next": 1, "(http)": 1},
        ),
        ("class", {"session": 1, "VM": 2, "event": 1, "(http)": 1}),
        ("outcome", {"success": 4, "failure": 1}),
        ("error", {"(success)": 4, "NO": 1}),
        ("session", {"(none)": 2, "T1": 3}),
        ("user", {"(unknown)": 2, "root": 3}),
        ("originator", {"xe": 3, "127.0.0.1": 2}),
        ("client", {"127.0.0.1": 5}),
        ("connection", {"1": 5}),
        ("protocol", {"xmlrpc": 4, "http": 1}),
    ],
)
def test_calls_may_be_grouped_by(by: str, expected: dict[str, int]) -> None:
    talk = Talk()
    token = talk.login(originator="xe")
    talk.call("VM.get_all", token, value=[])
    talk.refused("VM.start", token, error=["NO"])
    talk.call("event.next", token, value=[], ms=30_000)
    talk.call("", value=[])
    talk.exchanges[-1] = replace(
        talk.exchanges[-1], request=Message(head=b"GET / HTTP/1.1\r\n\r\n", body=b"", size=0)
    )
    found = stats_of(talk, by)
    assert {name: each.calls for name, each in found.groups.items()} == expected
    assert "event.next" not in [row.method for row in found.slowest]
    assert found.total.percentiles_ms() == (1, 1, 1, 1)
    assert found.methods["event.next"].percentiles_ms() == (30_000,) * 4


def test_a_call_that_was_never_answered_has_no_time() -> None:
    talk = Talk()
    talk.unanswered("VM.get_all", "t")
    talk.exchanges[-1] = replace(talk.exchanges[-1], elapsed_us=5_000_000)
    assert stats_of(talk).slowest == []


def test_clients_that_log_in_by_themselves_cannot_share_a_session() -> None:
    talk = Talk()
    for number in range(6):
        talk.client = f"10.0.0.{number}:5000"
        token = talk.login(f"T{number}")
        talk.call("VM.add_tags", token, "R", "x")
    assert advice(talk) == []


def test_questions_of_several_sessions_are_not_taken_for_the_same() -> None:
    talk = Talk()
    for name in ("A", "B"):
        token = talk.login(name)
        for _ in range(6):
            talk.call("VM.get_all", token, value=["R"])
    (found,) = advice(talk)
    assert found.text.startswith("VM.get_all (2 questions of 2 sessions): asked 12 times, always")


def test_a_connection_for_every_call() -> None:
    talk = Talk()
    token = talk.login()
    for number in range(12):
        talk.connection = number + 1
        talk.call("VM.add_tags", token, "R", str(number))
    assert [each.text for each in advice(talk)] == [
        "127.0.0.1: 12 connections for 13 calls; keep-alive would spare most"
    ]


def test_a_login_for_every_call() -> None:
    talk = Talk()
    for number in range(6):
        token = talk.login(f"T{number}")
        talk.call("VM.add_tags", token, "R", "x")
        talk.call("session.logout", token)
    (found,) = advice(talk)
    assert (found.kind, found.calls) == ("sessions", 18)
    assert found.text == "6 sessions of at most 3 calls (root from 127.0.0.1); one login would do for all"
