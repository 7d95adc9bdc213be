"""Sessions: login, use, logout, leak, expiry."""

from __future__ import annotations

from dataclasses import replace

from tests.recorded import FOLDERS, exchanges
from tests.talk import Talk
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.sessions import SessionEnd, Sessions
from xraytap.protocol.summary import decode_exchange, quick_row


def read(talk: Talk) -> Sessions:
    found = Sessions()
    talk.feed(found)
    return found


def test_a_session_that_was_logged_out() -> None:
    talk = Talk()
    token = talk.login(user="root", originator="xe")
    talk.call("VM.get_all", token, value=[])
    talk.refused("VM.start", token, "vm", False, error=["VM_BAD_POWER_STATE", "vm", "Halted", "Running"])
    end = talk.call("session.logout", token)
    (session,) = read(talk)
    assert (session.number, session.user, session.originator) == (1, "root", "xe")
    assert (session.login_seq, session.first_seq, session.last_seq, session.logout_seq) == (1, 1, end, end)
    assert (session.calls, session.failures, session.after_end) == (3, 1, 0)
    assert session.end is SessionEnd.LOGGED_OUT
    assert session.clients == {"127.0.0.1"}


def test_a_session_that_leaks() -> None:
    talk = Talk()
    talk.call("VM.get_all", talk.login(), value=[])
    (session,) = read(talk)
    assert session.end is SessionEnd.LEAKED
    assert session.ended_seq is None


def test_a_session_that_expired_and_is_used_on() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("VM.get_all", token, value=[])
    at = talk.refused("VM.get_all", token, error=["SESSION_INVALID", token])
    talk.refused("VM.get_all", token, error=["SESSION_INVALID", token])
    (session,) = read(talk)
    assert session.end is SessionEnd.EXPIRED
    assert (session.expired_seq, session.ended_seq, session.after_end) == (at, at, 1)


def test_use_after_logout() -> None:
    talk = Talk()
    token = talk.login()
    end = talk.call("session.logout", token)
    talk.refused("VM.get_all", token, error=["SESSION_INVALID", token])
    (session,) = read(talk)
    assert session.end is SessionEnd.LOGGED_OUT
    assert (session.ended_seq, session.after_end) == (end, 1)


def test_a_session_from_before_the_capture() -> None:
    talk = Talk()
    talk.call("VM.get_all", "older", value=[])
    (session,) = read(talk)
    assert session.end is SessionEnd.FOREIGN
    assert session.user is None


def test_a_session_from_before_the_capture_that_expired() -> None:
    talk = Talk()
    talk.refused("VM.start", "older", "vm", False, error=["VM_BAD_POWER_STATE", "vm", "Halted", "Running"])
    at = talk.refused("VM.get_all", "older", error=["SESSION_INVALID", "older"])
    (session,) = read(talk)
    assert (session.end, session.expired_seq) == (SessionEnd.EXPIRED, at)


def test_a_call_that_waits_for_its_answer_has_not_failed() -> None:
    talk = Talk()
    token = talk.login()
    talk.unanswered("event.next", token)
    talk.exchanges[-1] = replace(talk.exchanges[-1], error=None)
    (session,) = read(talk)
    assert (session.calls, session.failures) == (1, 0)


def test_logins_that_were_refused() -> None:
    talk = Talk()
    talk.refused("session.login_with_password", "eve", "<redacted>", error=["SESSION_AUTHENTICATION_FAILED"])
    found = read(talk)
    assert len(found) == 0
    assert found.refused == [(1, "eve", "SESSION_AUTHENTICATION_FAILED")]


def test_a_login_without_its_answer_begins_no_session() -> None:
    talk = Talk()
    talk.unanswered("session.login_with_password", "root", "<redacted>")
    assert read(talk).refused == [(1, "root", "no-response")]


def test_the_recorded_traffic() -> None:
    ends = {}
    for folder in FOLDERS:
        made = exchanges(folder)
        found = Sessions()
        rows = (quick_row(each, capture=folder, seq=number) for number, each in enumerate(made, 1))
        feed(rows, lambda seq, made=made: decode_exchange(made[seq - 1]), found)  # type: ignore[misc]
        ends[folder] = [(each.end.value, each.calls, each.failures) for each in found], found.without
    assert ends == {
        "http10-example-session": ([("logged out", 11, 1)], 0),
        "py27-example-session": ([("logged out", 11, 1)], 0),
        "py27-legacy": ([], 14),
        "py27-survey": ([("leaked", 113, 20)], 0),
        "py27-unix-socket": ([("logged out", 11, 1)], 0),
        "py3-xenapi": ([("logged out", 14, 4)], 0),
        "raw-requests": ([("refused", 2, 2), ("from before", 1, 1)], 6),
    }


def test_a_token_that_a_login_gives_again_is_another_session() -> None:
    talk = Talk()
    for _ in range(2):
        talk.login("T")
        talk.call("VM.get_all", "T", value=[])
        talk.call("session.logout", "T")
    found = read(talk)
    assert [(each.number, each.login_seq, each.logout_seq, each.after_end) for each in found] == [
        (1, 1, 3, 0),
        (2, 4, 6, 0),
    ]
    assert len(found) == 2
