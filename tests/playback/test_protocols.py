"""A golden recorded over one protocol answers the other: the whole conversation with XAPI, each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cases.xapi import STEPS, conversation
from tests.playback.host import Host
from xraytap.playback.wire import encode_answer
from xraytap.protocol.datamodel import load
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.golden import Join, Symbol, substitute
from xraytap.protocol.messages import Response
from xraytap.protocol.restyle import restyle_params, restyle_result
from xraytap.protocol.summary import decode_bytes
from xraytap.protocol.symbols import golden_of
from xraytap.protocol.values import I4, Bare, DateTime, Struct, wire_type

if TYPE_CHECKING:
    from xraytap.protocol.golden import Golden

XAPI = load("xapi")


def recorded(transport: str) -> Golden:
    talk = conversation(transport)
    numbers = range(1, len(STEPS) + 1)
    return golden_of([(talk.row(seq), talk.decode(seq)) for seq in numbers], api="XAPI 2.21")


def typed(value: Any) -> Any:
    """Wire types and values, Bare and typed strings apart; symbols as they are."""
    if isinstance(value, list | tuple):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return {str(name): typed(each) for name, each in value.items()}
    return value if isinstance(value, Symbol | Join) else (wire_type(value), value)


@pytest.mark.parametrize(("of", "to"), [("xmlrpc", "jsonrpc 2.0"), ("jsonrpc 1.0", "xmlrpc")])
def test_every_value_of_a_conversation_becomes_what_the_other_protocol_has(of: str, to: str) -> None:
    for one, other in zip(recorded(of).calls, recorded(to).calls, strict=True):
        params = restyle_params(one.method, one.params, XAPI, to=other.protocol)
        assert typed(params) == typed(other.params), one.method
        if one.reply == "answer":
            value = restyle_result(one.method, one.value, XAPI, to=other.protocol, bare=to == "xmlrpc")
            assert typed(value) == typed(other.value), one.method


@pytest.mark.parametrize("asked_over", ["xmlrpc", "jsonrpc"])
@pytest.mark.parametrize("transport", ["xmlrpc", "jsonrpc 2.0"])
def test_a_conversation_plays_over_both(transport: str, asked_over: str) -> None:
    host = Host(recorded(transport), protocol=asked_over)
    style = Bare if asked_over == "xmlrpc" else str
    recorded_over = recorded("xmlrpc" if asked_over == "xmlrpc" else "jsonrpc 2.0")
    for call, request, played in host.run_through(recorded_over):
        assert played.response is not None
        message = decode_bytes(encode_answer(played.response, request)[0])
        assert isinstance(message, Response)
        found = read_envelope(message)
        value = found.value if found.error is None else list(found.error)
        expected = substitute(call.value, host.client.known, style=style, protocol=asked_over)
        assert typed(value) == typed(expected), call.method
    assert host.responder.unmatched == []
    assert host.responder.unused() == []


@pytest.mark.parametrize(
    ("value", "type_of", "expected"),
    [
        (5, "no.such_call", "5"),
        (True, "VM.get_is_a_template", True),
        (5, "VM.get_HVM_shadow_multiplier", 5.0),
        ("20261124T09:01:30Z", "VM.get_snapshot_time", DateTime("20261124T09:01:30Z")),
        ("soon", "VM.get_snapshot_time", "soon"),
        (Struct((("a", 1), ("a", 2))), "no.such_call", Struct((("a", "1"), ("a", "2")))),
        (None, "VM.start", None),
    ],
)  # fmt: skip
def test_json_becomes_xml(value: Any, type_of: str, expected: Any) -> None:
    assert typed(restyle_result(type_of, value, XAPI, to="xmlrpc")) == typed(expected)


@pytest.mark.parametrize(
    ("value", "type_of", "expected"),
    [
        ("5", "VM.get_memory_static_max", 5),
        ("five", "VM.get_memory_static_max", "five"),
        ("5", "VM.get_name_label", "5"),
        (I4(5), "no.such_call", 5),
        (DateTime("20261124T09:01:30Z"), "no.such_call", "20261124T09:01:30Z"),
        ("T", "Async.VM.start", "T"),
    ],
)
def test_xml_becomes_json(value: Any, type_of: str, expected: Any) -> None:
    assert typed(restyle_result(type_of, value, XAPI, to="jsonrpc")) == typed(expected)


def test_xapi_takes_a_method_with_an_underscore_for_its_dot() -> None:
    host = Host(recorded("xmlrpc"))
    token = str(host.ask("session_login_with_password", "root", "x"))
    assert len(host.ask("VM_get_by_name_label", token, "web")) == 1
