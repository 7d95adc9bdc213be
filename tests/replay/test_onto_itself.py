"""Everything recorded, replayed onto a playback of itself: no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.recorded import FOLDERS, exchanges
from tests.replay.hosts import Tape, playback, replay, told
from xraytap.replay.plan import Why
from xraytap.replay.runner import Pace
from xraytap.replay.verdict import Verdict

if TYPE_CHECKING:
    from xraytap.replay.report import Report

# What no client could send again, or what waits for something that never comes.
UNFIT = {"raw-requests": 6, "py27-survey": 1}


def unsent(report: Report) -> list[Why]:
    return [each.not_sent.why for each in report.results if each.not_sent is not None]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("concurrency", [1, 8])
def test_recorded_traffic_onto_itself_is_the_same(folder: str, concurrency: int) -> None:
    tape = Tape(exchanges(folder), folder)
    with playback(tape.golden()) as host:
        report = replay(tape, host.url, pace=Pace(concurrency=concurrency, timeout_s=5.0))
    assert told(report) == []
    assert unsent(report) == [Why.UNFIT] * UNFIT.get(folder, 0)
    assert report.counts[Verdict.SAME] + report.counts[Verdict.FOLLOWED] + len(unsent(report)) == len(
        report.results
    )


@pytest.mark.parametrize("recorded", ["xmlrpc", "jsonrpc"])
@pytest.mark.parametrize("spoken", [None, "xmlrpc", "jsonrpc"])
def test_a_conversation_with_xapi_is_the_same_over_either_protocol(recorded: str, spoken: str | None) -> None:
    tape = Tape(conversation(recorded).exchanges, "xapi")
    with playback(tape.golden()) as host:
        report = replay(tape, host.url, protocol=spoken)
    assert told(report) == []
    # The storage repository of VDI.create is never told by any answer.
    assert unsent(report) == [Why.NEEDS]
    assert report.counts[Verdict.FOLLOWED] > 0
    assert report.remarks == ()


def test_the_recorded_pace_is_kept() -> None:
    found = exchanges("py27-example-session")
    tape = Tape(found, "paced")
    with playback(tape.golden()) as host:
        report = replay(tape, host.url, pace=Pace(speed=0.00006, timeout_s=5.0))
    # The recordings are a microsecond apart; so slowed down, eleven gaps are 0.18 s.
    assert 0.17 < report.took_s < 5
    assert told(report) == []
