"""Assertions on calls: what counts as the same, and what a failed one says."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from xraytap.protocol.values import Bare, DateTime, Struct
from xraytap.testing.call import HostCall, same
from xraytap.testing.host import XenHost

CALLS = [
    HostCall(seq=1, method="session.login_with_password", args=("root", "x"), session=None, outcome="success",
             params={"uname": "root", "pwd": "x"}),
    HostCall(seq=2, method="VM.get_record", args=("R1",), session="T", outcome="success", params={"self": "R1"}),
    HostCall(seq=3, method="Async.VM.start", args=("R1", True), session="T", outcome="failure",
             params={"vm": "R1", "start_paused": True}),
]  # fmt: skip


class Host(XenHost):
    def __init__(self, calls: list[HostCall]) -> None:
        super().__init__("http://127.0.0.1:80", Path("some.yaml"))
        self._calls = calls

    @property
    def calls(self) -> list[HostCall]:
        return self._calls


HOST = Host(CALLS)


def test_what_was_called_is_found_by_name_parameters_and_pattern() -> None:
    assert HOST.assert_called("VM.start", start_paused=True).seq == 3
    assert HOST.assert_called("Async.VM.start", "R1").seq == 3
    assert HOST.assert_called("VM.get_record", self="R1").seq == 2
    assert HOST.assert_called("VM.*", times=2).seq == 3
    assert HOST.assert_called_once("VM.start", vm=ANY).seq == 3
    assert HOST.assert_called("VM.stop", times=0).seq == 0
    HOST.assert_not_called("VM.start", start_paused=False)
    HOST.assert_order("session.*", "VM.get_record", "VM.start")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (lambda: HOST.assert_called("VM.start", start_paused=False),
         ["VM.start(start_paused=False) was not called.", "Its calls were (1):",
          "  call 3: Async.VM.start(vm='R1', start_paused=True)", "start_paused: expected False, was True"]),
        (lambda: HOST.assert_called("VM.start", "R1", True, 5),
         ["expected a parameter 3 behind the session, there are 2"]),
        (lambda: HOST.assert_called("VM.start", "R2"), ["vm: expected 'R2', was 'R1'"]),
        (lambda: HOST.assert_called("VM.start", force=True),
         ["force: expected True, there is none (there is vm, start_paused)"]),
        (lambda: HOST.assert_called("VM.stop"),
         ["VM.stop was not called. The calls that came:", "  call 2: VM.get_record"]),
        (lambda: HOST.assert_called("VM.start", times=2), ["VM.start was called 1 times, expected 2."]),
        (lambda: Host([]).assert_called("VM.start"), ["VM.start was not called. No call came at all."]),
        (lambda: HOST.assert_not_called("VM.*"), ["VM.* was called:", "  call 2: VM.get_record(self='R1')"]),
        (lambda: HOST.assert_order("VM.start", "VM.get_record"), ["VM.get_record was not called after VM.start."]),
        (lambda: Host([]).assert_order("VM.start"), ["VM.start was not called. The calls: none"]),
    ],
)  # fmt: skip
def test_a_failed_assertion_says_what_was_called_instead(check: Any, said: list[str]) -> None:
    with pytest.raises(AssertionError) as failed:
        check()
    for text in said:
        assert text in str(failed.value)


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        (268435456, "268435456", True),
        (268435456, Bare("268435456"), True),
        ("268435456", 268435456, False),
        (1, True, False),
        (True, 1, False),
        (True, "True", False),
        (True, True, True),
        (1.0, 1, True),
        (ANY, True, True),
        ("20090710T09:01:27", DateTime("20090710T09:01:27"), True),
        ({"a": 1}, {"a": "1"}, True),
        ({"a": 1}, {"a": "1", "b": "2"}, False),
        ({"a": 2}, Struct((("a", "1"), ("a", "2"))), True),
        ([1, [2]], ["1", ["2"]], True),
        ((1,), ["1", "2"], False),
        (None, None, True),
        (None, "", False),
    ],
)
def test_values_are_compared_as_a_test_means_them(expected: Any, found: Any, equal: bool) -> None:
    assert same(expected, found) is equal
