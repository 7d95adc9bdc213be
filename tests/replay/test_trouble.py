"""Hosts that die, hang, end sessions or send to another, in the middle of a replay."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from tests.replay.hosts import Tape, engine, playback, replay, told
from tests.replay.scripted import Scripted
from tests.talk import Talk
from xraytap.errors import PeerError
from xraytap.replay.plan import Why
from xraytap.replay.runner import Pace, Runner
from xraytap.replay.target import parse_target
from xraytap.replay.verdict import Result, Verdict

if TYPE_CHECKING:
    from tests.tap.peers import ByteHost
    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value

TOKEN = "68e3a009-0249-725b-246b-7fc43cf4f154"
VM = "b28e4ee3-216f-fa85-9cae-615e954dbbe7"


def tape() -> Tape:
    """A login and nine times the same question."""
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    for _ in range(8):
        talk.call("VM.get_power_state", TOKEN, VM, value="Running")
    return Tape(talk.exchanges)


def usual(request: Request) -> Value:
    """What a host in order answers."""
    return {
        "session.login_with_password": "T-new",
        "VM.get_by_name_label": ["0" * 8 + VM[8:]],
        "VM.get_power_state": "Running",
    }.get(request.method, "")


def test_a_host_that_dies_in_the_middle_leaves_a_report_of_what_was_sent(host: ByteHost) -> None:
    def answer(request: Request) -> Value | tuple[str, ...]:
        if len(script.asked) == 5:
            host.close()
            return None
        return usual(request)

    script = Scripted(host, answer)
    report = replay(tape(), host.url)
    assert not report.reached
    verdicts = [each.verdict for each in report.results]
    assert verdicts[:4] == [Verdict.SAME] * 4
    assert verdicts[5:] == [Verdict.NOT_SENT] * 5
    reason = report.results[-1].not_sent
    assert reason is not None
    assert reason.why is Why.STOPPED
    assert "refused: nothing listens there" in reason.text
    assert report.findings[0].changes == (
        "success became no answer (the host closed the connection without an answer)",
    )


def test_a_host_that_is_not_there_at_all_is_an_error(host: ByteHost) -> None:
    host.close()
    with pytest.raises(PeerError, match="nothing listens there"):
        replay(tape(), host.url)


def test_a_host_that_hangs_is_given_up_after_three_silent_calls(host: ByteHost) -> None:
    done = threading.Event()

    def answer(request: Request) -> Value | tuple[str, ...]:
        if len(script.asked) < 4:
            return usual(request)
        done.wait(10)
        return None

    script = Scripted(host, answer)
    report = replay(tape(), host.url, pace=Pace(timeout_s=0.15))
    done.set()
    assert [each.verdict for each in report.results[3:6]] == [Verdict.ERROR_CHANGED] * 3
    assert report.results[3].changes == ("success became no answer (no answer within 0.15 s)",)
    assert [each.verdict for each in report.results[6:]] == [Verdict.NOT_SENT] * 4


def test_a_session_that_the_host_ends_is_logged_in_again_once(host: ByteHost) -> None:
    tokens = iter(["T-one", "T-two", "T-three"])

    def answer(request: Request) -> Value | tuple[str, ...]:
        if request.method == "session.login_with_password":
            return next(tokens)
        if request.session == "T-one" and len(script.asked) > 5:
            return ("SESSION_INVALID", "T-one")
        return usual(request)

    script = Scripted(host, answer)
    report = replay(tape(), host.url)
    assert told(report) == []
    assert report.remarks == ("call 6: the host ended the session (SESSION_INVALID); logged in again, once",)
    assert script.methods().count("session.login_with_password") == 2
    assert {each.session for each in script.asked[7:]} == {"T-two"}


def test_a_session_that_the_host_ends_twice_is_not_logged_in_a_third_time(host: ByteHost) -> None:
    def answer(request: Request) -> Value | tuple[str, ...]:
        if request.method == "VM.get_power_state" and len(script.asked) > 5:
            return ("SESSION_INVALID", str(request.session))
        return usual(request)

    script = Scripted(host, answer)
    report = replay(tape(), host.url)
    assert script.methods().count("session.login_with_password") == 2
    assert {each.verdict for each in report.findings} == {Verdict.ERROR_CHANGED}
    assert report.findings[0].changes == ("success became failure SESSION_INVALID T-new",)


def test_a_member_of_a_pool_is_told_apart_and_not_followed(host: ByteHost) -> None:
    script = Scripted(host, lambda _: ("HOST_IS_SLAVE", "192.0.2.7"))
    report = replay(tape(), host.url)
    assert script.methods() == ["session.login_with_password"]
    assert len(report.remarks) == 1
    assert "its coordinator is 192.0.2.7" in report.remarks[0]
    assert "--follow-master" in report.remarks[0]
    assert {each.not_sent.why for each in report.results if each.not_sent} == {Why.STOPPED}


def test_a_coordinator_is_followed_where_that_is_asked_for(host: ByteHost) -> None:
    named = iter([("HOST_IS_SLAVE", "localhost")])
    script = Scripted(host, lambda request: next(named, None) or usual(request))
    report = replay(tape(), host.url, follow_master=True)
    assert told(report) == []
    assert report.remarks == ("the host is a member of a pool; going on with its coordinator localhost",)
    assert script.methods()[:3] == ["session.login_with_password"] * 2 + ["VM.get_by_name_label"]


def test_a_login_that_the_host_refuses_stops_the_calls_of_its_session(host: ByteHost) -> None:
    script = Scripted(host, lambda _: ("SESSION_AUTHENTICATION_FAILED", "root"))
    report = replay(tape(), host.url)
    assert script.methods() == ["session.login_with_password"]
    reason = report.results[-1].not_sent
    assert reason is not None
    assert reason.text == "its login failed: failure SESSION_AUTHENTICATION_FAILED root"


def test_a_changing_call_without_an_answer_is_sent_once(host: ByteHost) -> None:
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    talk.call("VM.pause", TOKEN, VM)
    recorded = Tape(talk.exchanges)

    def answer(request: Request) -> Value | tuple[str, ...]:
        return None if request.method == "VM.pause" else usual(request)

    script = Scripted(host, answer)
    report = replay(recorded, host.url)
    assert script.methods().count("VM.pause") == 1
    assert told(report) == [
        "#3 VM.pause error class changed: success became no answer (the host closed the connection without an answer)"
    ]


def test_a_session_left_open_by_the_recording_is_closed_on_the_host(host: ByteHost) -> None:
    script = Scripted(host, usual)
    replay(tape(), host.url)
    assert (script.asked[-1].method, script.asked[-1].params) == ("session.logout", ("T-new",))


def test_a_wish_to_end_stops_the_replay_with_the_report_so_far() -> None:
    recorded = Tape(exchanges("py27-example-session"), "wished")
    seen: list[int] = []
    with playback(recorded.golden()) as made:
        runner = Runner(
            engine(recorded),
            parse_target(made.url),
            Pace(speed=0.000001, timeout_s=5.0),
            on_result=lambda result: seen.append(result.step.seq),
            wished=lambda: bool(seen),
        )
        report = runner.run()
    assert report.results[0].verdict is Verdict.SAME
    reasons = {each.not_sent.text for each in report.results if each.not_sent is not None}
    assert reasons == {"the replay was interrupted"}
    assert report.took_s < 5


def test_a_call_that_takes_longer_than_asked_for_is_told(host: ByteHost) -> None:
    def answer(request: Request) -> Value | tuple[str, ...]:
        if len(script.asked) == 5:
            threading.Event().wait(0.4)  # the host's own time, not a wait for anything
        return usual(request)

    script = Scripted(host, answer)
    report = replay(tape(), host.url, slower=250.0)
    assert [each.step.seq for each in report.slower] == [5]
    assert [each.verdict for each in report.findings] == [Verdict.SAME]
    assert (report.slower[0].slower or 0) > 250


def test_a_session_of_a_replay_that_was_ended_is_logged_out(host: ByteHost) -> None:
    talk = Talk()
    talk.login(TOKEN)
    talk.call("VM.get_by_name_label", TOKEN, "guest002", value=[VM])
    talk.call("session.logout", TOKEN)
    script = Scripted(host, usual)
    recorded = Tape(talk.exchanges)
    made = engine(recorded)

    def end(result: Result) -> None:
        if result.step.seq == 2:
            made.stop("enough")

    report = Runner(made, parse_target(host.url), Pace(), on_result=end).run()
    assert report.results[2].not_sent is not None
    assert script.methods().count("session.logout") == 1
    again = Scripted(host, usual)
    replay(recorded, host.url)
    assert again.methods().count("session.logout") == 1
