"""A call as a text to edit, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from tests.cases.strategies import OUR_VALUES
from tests.recorded import EVERY, IDS
from xraytap.errors import UsageError
from xraytap.protocol.messages import BATCH, Request
from xraytap.protocol.summary import decode_exchange
from xraytap.protocol.values import Value, wire_type
from xraytap.tui.work.edits import body_of, forms, request_of_body, request_of_yaml, yaml_of

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange

START = Request(method="VM.start", params=("T", "vm", False))


@pytest.mark.parametrize("exchange", [each for _, _, each in EVERY], ids=IDS)
def test_a_recorded_call_left_alone_is_the_same_call(exchange: Exchange) -> None:
    request = decode_exchange(exchange).request
    if request is None or request.method == BATCH:
        return
    assert request_of_yaml(yaml_of(request, "a call"), request) == request
    assert request_of_body(body_of(request), request) == request


@given(OUR_VALUES)
@settings(max_examples=100, deadline=None)
def test_any_value_is_read_as_it_was_written_with_its_wire_type(value: Value) -> None:
    request = Request(method="VM.x", params=(value,))
    read = request_of_yaml(yaml_of(request, "a call"), request)
    assert read is not None
    assert repr(read.params) == repr(request.params)
    assert wire_type(read.params[0]) == wire_type(value)


def test_what_is_changed_is_read() -> None:
    text = yaml_of(START, "a call").replace("false", "true").replace("VM.start", "Async.VM.start")
    assert request_of_yaml(text, START) == Request(method="Async.VM.start", params=("T", "vm", True))
    json = Request(method="VM.start", params=("T",), protocol="jsonrpc", version="2.0", id=7)
    changed = request_of_body(body_of(json).replace("VM.start", "VM.pause"), json)
    assert changed == Request(method="VM.pause", params=("T",), protocol="jsonrpc", version="2.0", id=7)


@pytest.mark.parametrize("text", ["", "\n\n", "# VM.start\n# nothing else\n"])
def test_a_text_without_a_call_drops_it(text: str) -> None:
    assert request_of_yaml(text, START) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("false", "!ref VM.1"), "!ref VM.1 stands for a value of a golden"),
        (lambda text: text + "- VM.pause: [T, vm]\n", "2 calls; expected one"),
        (lambda text: text.replace("- false", "- [false"), "the edited call, line 10: this is no YAML"),
        (lambda text: text.replace("- VM.start", "VM.start"), "the edited call, line 10: this is no YAML"),
    ],
)
def test_a_mistake_is_told(change: object, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        request_of_yaml(change(yaml_of(START, "a call")), START)  # type: ignore[operator]
    assert told in str(caught.value)


def test_a_mistake_is_found_on_the_line_where_it_is() -> None:
    text = yaml_of(START, "a call").replace("false", "!odd x")
    at = next(number for number, line in enumerate(text.splitlines(), 1) if "!odd" in line)
    with pytest.raises(UsageError, match=rf"the edited call[:,] ?(line )?{at}"):
        request_of_yaml(text, START)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<methodCall>", "does not decode"),
        ("<methodResponse><params><param><value>x</value></param></params></methodResponse>", "is an answer"),
        ('{"method": "x", "params": [], "id": 1}', "jsonrpc, where xmlrpc is expected"),
    ],
)
def test_a_body_that_is_no_call_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        request_of_body(text, START)


def test_each_form_reads_what_it_writes() -> None:
    assert {key: form.read(form.text, START) for key, form in forms(START, "a call").items()} == {
        "y": START,
        "x": START,
    }
