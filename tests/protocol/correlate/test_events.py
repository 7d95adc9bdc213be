"""Event chains: what came, what did not, what was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.talk import Talk
from xraytap.protocol.correlate.events import STEPS_KEPT, Chain, Events
from xraytap.protocol.correlate.words import step_words

if TYPE_CHECKING:
    from xraytap.protocol.values import Value


def read(talk: Talk) -> list[Chain]:
    found = Events("xapi")
    talk.feed(found)
    return list(found)


def event(class_name: str, operation: str = "mod") -> dict[str, object]:
    return {"class": class_name, "operation": operation, "ref": "r", "id": "1"}


def test_registration_idle_polls_and_events() -> None:
    talk = Talk()
    token = talk.login()
    talk.call("event.register", token, ["VM", "task"])
    for _ in range(3):
        talk.call("event.next", token, value=[], ms=100)
    talk.call("event.next", token, value=[event("VM"), event("VM"), event("task", "add")], ms=50)  # type: ignore[list-item]
    talk.call("event.unregister", token, ["VM"])
    (chain,) = read(talk)
    assert (chain.kind, chain.polls, chain.idle, chain.events, chain.lost) == ("next", 4, 3, 3, 0)
    assert chain.classes == ("task",)
    assert chain.by_class == {"VM mod": 2, "task add": 1}
    assert [(step.kind, step.seq, step.last_seq, step.count, step.text) for step in chain.steps] == [
        ("register", 2, 2, 1, "VM task"),
        ("idle", 3, 5, 3, ""),
        ("events", 6, 6, 3, "2 VM mod, 1 task add"),
        ("unregister", 7, 7, 1, "VM (registered for task now)"),
    ]
    assert chain.steps[1].waited_ms == 300


def test_tokens_that_follow_and_tokens_that_do_not() -> None:
    talk = Talk()
    token = talk.login()

    def poll(sent: str, given: str, *events: dict[str, object]) -> None:
        value = {"events": list(events), "token": given, "valid_ref_counts": {}}
        talk.call("event.from", token, ["*"], sent, 30.0, value=value)  # type: ignore[arg-type]

    poll("", "1,1", event("vm", "add"))
    poll("1,1", "1,2")
    poll("1,1", "1,3", event("vm"))
    poll("", "1,4", event("vm", "add"))
    (chain,) = read(talk)
    assert (chain.kind, chain.classes, chain.token) == ("from", ("*",), "1,4")
    assert [(step.kind, step.text) for step in chain.steps] == [
        ("events", "1 vm add"),
        ("idle", ""),
        ("jump", "token '1,1' where '1,2' came last"),
        ("events", "1 vm mod"),
        ("restart", "from the start: every object comes again"),
        ("events", "1 vm add"),
    ]


def test_lost_events_and_refusals_and_a_poll_that_hangs() -> None:
    talk = Talk()
    token = talk.login()
    talk.refused("event.next", token, error=["SESSION_NOT_REGISTERED", token])
    talk.refused("event.next", token, error=["EVENTS_LOST"])
    talk.unanswered("event.next", token)
    (chain,) = read(talk)
    assert chain.lost == 1
    assert [step.kind for step in chain.steps] == ["error", "lost", "waiting"]
    assert chain.steps[0].text == "SESSION_NOT_REGISTERED"


def test_errors_that_come_again_are_one_step() -> None:
    talk = Talk()
    token = talk.login()
    for _ in range(3):
        talk.refused("event.next", token, error=["SESSION_NOT_REGISTERED", token])
    talk.refused("event.next", token, error=["OTHER"])
    (chain,) = read(talk)
    assert [(step.kind, step.seq, step.last_seq, step.count, step.text) for step in chain.steps] == [
        ("error", 2, 4, 3, "SESSION_NOT_REGISTERED"),
        ("error", 5, 5, 1, "OTHER"),
    ]
    assert step_words(chain.steps[0]) == "error: SESSION_NOT_REGISTERED, 3 times"


def test_chains_by_session_and_by_classes() -> None:
    talk = Talk()
    one, two = talk.login("A"), talk.login("B")
    value = {"events": [], "token": "1,1"}
    talk.call("event.from", one, ["vm"], "", 1.0, value=value)  # type: ignore[arg-type]
    talk.call("event.from", one, ["task"], "", 1.0, value=value)  # type: ignore[arg-type]
    talk.call("event.from", two, ["vm"], "", 1.0, value=value)  # type: ignore[arg-type]
    assert [(chain.session, chain.classes) for chain in read(talk)] == [
        ("A", ("vm",)),
        ("A", ("task",)),
        ("B", ("vm",)),
    ]


@pytest.mark.parametrize(
    ("api", "registered", "left"),
    [
        ("xapi", ["VM", "task", "SR"], ("VM", "SR")),
        ("xend", ["VM", "task"], ("task",)),
        ("xend", [], ("task",)),
        ("xapi", [], ("*",)),
    ],
)
def test_the_two_hosts_unregister_in_opposite_ways(
    api: str, registered: list[Value], left: tuple[str, ...]
) -> None:
    talk = Talk()
    token = talk.login()
    talk.call("event.register", token, registered)
    talk.call("event.unregister", token, ["task"])
    found = Events(api)
    talk.feed(found)
    assert [chain.classes for chain in found] == [left]


def test_of_a_long_chain_the_last_steps_are_kept_and_all_are_counted() -> None:
    talk = Talk()
    token = talk.login()
    seq = talk.call("event.next", token, value=[event("VM", "add")])
    found = Events("xapi")
    row, call = talk.row(seq), talk.decode(seq)
    for number in range(STEPS_KEPT + 3):
        found.add(replace(row, seq=number + 1), call)
    (chain,) = found
    assert (chain.polls, chain.events, chain.steps_left_out) == (STEPS_KEPT + 3, STEPS_KEPT + 3, 3)
    assert (len(chain.steps), chain.steps[0].seq) == (STEPS_KEPT, 4)
