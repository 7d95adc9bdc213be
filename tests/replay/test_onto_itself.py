"""Everything recorded, replayed onto a playback of itself: no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.recorded import FOLDERS, exchanges
from tests.replay.hosts import EVERYTHING, Tape, logins, playback, replay, told
from xraytap.cli.golden_source import GoldenSource
from xraytap.cli.replay_source import stand_in
from xraytap.protocol.datamodel import load
from xraytap.replay.engine import Engine, Options
from xraytap.replay.plan import Why
from xraytap.replay.planner import make_plan
from xraytap.replay.runner import Pace, Runner
from xraytap.replay.target import parse_target
from xraytap.replay.verdict import Verdict
from xraytap.store.golden import save_golden

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_golden_is_replayed_as_the_capture_that_it_is_from(folder: str, tmp_path: Path) -> None:
    tape = Tape(exchanges(folder), folder)
    path = tmp_path / f"{folder}.yaml"
    save_golden(path, tape.golden())
    golden = GoldenSource(path, text=stand_in(tape.api))
    plan = make_plan(golden, load(tape.api), allow=EVERYTHING)
    with playback(tape.golden()) as host:
        made = Engine(plan, golden, logins(plan), Options())
        report = Runner(made, parse_target(host.url), Pace(timeout_s=5.0)).run()
    assert told(report) == []
    # Of the calls that no client could send again a golden holds only those that got no answer.
    assert len(report.results) == len(tape.plan().steps) - UNFIT.get(folder, 0) + len(unsent(report))


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
