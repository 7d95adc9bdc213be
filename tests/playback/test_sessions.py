"""Sessions as a host checks them: logins, tokens from elsewhere, tokens that are none, and after logout."""

from __future__ import annotations

import pytest

from tests.playback.host import Host, golden_of_calls
from xraytap.playback.responder import NO_MATCH

PART = """
- VM.get_all: [!session s1]
  answer: [!ref VM.1]
- VM.get_name_label: [!session s1, !ref VM.1]
  answer: web
"""
REFUSED = """
- session.login_with_password: [root, !secret pwd]
  fails: [SESSION_AUTHENTICATION_FAILED]
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- VM.get_all: [!session s2]
  fails: [SESSION_INVALID, !session s2]
- VM.get_all: [""]
  fails: [SESSION_INVALID, "", empty]
- VM.get_all: [!session s3]
  fails: [INTERNAL_ERROR, odd]
- VM.get_all: [!session s1]
  answer: []
- session.logout: [!session s1]
  answer: ""
- VM.get_all: [!session s1]
  fails: [SESSION_INVALID, !session s1, gone]
"""


def test_a_part_of_a_recording_takes_logins_and_logouts_that_it_does_not_have() -> None:
    host = Host(golden_of_calls(PART))
    token = host.login()
    assert host.ask("VM.get_all", token) == [host.made[-1]]
    assert host.ask("session.logout", token) == ""
    assert host.ask("VM.get_all", token) == ["SESSION_INVALID", token]
    assert host.responder.unmatched == []


def test_a_client_that_has_its_session_from_before_the_recording_goes_on_with_it() -> None:
    host = Host(golden_of_calls(PART))
    guest = host.ask("VM.get_all", "a token that was never given out")[0]
    assert host.ask("VM.get_name_label", "a token that was never given out", guest) == "web"
    assert host.ask("VM.get_name_label", "another token", guest) == ["SESSION_INVALID", "another token"]


def test_what_was_refused_is_refused_as_recorded() -> None:
    host = Host(golden_of_calls(REFUSED))
    assert host.ask("session.login_with_password", "root", "wrong") == ["SESSION_AUTHENTICATION_FAILED"]
    token = host.login()
    assert host.ask("VM.get_all", token) == []
    assert host.ask("VM.get_all", token) == []
    assert host.ask("VM.get_all", "made up") == ["SESSION_INVALID", "made up"]
    assert host.ask("VM.get_all", "") == ["SESSION_INVALID", "", "empty"]
    assert host.ask("VM.get_all", "caf\xe9") == ["INTERNAL_ERROR", "odd"]
    assert host.ask("session.logout", token) == ""
    assert host.ask("VM.get_all", token) == ["SESSION_INVALID", token, "gone"]
    assert host.responder.unused() == []
    assert host.responder.unmatched == []


def test_a_refused_token_gets_no_answers_of_another_session() -> None:
    host = Host(golden_of_calls(REFUSED + "- host.get_all: [!session s1]\n  answer: []\n"))
    assert host.ask("VM.get_all", "made up")[0] == "SESSION_INVALID"
    assert host.ask("host.get_all", "made up") == ["SESSION_INVALID", "made up"]


@pytest.mark.parametrize(
    ("sent", "accepted"),
    [(("admin", "right"), True), (("admin", "right", "1.0", "me"), True), (("admin", "wrong"), False),
     (("root", "right"), False), ((), False)],
)  # fmt: skip
def test_credentials_that_are_given_are_asked_for(sent: tuple[str, ...], accepted: bool) -> None:
    host = Host(golden_of_calls(PART), credentials=("admin", "right"))
    answer = host.ask("session.login_with_password", *sent)
    if accepted:
        assert answer == "session-1"
    else:
        assert answer == ["SESSION_AUTHENTICATION_FAILED", *sent[:1]]


def test_a_login_that_the_recording_has_only_as_refused_stays_refused() -> None:
    host = Host(
        golden_of_calls("\n- session.login_with_password: [root, !secret p]\n  fails: [HOST_IS_SLAVE, a]\n")
    )
    assert host.ask("session.login_with_password", "other", "x") == ["HOST_IS_SLAVE", "a"]
    assert host.ask("VM.get_all", "x")[0] == "SESSION_INVALID"
    assert host.ask("xend.domains")[0] == NO_MATCH


def test_a_uuid_from_a_configuration_is_the_recorded_one_until_playback_gives_out_its_own() -> None:
    calls = PART + "- VM.get_by_uuid: [!session s1, !uuid VM.1]\n  answer: !ref VM.1\n"
    known = "b28e4ee3-216f-fa85-9cae-615e954dbbe7"
    host = Host(golden_of_calls(calls))
    token = host.login()
    guest = host.ask("VM.get_by_uuid", token, known)
    assert host.ask("VM.get_all", token) == [guest]
    assert host.ask("VM.get_by_uuid", token, known) == guest
    assert host.ask("VM.get_by_uuid", token, known.replace("b", "c"))[0] == NO_MATCH
