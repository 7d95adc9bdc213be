"""Places that do not count: by the data model, by name, and the arrays that are sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from xraytap.protocol.datamodel import load
from xraytap.protocol.diff.volatile import Rules

if TYPE_CHECKING:
    from xraytap.protocol.diff import Path

XEND, XAPI = Rules(model=load("xend")), Rules(model=load("xapi"))
REF = "!ref VM.1"


@pytest.mark.parametrize(
    ("rules", "method", "path", "expected"),
    [
        (XEND, "VM_metrics.get_last_updated", (), True),
        (XEND, "VM_metrics.get_VCPUs_utilisation", (), True),
        (XEND, "VM.get_name_label", (), False),
        (XEND, "VM.get_domid", (), True),
        (XEND, "VM_metrics.get_record", ("last_updated",), True),
        (XEND, "VM_metrics.get_record", ("VCPUs_utilisation", "0"), False),  # its parent is not looked into
        (XEND, "VM.get_record", ("name_label",), False),
        (XEND, "Async.VM_metrics.get_last_updated", (), False),  # the answer is a task
        (XEND, "event.next", (0, "id"), True),
        (XEND, "event.next", (3, "timestamp"), True),
        (XEND, "event.next", (3, "operation"), False),
        (XAPI, "VM_metrics.get_all_records", ("!ref VM_metrics.1", "last_updated"), True),
        (XAPI, "VM.get_all_records", (REF, "memory_target"), True),
        (XAPI, "VM.get_all_records", (REF, "memory_static_max"), False),
        (XAPI, "VM_get_domid", (), True),
        (XAPI, "host.get_servertime", (), True),
        (XAPI, "event.from", ("token",), True),
        (XAPI, "event.from", ("events", 0, "timestamp"), True),
        (XAPI, "event.from", ("events", 0, "snapshot"), False),
        (XAPI, "event.from", ("events", 0, "snapshot", "memory_target"), True),
        (XAPI, "event.from", ("events", 0, "snapshot", "name_label"), False),
        (XAPI, "event.inject", (), True),
        (XEND, "xend.domain", ("cpu_time",), True),
        (XEND, "xend.domains", (1, "cpu_time"), True),
        (XEND, "xend.domains", (1, "name"), False),
        (XAPI, "No.such", ("last_updated",), False),
        (Rules(), "VM_metrics.get_last_updated", (), False),
    ],
)
def test_the_data_model_knows_what_is_measured_or_made_anew(
    rules: Rules, method: str, path: Path, expected: bool
) -> None:
    assert rules.answer(method).ignore(path) is expected


@pytest.mark.parametrize(
    ("name", "method", "path", "expected"),
    [
        ("VM.get_name_label", "VM.get_name_label", (), True),
        ("VM.get_name_label", "VM.get_record", ("name_label",), True),
        ("VM.name_label", "VM.get_name_label", (), True),
        ("VM.name_label", "VM.get_all_records", (REF, "name_label"), True),
        ("VM.name_label", "host.get_record", ("name_label",), False),
        ("name_label", "host.get_record", ("name_label",), True),
        ("name_label", "host.get_name_label", (), True),
        ("VM.*", "VM.get_record", (), True),
        ("VM.*", "VM_metrics.get_record", (), False),
        ("host.other_*", "host.get_record", ("other_config",), True),
        ("size", "VM.get_other_config", ("size",), True),
        ("cpu_time", "xend.domain", ("cpu_time",), True),
        ("cpu_time", "Not.known", ("deep", 1, "cpu_time"), True),
        ("VM.start", "Async.VM.start", (), True),
    ],
)
def test_names_take_more_places_out(name: str, method: str, path: Path, expected: bool) -> None:
    assert Rules(model=load("xapi"), names=(name,)).answer(method).ignore(path) is expected
    assert not Rules(model=load("xapi")).answer(method).ignore(path)


def test_names_count_without_a_model() -> None:
    rules = Rules(names=("uuid", "VM.start"))
    assert rules.answer("VM.get_record").ignore(("uuid",))
    assert rules.answer("VM.start").ignore(())


def test_what_is_volatile_can_be_kept() -> None:
    rules = Rules(model=load("xend"), names=("domid",), keep_volatile=True)
    assert not rules.answer("VM_metrics.get_record").ignore(("last_updated",))
    assert rules.answer("VM.get_record").ignore(("domid",))


@pytest.mark.parametrize(
    ("rules", "method", "path", "expected"),
    [
        (XEND, "VM.get_all", (), True),
        (XEND, "VM.get_record", ("VBDs",), True),
        (XAPI, "VM.get_all_records", (REF, "allowed_operations"), True),
        (XAPI, "VM.get_name_label", (), False),
        (XEND, "task.get_error_info", (), False),
        (XAPI, "task.get_record", ("error_info",), False),
        (XEND, "event.next", (), False),
        (XAPI, "event.from", ("events",), False),
        (XEND, "xend.domain", (), False),
        (XEND, "xend.domains", (), True),
        (Rules(), "VM.get_all", (), False),
    ],
)
def test_sets_are_known_but_for_those_whose_order_speaks(
    rules: Rules, method: str, path: Path, expected: bool
) -> None:
    assert rules.answer(method).unordered(path) is expected


def test_parameters_have_their_places_too() -> None:
    places = Rules(model=load("xapi"), names=("VM.start.force",)).params("event.from")
    assert [places.ignore((index,)) for index in range(4)] == [False, False, True, False]
    assert [places.unordered((index,)) for index in range(4)] == [False, True, False, False]
    forced = Rules(model=load("xapi"), names=("VM.start.force", "VM.*")).params("Async.VM.start")
    assert [forced.ignore((index,)) for index in range(4)] == [False, False, False, True]
    created = XAPI.params("VM.create")
    assert created.unordered((1, "tags"))
    assert not created.unordered((9,))
