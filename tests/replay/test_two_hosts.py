"""A scenario recorded on one playback host and replayed onto another: what differs is told, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.replay.hosts import Tape, playback, replay, told
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_exchange
from xraytap.replay.client import Client
from xraytap.replay.effects import Effect
from xraytap.replay.target import parse_target
from xraytap.replay.verdict import Verdict
from xraytap.store.golden import loads_golden

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange
    from xraytap.protocol.golden import Golden
    from xraytap.protocol.values import Value

# Domain-0, guest002 and guest003; %s: what stands between the two hosts.
HOST = """\
xraytap-golden: 1
api: XAPI 2.21
strings: bare
calls:
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- VM.get_all: [!session s1]
  answer: {all}
- VM.get_name_label: [!session s1, !ref VM.1]
  answer: Domain-0
- VM.get_name_label: [!session s1, !ref VM.2]
  answer: guest002
{third}
- VM.get_power_state: [!session s1, !ref VM.1]
  answer: Running
- VM.get_power_state: [!session s1, !ref VM.2]
  answer: {power}
- VM.get_VBDs: [!session s1, !ref VM.2]
  answer: {vbds}
- VBD.get_record: [!session s1, !ref VBD.1]
  answer: {{VM: !ref VM.2, device: xvda, uuid: !uuid VBD.1}}
- VBD.get_record: [!session s1, !ref VBD.2]
  answer: {{VM: !ref VM.2, device: xvdb, uuid: !uuid VBD.2}}
- Async.VM.start: [!session s1, !ref VM.2, false, false]
  answer: !task T.1
- task.get_status: [!session s1, !task T.1]
  answer: pending
- task.get_status: [!session s1, !task T.1]
  answer: success
- session.logout: [!session s1]
  answer: ""
"""
THIRD = """\
- VM.get_name_label: [!session s1, !ref VM.3]
  answer: guest003
- VM.get_power_state: [!session s1, !ref VM.3]
  answer: Halted
"""
OLD = HOST.format(
    all="[!ref VM.1, !ref VM.2, !ref VM.3]", third=THIRD, power="Halted", vbds="[!ref VBD.1, !ref VBD.2]"
)
SAME = HOST.format(
    all="[!ref VM.3, !ref VM.1, !ref VM.2]", third=THIRD, power="Halted", vbds="[!ref VBD.2, !ref VBD.1]"
)
OTHER = HOST.format(
    all="[!ref VM.2, !ref VM.1]", third="", power="Suspended", vbds="[!ref VBD.2, !ref VBD.1]"
)


def record(golden: Golden) -> Tape:
    """The scenario, driven by a client that knows names only."""
    exchanges: list[Exchange] = []

    async def run(url: str) -> None:
        async with Client(parse_target(url)) as client:

            async def call(method: str, *params: Value) -> Value:
                exchanges.append(await client.send(Request(method=method, params=params)))
                answer = decode_exchange(exchanges[-1]).answer
                assert answer is not None
                assert answer.error is None, answer.error
                return answer.value

            session = await call("session.login_with_password", "root", "secret")
            names = {}
            machines = await call("VM.get_all", session)
            assert isinstance(machines, list)
            for ref in machines:
                names[await call("VM.get_name_label", session, ref)] = ref
            for name in ("guest003", "Domain-0", "guest002"):
                await call("VM.get_power_state", session, names[name])
            disks = await call("VM.get_VBDs", session, names["guest002"])
            assert isinstance(disks, list)
            for ref in disks:
                await call("VBD.get_record", session, ref)
            task = await call("Async.VM.start", session, names["guest002"], False, False)
            while await call("task.get_status", session, task) == "pending":
                pass
            await call("session.logout", session)

    with playback(golden) as host:
        asyncio.run(run(host.url))
        assert host.unmatched == ()
    return Tape(exchanges)


@pytest.fixture(scope="module")
def tape() -> Tape:
    return record(loads_golden(OLD))


def test_a_host_with_other_references_tokens_and_orders_answers_the_same(tape: Tape) -> None:
    with playback(loads_golden(SAME)) as host:
        report = replay(tape, host.url)
    assert told(report) == []
    assert report.counts == {Verdict.SAME: 14, Verdict.FOLLOWED: 1}


def test_a_missing_object_and_a_changed_answer_are_all_that_is_told(tape: Tape) -> None:
    with playback(loads_golden(OTHER)) as host:
        report = replay(tape, host.url)
    machines = decode_exchange(tape.exchange(2)).answer
    assert machines is not None
    assert isinstance(machines.value, list)
    assert told(report) == [
        "#2 VM.get_all different: [2]: removed, was VM guest003",
        "#5 VM.get_name_label not sent: the host has no VM guest003",
        "#6 VM.get_power_state not sent: the host has no VM guest003",
        "#8 VM.get_power_state different: 'Halted' became 'Suspended'",
        "lacking VM guest003: [5, 6]",
    ]


def test_a_name_that_the_user_maps_is_looked_for_under_the_new_one(tape: Tape) -> None:
    renamed = SAME.replace("answer: guest003", "answer: guest007")
    with playback(loads_golden(renamed)) as host:
        report = replay(tape, host.url, explicit={"guest003": "guest007"})
    assert told(report) == []


def test_an_object_of_another_name_in_its_place_is_told_by_its_name(tape: Tape) -> None:
    renamed = SAME.replace("answer: guest003", "answer: guest007")
    with playback(loads_golden(renamed)) as host:
        report = replay(tape, host.url)
    assert told(report) == ["#5 VM.get_name_label different: 'guest003' became 'guest007'"]


def test_without_leave_only_reading_calls_are_sent(tape: Tape) -> None:
    with playback(loads_golden(SAME)) as host:
        report = replay(tape, host.url, plan=tape.plan({Effect.READ}))
        asked = {call.method for _, call in host.unused()}
    unsent = {each.step.method: each.not_sent.text for each in report.results if each.not_sent}
    assert unsent["Async.VM.start"] == "it changes the host; --allow change sends it"
    assert unsent["task.get_status"].endswith("of call 12, which was not sent")
    assert "Async.VM.start" in asked
    assert told(report) == []
