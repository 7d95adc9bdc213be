"""Texts of the recording as the new host says them; what two answers teach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.errors import UsageError
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.types import parse_type
from xraytap.protocol.values import Bare, Struct
from xraytap.replay.effects import Effect, allowed, effect_of
from xraytap.replay.mapping import Mapping, Strength, refs_in
from xraytap.replay.maps import parse_maps, read_maps
from xraytap.replay.pairing import Pairing

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

XAPI = load("xapi")
ids = st.uuids().map(lambda made: f"OpaqueRef:{made}")


def ref(number: int) -> str:
    return f"OpaqueRef:00000000-0000-0000-0000-{number:012x}"


OLD, NEW, OTHER = ref(1), ref(2), ref(3)


def learnt(old: Value, new: Value, type_: str | None = None) -> Mapping:
    mapping = Mapping()
    Pairing(mapping, XAPI).learn(old, new, None if type_ is None else parse_type(type_))
    return mapping


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, NEW),
        (Bare(OLD), Bare(NEW)),
        (f"https://host/console?ref={OLD}", f"https://host/console?ref={NEW}"),
        (f"<value>{OLD}</value>", f"<value>{NEW}</value>"),
        ([OLD, 1, None], [NEW, 1, None]),
        ({OLD: "x", "y": OLD}, {NEW: "x", "y": NEW}),
        (Struct((("a", OLD), ("a", "b"))), Struct((("a", NEW), ("a", "b")))),
        (OTHER, OTHER),
        ("short", "short"),
        (True, True),
    ],
)
def test_a_value_is_translated_wherever_it_holds_a_reference(old: Value, new: Value) -> None:
    mapping = Mapping()
    mapping.learn(OLD, NEW, Strength.PLACE)
    made = mapping.value(old)
    assert made == new
    assert type(made) is type(new)


@given(st.lists(st.tuples(ids, ids, st.sampled_from(Strength)), max_size=30))
def test_a_weaker_pair_never_takes_the_place_of_a_stronger(pairs: list[tuple[str, str, Strength]]) -> None:
    mapping = Mapping()
    best: dict[str, Strength] = {}
    for old, new, strength in pairs:
        before = mapping.get(old), mapping.strength(old)
        mapping.learn(old, new, strength)
        if before[1] is not None and before[1] >= strength:
            assert mapping.get(old) == before[0]
        best[old] = max(strength, best.get(old, strength))
        assert mapping.strength(old) == best[old]


def test_what_one_stood_for_by_position_it_stands_for_no_more() -> None:
    mapping = Mapping()
    mapping.learn(OLD, NEW, Strength.POSITION)
    mapping.learn(OTHER, NEW, Strength.IDENTITY)
    assert (mapping.get(OLD), mapping.get(OTHER)) == (None, NEW)
    assert mapping.claimed(NEW)


@pytest.mark.parametrize("word", ["", "OpaqueRef:NULL"])
def test_a_reference_to_nothing_is_no_counterpart(word: str) -> None:
    assert learnt(OLD, word, "VM ref").get(OLD) is None


def test_records_pair_by_uuid_before_name_before_likeness() -> None:
    old: Value = {
        ref(1): {"uuid": "u1", "name_label": "a", "memory": "1"},
        ref(2): {"uuid": "u2", "name_label": "b", "memory": "2"},
        ref(3): {"uuid": "u3", "name_label": "", "memory": "3"},
    }
    new: Value = {
        ref(13): {"uuid": "v3", "name_label": "", "memory": "3"},
        ref(12): {"uuid": "v2", "name_label": "b", "memory": "1"},
        ref(11): {"uuid": "u1", "name_label": "renamed", "memory": "2"},
    }
    mapping = learnt(old, new, "(VM ref -> VM record) map")
    assert [mapping.get(ref(number)) for number in (1, 2, 3)] == [ref(11), ref(12), ref(13)]
    assert mapping.strength(ref(1)) is Strength.IDENTITY
    assert mapping.strength(ref(3)) is Strength.ALIKE


def test_a_record_of_another_name_is_another_object_where_one_side_has_more() -> None:
    old: Value = {ref(1): {"name_label": "a"}, ref(2): {"name_label": "b"}}
    mapping = learnt(old, {ref(11): {"name_label": "a"}}, "(VM ref -> VM record) map")
    assert (mapping.get(ref(1)), mapping.get(ref(2))) == (ref(11), None)


def test_what_hangs_on_a_paired_record_is_paired_too() -> None:
    old: Value = {ref(1): {"name_label": "a", "metrics": ref(5)}}
    new: Value = {ref(11): {"name_label": "a", "metrics": ref(15)}}
    assert learnt(old, new, "(VM ref -> VM record) map").get(ref(5)) == ref(15)


def test_references_in_a_set_are_paired_by_position_only() -> None:
    mapping = learnt([ref(1), ref(2)], [ref(11), ref(12)], "VM ref set")
    assert mapping.strength(ref(1)) is Strength.POSITION
    assert learnt([ref(1)], [ref(11)], "VM ref set").strength(ref(1)) is Strength.PLACE


def test_references_inside_a_text_are_found_in_order() -> None:
    assert refs_in(f"a {OLD} b {NEW}") == [OLD, NEW]
    assert refs_in("nothing here") == []


@pytest.mark.parametrize(
    ("method", "effect"),
    [
        ("VM.get_record", Effect.READ),
        ("session.logout", Effect.READ),
        ("event.from", Effect.READ),
        ("system.listMethods", Effect.READ),
        ("VM.start", Effect.CHANGE),
        ("VM.destroy", Effect.DESTROY),
        ("VM.no_such_call", Effect.CHANGE),
        ("system.multicall", Effect.CHANGE),
    ],
)
def test_what_a_call_does_is_told_by_the_data_model(method: str, effect: Effect) -> None:
    assert effect_of(method, XAPI) is effect


def test_who_allows_destroying_allows_changing() -> None:
    assert allowed([]) == {Effect.READ}
    assert allowed(["change"]) == {Effect.READ, Effect.CHANGE}
    assert allowed(["destroy"]) == set(Effect)


def test_pairs_of_the_user_are_read_from_a_file_and_checked() -> None:
    lines = read_maps(f"# names\nVM:guest002=guest007\n\n {OLD}={NEW}\n")
    assert parse_maps(lines, XAPI) == {"guest002": "guest007", OLD: NEW}
    with pytest.raises(UsageError, match="has no class 'VN'"):
        parse_maps(["VN:a=b"], XAPI)
