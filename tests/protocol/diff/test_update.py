"""A golden recorded again keeps its words where nothing but the volatile changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xraytap.protocol.datamodel import load
from xraytap.protocol.diff.update import updated
from xraytap.protocol.golden import Golden, GoldenCall, Symbol

XEND = load("xend")
S = Symbol("session", "s1")


def vm(number: int) -> Symbol:
    return Symbol("ref", f"VM.{number}")


def call(method: str, *params: Any, value: Any = "") -> GoldenCall:
    return GoldenCall(method=method, params=(S, *params), value=value)


def golden(*calls: GoldenCall, at: str = "2020-01-01", about: str = "") -> Golden:
    return Golden(api="xend 1.0", calls=calls, recorded={"at": at}, about=about)


def named(numbers: dict[str, int]) -> tuple[GoldenCall, ...]:
    looks = [call("VM.get_name_label", vm(number), value=name) for name, number in numbers.items()]
    return (call("VM.get_all", value=[vm(number) for number in numbers.values()]), *looks)


def test_volatile_values_stay_as_they_were() -> None:
    record = {"name_label": "a", "domid": "3", "memory_static_max": "1"}
    old = golden(call("VM.get_record", vm(1), value=record))
    new = golden(
        call("VM.get_record", vm(1), value={"memory_static_max": "2", "name_label": "a", "domid": "9"})
    )
    assert updated(old, new, XEND).calls[0].value == {
        "memory_static_max": "2",
        "name_label": "a",
        "domid": "3",
    }


def test_a_volatile_value_of_another_type_is_a_change() -> None:
    old, new = golden(call("VM.get_domid", vm(1), value="3")), golden(call("VM.get_domid", vm(1), value=9))
    assert updated(old, new, XEND).calls[0].value == 9


def test_objects_keep_their_numbers_and_a_new_one_gets_the_next() -> None:
    old = golden(*named({"a": 1, "b": 2}))
    new = golden(*named({"a": 1, "new": 2, "b": 3}))
    again = updated(old, new, XEND)
    assert again.calls[0].value == [vm(1), vm(3), vm(2)]
    assert [each.params[1] for each in again.calls[1:]] == [vm(1), vm(3), vm(2)]


def test_the_header_tells_of_the_old_recording_if_nothing_changed() -> None:
    old = golden(call("VM.get_domid", vm(1), value="3"), about="What it is")
    new = golden(call("VM.get_domid", vm(1), value="4"), at="2026-11-24")
    assert updated(old, new, XEND) == old
    more = replace(new, calls=(*new.calls, call("VM.get_all", value=[])))
    assert updated(old, more, XEND).recorded == {"at": "2026-11-24"}
    assert updated(old, more, XEND).about == "What it is"
