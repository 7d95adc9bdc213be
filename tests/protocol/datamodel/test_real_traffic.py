"""Every call of the recorded and the made-up traffic is named and typed, and says the same over each transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import STEPS, TRANSPORTS, conversation
from tests.recorded import EVERY, IDS
from xraytap.protocol.about import About
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.describe import tree
from xraytap.protocol.jsonform import call_to_json
from xraytap.protocol.summary import decode_exchange, full_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.datamodel.typed import Typed
    from xraytap.protocol.describe import Node

UNKNOWN = {
    "xend": {"xend.nonesuch", "session.get_all_records", "event.from_", "pool.get_all"},
    "xapi": {"VM.no_such_call"},
}
"""What clients called that no model has."""
TOO_MANY = {"py27-survey/106", "py3-xenapi/001", "py3-xenapi/012"}
"""Calls with more parameters than the host takes."""
ODD = {
    "py27-survey/010": "nil where a record (struct) is due",
    "py27-survey/013": "struct where a set (array) is due",
    "py27-survey/022": "nil where a record (struct) is due",
}
"""Where xend breaks its own data model."""


def all_of(typed: Typed, path: str = "result") -> Iterator[tuple[str, Typed]]:
    yield path, typed
    for label, part in typed.parts:
        yield from all_of(part, f"{path}.{label}")


def check(name: str, exchange: Exchange, api: str) -> None:
    call = decode_exchange(exchange)
    if call.request is None:
        return
    about = About(model=load(api))
    params, result = about.params(call.request), about.result(call)
    assert (params is None) is (call.request.name in UNKNOWN[api])
    extra = [each.name for each in params or () if each.param is None]
    assert bool(extra) is (name in TOO_MANY)
    assert not [list(each.typed.problems()) for each in params or () if any(each.typed.problems())]
    if result is not None:
        assert {problem for _, problem in result.problems()} == ({ODD[name]} if name in ODD else set())
        assert [path for path, each in all_of(result) if each.type is None] == []
    error = None if call.answer is None else call.answer.error
    assert "" not in about.error_labels(error or ())


@pytest.mark.parametrize("each", EVERY, ids=IDS)
def test_what_xend_was_recorded_with_is_named_and_typed(each: tuple[str, int, Exchange]) -> None:
    folder, number, exchange = each
    check(f"{folder}/{number:03d}", exchange, "xend")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_xapi_says_is_named_and_typed(transport: str) -> None:
    for number, exchange in enumerate(conversation(transport).exchanges, 1):
        check(f"{transport}/{number}", exchange, "xapi")


@pytest.mark.parametrize("seq", range(1, len(STEPS) + 1))
def test_a_call_means_the_same_over_every_transport(seq: int) -> None:
    about = About(model=load("xapi"))
    meanings = []
    for transport in TRANSPORTS:
        exchange = conversation(transport).exchanges[seq - 1]
        row = full_row(exchange, capture="c", seq=seq)
        document = call_to_json(row, decode_exchange(exchange), about)
        keys = ("method", "async", "session", "outcome", "error", "error_code", "named_params", "typed_value")
        meanings.append({key: document[key] for key in keys})
    assert meanings[0] == meanings[1] == meanings[2]
    assert meanings[0]["method"] is not None


def test_the_tree_shows_an_events_snapshot_by_the_class_that_the_event_names() -> None:
    talk = conversation()
    (_, answer) = tree(talk.row(18), talk.decode(18), About(model=load("xapi")))

    def find(nodes: tuple[Node, ...], *path: str) -> Node:
        (node,) = (each for each in nodes if each.label == path[0])
        return find(node.children, *path[1:]) if path[1:] else node

    memory = find(answer.children, "value", "events", "1", "snapshot", "memory_static_max")
    assert (memory.kind, memory.text) == ("int", "4294967296  '4294967296'")
    assert find(answer.children, "value", "events", "1", "ref").kind == "VM ref"


@pytest.mark.parametrize("folder", sorted({folder for folder, _, _ in EVERY} - {"raw-requests"}))
def test_the_api_is_guessed_from_the_traffic(folder: str) -> None:
    calls = [decode_exchange(exchange) for name, _, exchange in EVERY if name == folder]
    assert guess_api(calls) == "xend"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_api_is_guessed_from_xapis_traffic(transport: str) -> None:
    assert guess_api(map(decode_exchange, conversation(transport).exchanges)) == "xapi"
    assert guess_api(map(decode_exchange, conversation(transport).exchanges[5:])) == "xapi"
