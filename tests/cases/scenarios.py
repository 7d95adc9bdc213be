"""Made-up scenarios of a client of xend, as strategies: the same one can be told by several hosts, each with
references of its own and its own order of sets."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.talk import Talk
from xraytap.protocol.values import DateTime

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

TEXTS = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f\ufffe\uffff"), max_size=12
)
STEPS = ("list", "name", "record", "records", "metrics", "set", "start", "async")


@dataclass(frozen=True)
class Scenario:
    """`names` are the VMs of the host; a step is what is done, to which VM, with which text and flag."""

    names: tuple[str, ...]
    steps: tuple[tuple[str, int, str, bool], ...]


def scenarios(
    names: st.SearchStrategy[list[str]], steps: tuple[str, ...] = STEPS
) -> st.SearchStrategy[Scenario]:
    """Scenarios with some VMs, of which one more is asked for than there are."""
    step = st.tuples(st.sampled_from(steps), st.integers(0, 3), TEXTS, st.booleans())
    return st.builds(Scenario, names.map(tuple), st.lists(step, max_size=6).map(tuple))


def told_by(scenario: Scenario, host: int = 1) -> Talk:
    """The conversation with the host of that number."""
    shuffle = random.Random(host)
    made: dict[object, str] = {}

    def ref(what: object) -> str:
        return made.setdefault(what, str(uuid.UUID(int=(host << 64) + shuffle.getrandbits(60))))

    def shuffled(values: list[Any]) -> list[Any]:
        return shuffle.sample(values, len(values))

    def record(number: int) -> dict[str, Value]:
        name = scenario.names[number] if number < len(scenario.names) else ""
        members: dict[str, Value] = {
            "uuid": ref(number),
            "name_label": name,
            "VIFs": shuffled([ref(("vif", number, 0)), ref(("vif", number, 1))]),
            "domid": str(shuffle.randrange(99)),
            "is_a_template": False,
        }
        return dict(shuffled(list(members.items())))

    talk = Talk()
    session = talk.login(ref("session"))
    numbers = range(len(scenario.names))
    talk.call("VM.get_all", session, value=shuffled([ref(number) for number in numbers]))
    for step, which, text, flag in scenario.steps:
        number = min(which, len(scenario.names))
        vm = ref(number)
        if step == "list":
            talk.call("VM.get_all", session, value=shuffled([ref(each) for each in numbers]))
        elif step == "name":
            talk.call("VM.get_name_label", session, vm, value=record(number)["name_label"])
        elif step == "record":
            talk.call("VM.get_record", session, vm, value={**record(number), "other_config": {text: text}})
        elif step == "records":
            all_records = [(ref(each), record(each)) for each in numbers]
            talk.call("VM.get_all_records", session, value=dict(shuffled(all_records)))
        elif step == "metrics":
            when = DateTime(f"20261124T20:00:{shuffle.randrange(60):02}")
            talk.call("VM_metrics.get_last_updated", session, vm, value=when)
        elif step == "set":
            talk.call("VM.set_name_label", session, vm, text)
        elif step == "start":
            talk.refused("VM.start", session, vm, flag, error=["VM_BAD_POWER_STATE", vm, text])
        else:
            task = ref(("task", len(talk.exchanges)))
            talk.call("Async.VM.pause", session, vm, value=task)
            talk.call(
                "task.get_record", session, task, value={"uuid": task, "status": "success", "result": ""}
            )
    return talk
