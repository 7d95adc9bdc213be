"""Tasks folded into the calls that began them."""

from __future__ import annotations

import pytest

from tests.cases.xapi import CLONE, TRANSPORTS, conversation
from tests.talk import Talk
from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.fold import Entry, fold
from xraytap.protocol.correlate.tasks import Tasks


def entries(talk: Talk, *seqs: int) -> list[Entry]:
    tasks = Tasks()
    talk.feed(tasks)
    return list(fold(map(talk.row, seqs or range(1, len(talk.exchanges) + 1)), tasks))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_task_is_one_entry_with_its_end_and_its_true_duration(transport: str) -> None:
    found = {each.row.seq: each for each in entries(conversation(transport))}
    assert {16, 17, 21, 23, 24, 27, 28, 29}.isdisjoint(found)
    assert {15, 18, 19, 20, 22, 25, 26, 30} <= set(found)
    told = [(found[seq].outcome, found[seq].polls) for seq in (15, 22, 26, 30)]
    assert told == [
        (Outcome.SUCCESS, 2),
        (Outcome.SUCCESS, 2),
        (Outcome.FAILURE, 3),
        (Outcome.NO_RESPONSE, 0),
    ]
    assert found[15].elapsed_ms == pytest.approx(32_422)
    assert found[30].elapsed_ms is None
    task = found[22].task
    assert task is not None
    assert task.result == CLONE


def test_every_other_call_stays_as_it_is() -> None:
    talk = conversation()
    for each in entries(talk, 1, 2, 13):
        assert (each.task, each.outcome, each.elapsed_ms, each.polls) == (
            None,
            each.row.outcome,
            each.row.elapsed_ms,
            0,
        )


def test_a_narrowed_list_folds_by_what_the_whole_capture_tells() -> None:
    assert [(each.row.seq, each.outcome) for each in entries(conversation(), 26, 27)] == [
        (26, Outcome.FAILURE)
    ]


def test_polls_of_many_tasks_at_once_and_of_tasks_from_before_stay() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("Async.VM.start", token, "R", False, value="T")
    talk.call(
        "task.get_all_records", token, value={"T": {"status": "success"}, "older": {"status": "pending"}}
    )
    talk.call("task.get_status", token, "older", value="pending")
    found = entries(talk)
    assert [each.row.seq for each in found] == [1, 2, 3, 4]
    assert (found[1].outcome, found[1].polls) == (Outcome.SUCCESS, 1)


def test_an_async_call_that_is_refused_at_once_is_a_failed_call() -> None:
    talk = Talk()
    talk.refused("Async.VM.start", talk.login(), "R", False, error=["HANDLE_INVALID", "VM", "R"])
    (_, found) = entries(talk)
    assert (found.task, found.outcome) == (None, Outcome.FAILURE)
