"""The golden as a host, no socket: what matches, what is refused, and that symbols stay consistent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.symbolic import ANY
from tests.playback.host import Host, golden_of_calls
from xraytap.playback import responder
from xraytap.playback.order import Mode
from xraytap.playback.responder import NO_MATCH, Played
from xraytap.protocol.golden import Join, Symbol, leaves
from xraytap.protocol.values import I4, Bare, Struct, wire_type

SESSION = """
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- VM.get_all: [!session s1]
  answer: [!ref VM.1, !ref VM.2]
- VM.get_power_state: [!session s1, !ref VM.2]
  answer: Running
- VM.get_power_state: [!session s1, !ref VM.2]
  answer: Paused
- VM.start: [!session s1, !ref VM.2, false]
  fails: [VM_BAD_POWER_STATE, !ref VM.2, Halted, Running]
- VM.set_memory: [!session s1, !ref VM.1, {min: 1, max: "2"}]
  answer: ""
- VM.get_record: [!session s1, !ref VM.9]
  fails: [HANDLE_INVALID, VM, !ref VM.9]
- VM.get_all_records: [!session s1]
  answer: {!ref VM.1: {uuid: !uuid VM.1}}
- host.crash: [!session s1]
  no-answer: it went away
- host.page: [!session s1]
  http: 503
  body: busy
- host.fault: [!session s1]
  fault: [1, odd]
- session.get_this: [!session s1]
  answer: !session s1
- xend.domain: [a]
  plain: [1, two]
- session.logout: [!session s1]
  answer: ""
