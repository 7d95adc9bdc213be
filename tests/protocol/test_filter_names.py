"""Objects asked for by name: `vm:guest002`, and `ref:` with a name."""

from __future__ import annotations

import pytest

from tests.cases.xapi import CLONE, SESSION, TRANSPORTS, WEB, conversation
from tests.cases.xapi_records import uuid
from tests.talk import Talk
from xraytap.errors import FilterError
from xraytap.protocol.about import About
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.datamodel import load
from xraytap.protocol.filter import (
    And,
    Expr,
    Flag,
    Glob,
    Named,
    Not,
    Or,
    Refs,
    bind,
    completions,
    matches,
    needs_names,
    parse,
)
from xraytap.protocol.filter.classes import class_fields


def found(talk: Talk, expr: Expr) -> list[int]:
    objects = Objects(About(model=load("xapi")))
    talk.feed(objects)
    bound = bind(expr, objects)
    assert not isinstance(bound, Named)
    return [
        seq
        for seq in range(1, len(talk.exchanges) + 1)
        if matches(bound, talk.row(seq), lambda seq=seq: talk.decode(seq))  # type: ignore[misc]
    ]


OF_WEB = [5, 6, 8, 10, 11, 12, 15, 18, 20]
# The result of the clone's task is XML in a string: no reference stands in call 24 by itself.
OF_CLONE = [25, 26, 29, 31, 32]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vm:web", OF_WEB),
        ("VM:WEB", OF_WEB),
        ("vm=we?", OF_WEB),
        (f"vm:{WEB}", OF_WEB),
        (f"vm:{WEB.removeprefix('OpaqueRef:')}", OF_WEB),
        (f"vm:{uuid(0x31)}", OF_WEB),
        (f"vm:{uuid(0x31)} message:start", [15]),
        ("vm:standby", OF_CLONE),
        ('vm:"db <copy>"', OF_CLONE),
        ("vm:web,standby async:yes", [15, 26]),
        ("vm:web not seq:6..30", [5]),
        ("vm:nosuch", []),
        ("sr:web", []),
        ("host:xcp-1 class:host", [3, 4]),
        ("vdi:disk", [33]),
        ("ref:web seq:..15", [5, 6, 8, 10, 11, 12, 15]),
        (f"ref:{uuid(0x32)} seq:..9", [5, 7, 9]),
        (f"ref:{WEB} seq:..8", [5, 6, 8]),
    ],
)
def test_calls_are_found_by_what_their_references_are_called(
    transport: str, text: str, expected: list[int]
) -> None:
    talk = conversation(transport)
    del talk.exchanges[40:]
    assert found(talk, parse(text)) == expected


def test_another_session_has_references_of_its_own() -> None:
    talk = Talk()
    one, two = talk.login("A"), talk.login("B")
    talk.call("VM.get_name_label", one, "R", value="guest")
    talk.call("VM.get_power_state", one, "R", value="Running")
    talk.call("VM.get_power_state", two, "R", value="Running")
    assert found(talk, parse("vm:guest")) == [3, 4]
    assert found(talk, parse("vm:R")) == [3, 4, 5]


def test_unbound_a_name_is_looked_for_as_a_reference() -> None:
    talk = conversation()
    assert matches(parse(f"vm:{CLONE}"), talk.row(25), lambda: talk.decode(25))
    assert not matches(parse("vm:web"), talk.row(15), lambda: talk.decode(15))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vm:guest002", Named("VM", "guest002")),
        ("SR:a,b", Or((Named("SR", "a"), Named("SR", "b")))),
        ("vm_metrics=*", Named("VM_metrics", "*")),
        ("cpu_pool:Pool-0", Named("cpu_pool", "Pool-0")),
        ('vm:"two words"', Named("VM", "two words")),
        ("not vm:a", Not(Named("VM", "a"))),
        ("session:a", Glob("session", "a")),
    ],
)
def test_a_class_is_a_field(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("vm:", 3, "a value is missing; for example vm:guest002"),
        ("vm>5", 2, "'>' compares numbers; vm takes a colon and a name: vm:guest002"),
        ("vmm:web", 0, "there is no field 'vmm'"),
        ("a networc:x", 2, "did you mean network?"),
    ],
)
def test_mistakes_with_classes_are_told(text: str, column: int, reason: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert raised.value.column == column
    assert reason in raised.value.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vm:a", True),
        ("class:VM (not vm:a or seq:1)", True),
        ("ref:guest", True),
        ("ref:b28e*", True),
        ("ref:OpaqueRef:b28e*", False),
        ("ref:*", False),
        ("guest", False),
    ],
)
def test_names_are_learnt_only_for_filters_that_ask_for_them(text: str, expected: bool) -> None:
    assert needs_names(parse(text)) is expected


def test_binding_leaves_the_rest_of_a_filter_as_it_is() -> None:
    objects = Objects(About(model=load("xapi")))
    conversation().feed(objects)
    expr = parse("async:yes vm:web not ref:web seq:1")
    bound = bind(expr, objects)
    refs = Refs({SESSION: frozenset({WEB})})
    assert bound == And((
        Flag("async", wanted=True), refs, Not(Or((Glob("ref", "web"), refs))), parse("seq:1")
    ))  # fmt: skip
    assert bind(bound, objects) == And((
        Flag("async", wanted=True), refs, Not(Or((Or((Glob("ref", "web"), refs)), refs))), parse("seq:1")
    ))  # fmt: skip


NAMES = {"VM": {"web", "my vm", 'a "b"'}, "SR": {"Local storage"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vm:w", ["web"]),
        ("vm:", ['"a \\"b\\""', '"my vm"', "web"]),
        ("vm:web,my", ['"my vm"']),
        ("ref:loc", ['"Local storage"']),
        ("sr:x", []),
        ("nosuch:x", []),
        ("host:", ["guest002"]),
        ("ref:b28e", []),
        ("vm_m", ["vm_metrics:"]),
    ],
)
def test_completion_offers_classes_and_names(text: str, expected: list[str]) -> None:
    offered = completions(text, len(text), names=NAMES)
    assert [each.text for each in offered] == expected
    for each in offered:
        if text.startswith(("vm:w", "vm:web,", "ref:loc")):
            parse(text[: each.start] + each.text)


def test_an_empty_filter_is_offered_the_classes_that_were_met() -> None:
    offered = [each.text for each in completions("", 0, names=NAMES)]
    assert offered[-2:] == ["sr:", "vm:"]


def test_no_class_hides_a_field() -> None:
    assert "session" not in class_fields()
    assert class_fields()["vm"] == "VM"
