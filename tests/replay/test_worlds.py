"""Worlds of machines and their interfaces, in memory: whatever a client asks one, a world that differs in
references, tokens and orders answers the same; and an object that it lacks is all that is missed."""

from __future__ import annotations

import itertools
import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.xapi import conversation
from tests.replay.hosts import Tape, engine
from tests.talk import Talk
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.messages import Request
from xraytap.protocol.xmlrpc_encode import encode, encode_response
from xraytap.replay.verdict import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xraytap.protocol.values import Value
    from xraytap.replay.engine import Engine
    from xraytap.replay.plan import Step

    type Ask = tuple[str, int]

NAMES = ("Domain-0", "db", "web", "mail", "proxy")
ASKS = ("name", "state", "record", "interfaces", "device", "record_of_interface", "all", "all_records")
asks = st.lists(st.tuples(st.sampled_from(ASKS), st.integers(0, len(NAMES) - 1)), max_size=25)


@dataclass
class World:
    """Machines by name, each with two interfaces; `seed` decides on references and on the order of lists."""

    seed: int
    names: tuple[str, ...] = NAMES

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.token = self._ref()
        self.vms = {name: self._ref() for name in self.names}
        self.vifs = {(name, device): self._ref() for name in self.names for device in "01"}
        self._name_of = {ref: name for name, ref in self.vms.items()}
        self._vif_of = {ref: key for key, ref in self.vifs.items()}

    def _ref(self) -> str:
        return f"OpaqueRef:{uuid.UUID(int=self._random.getrandbits(128))}"

    def _mixed(self, refs: Sequence[str]) -> list[str]:
        return random.Random(self.seed + len(refs)).sample(refs, len(refs))

    def answer(self, request: Request) -> Value | tuple[str, ...]:
        """A value, or an ErrorDescription."""
        method, subject = request.method, str(request.params[1]) if len(request.params) > 1 else ""
        if method == "session.login_with_password":
            return self.token
        if request.session != self.token:
            return ("SESSION_INVALID", str(request.session))
        if method == "session.logout":
            return ""
        if method == "VM.get_all":
            return list(self._mixed(list(self.vms.values())))
        if method == "VM.get_all_records":
            return {ref: self._record(ref) for ref in self._mixed(list(self.vms.values()))}
        if method == "VM.get_by_name_label":
            return [self.vms[subject]] if subject in self.vms else []
        known = self._name_of if method.startswith("VM.") else self._vif_of
        if subject not in known:
            return ("HANDLE_INVALID", request.class_name or "", subject)
        return {
            "VM.get_name_label": lambda: self._name_of[subject],
            "VM.get_power_state": lambda: "Running" if len(self._name_of[subject]) % 2 else "Halted",
            "VM.get_record": lambda: self._record(subject),
            "VM.get_VIFs": lambda: self._vifs(subject),
            "VIF.get_device": lambda: self._vif_of[subject][1],
            "VIF.get_record": lambda: {
                "device": self._vif_of[subject][1],
                "VM": self.vms[self._vif_of[subject][0]],
                "MAC": f"00:16:3e:00:00:{self._vif_of[subject][1]}{len(self._vif_of[subject][0])}",
            },
        }.get(method, lambda: ("MESSAGE_METHOD_UNKNOWN", method))()  # type: ignore[no-any-return]

    def _vifs(self, ref: str) -> list[Value]:
        return [*self._mixed([self.vifs[self._name_of[ref], device] for device in "01"])]

    def _record(self, ref: str) -> Value:
        return {"name_label": self._name_of[ref], "VIFs": self._vifs(ref), "power_state": "Running"}


def recorded(world: World, wanted: Sequence[Ask]) -> Tape:
    """A client that lists the machines and their names, and then asks what is wanted."""
    talk = Talk()
    talk.login(world.token)

    def call(method: str, *params: Value) -> Value:
        value = world.answer(Request(method=method, params=(world.token, *params)))
        assert not isinstance(value, tuple)
        talk.call(method, world.token, *params, value=value)
        return value

    refs = call("VM.get_all")
    assert isinstance(refs, list)
    by_name = {str(call("VM.get_name_label", ref)): ref for ref in refs}
    interfaces: dict[str, list[Value]] = {}
    for what, index in wanted:
        name = NAMES[index]
        vm = by_name[name]
        if what in ("interfaces", "device", "record_of_interface") and name not in interfaces:
            found = call("VM.get_VIFs", vm)
            assert isinstance(found, list)
            # A client knows which is which only once it has asked; VIFs have no names.
            interfaces[name] = [each for each in found if call("VIF.get_record", each)]
        if what == "device":
            call("VIF.get_device", interfaces[name][index % 2])
        elif what == "record_of_interface":
            call("VIF.get_record", interfaces[name][index % 2])
        elif what in ("all", "all_records"):
            call(f"VM.get_{what}")
        elif what != "interfaces":
            call(
                {"name": "VM.get_name_label", "state": "VM.get_power_state", "record": "VM.get_record"}[what],
                vm,
            )
    return Tape(talk.exchanges)