"""


@pytest.fixture
def host() -> Host:
    return Host(golden_of_calls(SESSION))


@pytest.fixture
def token(host: Host) -> str:
    return str(host.ask("session.login_with_password", "root", "anything"))


def test_symbols_are_fresh_and_consistent(host: Host, token: str) -> None:
    assert token == "session-1"
    first, second = host.ask("VM.get_all", token)
    assert (first, second) == ("ref-2", "ref-3")
    assert host.ask("VM.get_all", token) == [first, second]
    assert host.ask("VM.start", token, second, False) == ["VM_BAD_POWER_STATE", second, "Halted", "Running"]
    assert host.ask("VM.get_all_records", token) == {first: {"uuid": "uuid-4"}}


def test_repeated_calls_get_their_answers_in_order_then_the_last_again(host: Host, token: str) -> None:
    guest = host.ask("VM.get_all", token)[1]
    assert [host.ask("VM.get_power_state", token, guest) for _ in range(4)] == [
        "Running", "Paused", "Paused", "Paused",
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ["nope", "", 5, None], ids=repr)
def test_a_session_that_nobody_opened_is_refused(host: Host, bad: Any) -> None:
    assert host.ask("VM.get_all", bad) == ["SESSION_INVALID", bad if isinstance(bad, str) else ""]


def test_a_reference_is_no_session(host: Host, token: str) -> None:
    guest = host.ask("VM.get_all", token)[0]
    assert host.ask("VM.get_all", guest) == ["SESSION_INVALID", guest]


def test_after_logout_the_session_is_refused_and_a_new_login_works(host: Host, token: str) -> None:
    guests = host.ask("VM.get_all", token)
    assert host.ask("session.logout", token) == ""
    assert host.ask("VM.get_all", token) == ["SESSION_INVALID", token]
    again = host.ask("session.login_with_password", "root", "x")
    assert again != token
    assert host.ask("VM.get_all", again) == guests


def test_a_login_accepts_any_credentials_and_any_count(host: Host) -> None:
    one = host.ask("session.login_with_password", "somebody", "x")
    two = host.ask("session.login_with_password", "root", "x", "1.0", "me")
    assert one != two
    assert host.ask("VM.get_all", one) == host.ask("VM.get_all", two)
    assert host.ask("session.get_this", one) == one
    assert host.ask("session.get_this", two) == two


@pytest.mark.parametrize(
    "value",
    [
        {"max": "2", "min": 1},
        {"max": Bare("2"), "min": I4(1)},
        Struct((("max", "2"), ("min", 1))),
    ],
    ids=["order", "spelling of types", "pairs"],
)
def test_matches_by_meaning(host: Host, token: str, value: Any) -> None:
    first = host.ask("VM.get_all", token)[0]
    assert host.ask("VM.set_memory", token, Bare(first), value) == ""


@pytest.mark.parametrize(
    ("value", "difference"),
    [
        ({"max": 2, "min": 1}, "parameter 3.max is string '2' there, int 2 here"),
        ({"max": "2"}, "parameter 3.min is 1 there, not here"),
        ({"max": "2", "min": True}, "3.min is int 1 there, boolean true here"),
        ({"max": "2", "min": 1, "more": ""}, "3.more is not there, '' here"),
    ],
    ids=["number for text", "a member less", "boolean for number", "a member more"],
)
def test_another_meaning_does_not_match(host: Host, token: str, value: Any, difference: str) -> None:
    first = host.ask("VM.get_all", token)[0]
    code, method, reason = host.ask("VM.set_memory", token, first, value)
    assert (code, method) == (NO_MATCH, "VM.set_memory")
    assert "recorded call 6" in reason
    assert difference in reason


def test_no_match_names_the_nearest_call_and_how_it_differs(host: Host, token: str) -> None:
    first, guest = host.ask("VM.get_all", token)
    assert host.ask("VM.start", token, guest, True)[2] == (
        "nearest is recorded call 5: parameter 3 (start_paused) is false there, true here"
    )
    assert "!ref VM.2 there, !ref VM.1 here" in host.ask("VM.start", token, first, False)[2]
    assert "3 parameters, this call 2" in host.ask("VM.start", token, guest)[2]
    assert host.ask("VM.strat", token, guest)[2] == "the golden has no VM.strat; nearest by name is VM.start"
    assert [each.method for each in host.responder.unmatched] == ["VM.start"] * 3 + ["VM.strat"]


def test_a_golden_without_calls_says_so() -> None:
    assert Host(golden_of_calls(" []")).ask("xend.x")[2] == "the golden has no calls at all"


def test_a_reference_from_elsewhere_is_bound_once(host: Host, token: str) -> None:
    stale = "00000000-dead-beef-0000-000000000000"
    assert host.ask("VM.get_record", token, stale) == ["HANDLE_INVALID", "VM", stale]
    assert host.ask("VM.get_record", token, stale) == ["HANDLE_INVALID", "VM", stale]
    assert host.ask("VM.get_record", token, stale.replace("dead", "0bad"))[0] == NO_MATCH
    assert host.ask("VM.get_record", token, "no reference")[0] == NO_MATCH


def test_a_secret_is_anything_inside_a_record_too() -> None:
    host = Host(golden_of_calls("\n- xend.set: [{name: a, pwd: !secret pwd}, [!secret x]]\n  plain: done\n"))
    assert host.ask("xend.set", {"pwd": "other", "name": "a"}, ["y"]) == "done"
    reason = host.ask("xend.set", {"pwd": "other", "name": "b"}, ["y"])[2]
    assert "parameter 1.name is 'a' there, 'b' here" in reason
    assert "pwd" not in reason
    assert "parameter 2" not in reason
    assert host.ask("xend.set", {"pwd": "other"}, ["y"])[0] == NO_MATCH


def test_what_is_no_answer_is_played_too(host: Host, token: str) -> None:
    assert host.send("host.crash", token) == Played(closes=True, seq=9, stays=True)
    assert host.send("host.page", token) == Played(http_status=503, page="busy", seq=10, stays=True)
    fault = host.ask("host.fault", token)
    assert (fault.code, fault.string) == (1, "odd")
    assert host.ask("xend.domain", "a") == [1, "two"]


def test_unused_calls_are_told_with_their_numbers(host: Host, token: str) -> None:
    host.ask("VM.get_all", token)
    assert [seq for seq, _ in host.responder.unused()] == list(range(3, 15))


def test_bare_strings_are_written_bare_and_marked_ones_typed() -> None:
    calls = "\n- session.login_with_password: [a, b]\n  answer: !session s1\n"
    calls += "- xend.x: []\n  plain: [one, !string two]\n"
    host = Host(golden_of_calls(calls, "strings: bare\n"))
    response = host.send("session.login_with_password", "a", "b").response
    assert response is not None
    assert [wire_type(each) for each in response.value.values()] == ["untyped"] * 2  # type: ignore[union-attr]
    assert host.ask("xend.x") == ["one", "two"]
    assert [wire_type(each) for each in host.ask("xend.x")] == ["untyped", "string"]
    failure = host.send("VM.x", "nope").response
    assert failure is not None
    assert wire_type(failure.value["Status"]) == "untyped"  # type: ignore[index,call-overload]


METHODS = st.one_of(
    st.sampled_from([
        "session.login_with_password", "session.logout", "VM.get_all", "VM.start", "VM.set_memory", "VM_start",
        "VM.get_record", "Async.VM.start", "xend.domain", "system.listMethods", "batch", ".", "",
    ]),
    st.text(max_size=20),
)  # fmt: skip
WIRE = ANY.filter(lambda value: not any(isinstance(leaf, Symbol | Join) for leaf in leaves(value)))
PARAMS = st.lists(st.sampled_from(["session-1", "ref-2", "nobody", ""]) | WIRE, max_size=4).map(tuple)


@given(
    mode=st.sampled_from(Mode),
    asked=st.lists(st.tuples(METHODS, PARAMS), max_size=6),
    head=st.sampled_from(["", "strings: bare\n", "protocol: jsonrpc\n"]),
    protocol=st.sampled_from(["xmlrpc", "jsonrpc"]),
)
def test_whatever_is_asked_gets_an_answer(mode: Mode, asked: list[Any], head: str, protocol: str) -> None:
    host = Host(golden_of_calls(SESSION, head), protocol=protocol, mode=mode)
    host.login()
    for method, params in asked:
        played = host.send(method, *params)
        assert (played.response is None) == (played.closes or played.http_status != 200)
        assert (played.miss is None) or played.seq is None
    assert host.responder.missed == len(host.responder.unmatched)


def test_misses_are_counted_beyond_those_that_are_kept(
    host: Host, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responder, "_KEPT", 2)
    for _ in range(3):
        host.ask("VM.get_nothing", token)
    assert (len(host.responder.unmatched), host.responder.missed) == (2, 3)
