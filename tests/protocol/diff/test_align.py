"""Two recordings call by call: what was inserted, removed, moved, asked or answered otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.scenarios import TEXTS, Scenario, scenarios, told_by
from tests.cases.xapi import STEPS, TRANSPORTS, conversation
from xraytap.protocol.datamodel import load
from xraytap.protocol.diff import Rules, describe_change
from xraytap.protocol.diff.align import Comparison, Verdict, compare_calls
from xraytap.protocol.diff.keys import value_key
from xraytap.protocol.golden import GoldenCall, Reply, Symbol
from xraytap.protocol.symbols import golden_of

RULES = Rules(model=load("xend"))
S = Symbol("session", "s1")


def vm(number: int) -> Symbol:
    return Symbol("ref", f"VM.{number}")


def call(method: str, *params: Any, value: Any = "", **more: Any) -> GoldenCall:
    return GoldenCall(method=method, params=(S, *params), value=value, **more)


def scenario(*names: str) -> list[GoldenCall]:
    """A client that lists the VMs of a host and looks at each; they are numbered as the host lists them."""
    numbers = {name: number for number, name in enumerate(names, 1)}
    calls = [
        GoldenCall(method="session.login_with_password", params=("root", Symbol("secret", "pwd")), value=S),
        call("VM.get_all", value=[vm(number) for number in numbers.values()]),
    ]
    for name, number in numbers.items():
        calls.append(call("VM.get_name_label", vm(number), value=name))
        calls.append(call("VM.get_power_state", vm(number), value="Running"))
    return [*calls, call("session.logout")]


def found(left: list[GoldenCall], right: list[GoldenCall]) -> list[tuple[str, str]]:
    """The pairs that are not the same: verdict and method."""
    compared = compare_calls(left, right, RULES)
    return [
        (pair.verdict.value, (left[pair.left] if pair.left is not None else right[pair.right or 0]).method)
        for pair in compared.pairs
        if pair.verdict is not Verdict.SAME
    ]


def changes(compared: Comparison) -> list[str]:
    return [describe_change(each) for pair in compared.pairs for each in (*pair.params, *pair.answer)]


def test_a_recording_is_the_same_as_itself() -> None:
    compared = compare_calls(scenario("a", "b"), scenario("a", "b"), RULES)
    assert not compared.differs
    assert compared.count() == {Verdict.SAME: 7}


def test_another_order_of_the_hosts_list_is_no_difference_but_for_the_order_of_calls() -> None:
    assert found(scenario("a", "b"), scenario("b", "a")) == [
        ("moved", "VM.get_name_label"),
        ("moved", "VM.get_power_state"),
    ]


def test_one_more_vm_renumbers_nothing() -> None:
    compared = compare_calls(scenario("a", "b", "c"), scenario("a", "new", "b", "c"), RULES)
    assert compared.count() == {Verdict.SAME: 8, Verdict.ANSWER: 1, Verdict.RIGHT: 2}
    assert changes(compared) == ["[1]: added VM.2"]
    assert compared.symbols.right(vm(3)) == vm(4)


def test_a_changed_answer_is_one_and_tells_where() -> None:
    right = scenario("a", "b")
    right[3] = replace(right[3], value="Halted")
    compared = compare_calls(scenario("a", "b"), right, RULES)
    assert compared.count() == {Verdict.SAME: 6, Verdict.ANSWER: 1}
    assert changes(compared) == ["'Running' became 'Halted'"]


def test_a_call_that_moved_is_no_changed_answer() -> None:
    left = scenario("a", "b")
    right = [*left[:2], left[5], *left[2:5], *left[6:]]
    assert found(left, right) == [("moved", "VM.get_power_state")]


def test_more_polls_are_told_as_polls() -> None:
    poll = call("task.get_status", Symbol("task", "T.1"), value="pending")
    done = replace(poll, value="success")
    assert found([poll, done], [poll, poll, poll, done]) == [("poll", "task.get_status")] * 2


def test_a_failure_where_there_was_a_value_is_another_outcome() -> None:
    right = scenario("a")
    right[3] = replace(right[3], reply=Reply.FAILS, value=["VM_BAD_POWER_STATE", vm(1), "Halted", "Running"])
    (pair,) = [each for each in compare_calls(scenario("a"), right, RULES).pairs if each.outcome]
    assert (pair.verdict, pair.left, pair.right, pair.answer) == (Verdict.ANSWER, 3, 3, ())


def test_other_parameters_are_told_apart_from_other_calls() -> None:
    left, right = call("VM.start", vm(1), False), call("VM.start", vm(1), True)
    around = scenario("a", "b")
    compared = compare_calls([*around, left], [*around, right], RULES)
    assert compared.count()[Verdict.PARAMS] == 1
    assert changes(compared) == ["[2]: false became true"]


def test_the_same_call_of_another_object_is_another_call() -> None:
    around = scenario("a", "b")
    assert found([*around, call("VM.pause", vm(1))], [*around, call("VM.pause", vm(2))]) == [
        ("left", "VM.pause"),
        ("right", "VM.pause"),
    ]


def test_volatile_answers_do_not_count() -> None:
    left = [call("VM_metrics.get_memory_actual", Symbol("ref", "VM_metrics.1"), value="1")]
    assert found(left, [replace(left[0], value="2")]) == []
    assert found(left, [replace(left[0], value=None)]) == []


def test_a_type_that_changed_keeps_the_call_and_is_told() -> None:
    left, right = call("VM.get_VCPUs_max", vm(1), value="2"), call("VM.get_VCPUs_max", vm(1), value=2)
    assert changes(compare_calls([left], [right], RULES)) == ["string '2' became int 2"]


def test_records_by_reference_pair_by_what_they_hold() -> None:
    def records(first: str, second: str) -> list[GoldenCall]:
        value = {
            vm(1): {"name_label": first, "power_state": "Running"},
            vm(2): {"name_label": second, "power_state": "Running"},
        }
        return [call("VM.get_all_records", value=value), call("VM.get_power_state", vm(1), value="Running")]

    assert found(records("a", "b"), records("b", "a")) == [
        ("left", "VM.get_power_state"),
        ("right", "VM.get_power_state"),
    ]


@pytest.mark.parametrize("other", TRANSPORTS)
def test_a_conversation_means_the_same_over_each_protocol(other: str) -> None:
    def recorded(transport: str) -> tuple[GoldenCall, ...]:
        talk = conversation(transport)
        numbers = range(1, len(STEPS) + 1)
        return golden_of([(talk.row(seq), talk.decode(seq)) for seq in numbers], api="XAPI 2.21").calls

    compared = compare_calls(recorded("xmlrpc"), recorded(other), Rules(model=load("xapi")))
    assert changes(compared) == []
    assert not compared.differs


def frozen(scenario: Scenario, host: int) -> tuple[GoldenCall, ...]:
    talk = told_by(scenario, host)
    return golden_of(
        [(talk.row(seq), talk.decode(seq)) for seq in range(1, len(talk.exchanges) + 1)], api="xend 1.0"
    ).calls


@settings(deadline=None)
@given(scenarios(st.lists(TEXTS.filter(bool), max_size=4, unique=True)))
def test_two_hosts_that_tell_one_scenario_do_not_differ(scenario: Scenario) -> None:
    """Other references, other order of lists, records and members, other times and domain ids."""
    compared = compare_calls(frozen(scenario, 1), frozen(scenario, 2), RULES)
    assert changes(compared) == []
    assert not compared.differs


@settings(deadline=None)
@given(
    scenarios(
        st.lists(TEXTS.filter(bool), max_size=4, unique=True), ("list", "name", "record", "records", "start")
    )
)
def test_two_hosts_that_tell_one_scenario_give_one_text_but_for_the_order_of_lists(
    scenario: Scenario,
) -> None:
    def texts(calls: tuple[GoldenCall, ...]) -> list[object]:
        return [
            (
                call.method,
                value_key(list(call.params), RULES.params(call.method), str),
                value_key(call.value, RULES.answer(call.method), str),
            )
            for call in calls
        ]

    assert texts(frozen(scenario, 1)) == texts(frozen(scenario, 2))


@settings(deadline=None)
@given(st.data())
def test_whatever_is_taken_out_or_put_in_every_call_is_told_of_once(data: st.DataObject) -> None:
    left = scenario("a", "b", "c")
    right = [each for each in left if data.draw(st.booleans())]
    for each in data.draw(st.lists(st.sampled_from(left), max_size=4)):
        right.insert(data.draw(st.integers(0, len(right))), each)
    pairs = compare_calls(left, right, RULES).pairs
    assert sorted(pair.left for pair in pairs if pair.left is not None) == list(range(len(left)))
    assert sorted(pair.right for pair in pairs if pair.right is not None) == list(range(len(right)))


def test_polls_that_one_side_needed_more_often_are_no_difference() -> None:
    task = Symbol("task", "T.1")
    start = [*scenario("a")[:-1], call("Async.VM.start", vm(1), False, value=task)]
    waits = [call("task.get_status", task, value="pending"), call("task.get_progress", task, value=0.5)]
    waits.append(call("event.next", value=[]))
    ended = call("task.get_status", task, value="success")
    compared = compare_calls([*start, *waits, ended], [*start, ended], RULES)
    assert found([*start, *waits, ended], [*start, ended]) == [
        ("poll", "task.get_status"),
        ("poll", "task.get_progress"),
        ("poll", "event.next"),
    ]
    assert not compared.differs
    assert not compare_calls([*start, ended], [*start, *waits, ended], RULES).differs


def test_a_poll_that_tells_of_the_end_is_a_difference_where_it_is_missing() -> None:
    task = Symbol("task", "T.1")
    ended = call("task.get_status", task, value="success")
    assert found([*scenario("a"), ended], scenario("a")) == [("left", "task.get_status")]