def run(tape: Tape, world: World) -> list[Result]:
    """The tape replayed onto a world, without a socket."""
    made = engine(tape)

    def answer(request: Request) -> bytes:
        value = world.answer(request)
        if isinstance(value, tuple):
            return encode_response({"Status": "Failure", "ErrorDescription": list(value)})
        return encode_response({"Status": "Success", "Value": value})

    results = [_driven(made, step, answer) for step in made.plan.steps]
    changed = {each.step.seq: each for each in made.settle()}
    return [changed.get(each.step.seq, each) for each in results]


def _driven(made: Engine, step: Step, answer: Callable[[Request], bytes]) -> Result:
    """One step, its questions answered."""
    going = made.perform(step)
    exchange: Exchange | None = None
    while True:
        try:
            send = next(going) if exchange is None else going.send(exchange)
        except StopIteration as end:
            found: Result = end.value
            return found
        exchange = _exchange(send.request, answer(send.request))


def _exchange(request: Request, came: bytes) -> Exchange:
    sent = encode(request)
    head = b"POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n"
    return Exchange(
        started_at_us=0,
        elapsed_us=50_000,
        client="",
        connection=1,
        request=Message(head=head, body=sent, size=len(sent)),
        response=Message(head=b"HTTP/1.1 200 OK\r\n\r\n", body=came, size=len(came)),
    )


@settings(max_examples=30, deadline=None)
@given(wanted=asks, seeds=st.tuples(st.integers(0, 99), st.integers(100, 199)))
def test_a_world_with_other_references_and_orders_answers_the_same(
    wanted: list[Ask], seeds: tuple[int, int]
) -> None:
    results = run(recorded(World(seeds[0]), wanted), World(seeds[1]))
    assert [(each.step.seq, each.step.method, each.changes) for each in results if each.is_finding] == []
    assert {each.verdict for each in results} == {Verdict.SAME}


@settings(max_examples=30, deadline=None)
@given(wanted=asks, seeds=st.tuples(st.integers(0, 99), st.integers(100, 199)), gone=st.sampled_from(NAMES))
def test_in_a_world_without_one_machine_only_that_machine_is_missed(
    wanted: list[Ask], seeds: tuple[int, int], gone: str
) -> None:
    old = World(seeds[0])
    new = World(seeds[1], tuple(name for name in NAMES if name != gone))
    tape = recorded(old, wanted)
    lost = {old.vms[gone], old.vifs[gone, "0"], old.vifs[gone, "1"]}
    for each in run(tape, new):
        about_it = bool(lost & set(each.step.uses))
        lists = each.step.method in ("VM.get_all", "VM.get_all_records")
        if about_it:
            assert each.verdict is Verdict.NOT_SENT, (each.step, each.changes)
        elif lists:
            assert each.verdict is Verdict.DIFFERENT
            assert len(each.changes) == 1, each.changes
            assert f"VM {gone}" in each.changes[0]
        else:
            assert each.verdict is Verdict.SAME, (each.step, each.changes)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=8)
    | st.sampled_from([f"OpaqueRef:{uuid.UUID(int=7)}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
bodies = st.binary(max_size=60) | values.map(encode_response) | values.map(
    lambda value: encode_response({"Status": "Success", "Value": value})
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(hostile=st.lists(bodies, min_size=1, max_size=8), recording=st.sampled_from(["world", "xapi"]))
def test_whatever_a_host_answers_every_call_gets_a_verdict(hostile: list[bytes], recording: str) -> None:
    wanted: list[Ask] = [("record", 1), ("record_of_interface", 2), ("all_records", 0)]
    tape = recorded(World(1), wanted) if recording == "world" else Tape(conversation().exchanges)
    made = engine(tape, wait_s=0.1, noise=2)
    answers = itertools.cycle(hostile)

    def answer(_request: Request) -> bytes:
        return next(answers)

    results = [_driven(made, step, answer) for step in made.plan.steps]
    made.settle()
    assert len(results) == len(made.plan.steps)
