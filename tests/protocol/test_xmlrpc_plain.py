"""The short way for plain documents: the full decode's answer, or none."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cases.strategies import OUR_VALUES
from tests.cases.values import VALUES, typed
from tests.recorded import EVERY, IDS
from xraytap.errors import DecodeError
from xraytap.protocol.messages import Request, Response
from xraytap.protocol.xmlrpc_decode import decode_fully
from xraytap.protocol.xmlrpc_encode import encode_fault, encode_request, encode_response
from xraytap.protocol.xmlrpc_plain import decode_plain

_DEPTH = 200
_HEAD = "<methodResponse><params><param><value>"
_TAIL = "</value></param></params></methodResponse>"


def _meaning(message: Request | Response) -> object:
    if isinstance(message, Request):
        return message.method, typed(list(message.params))
    return message.fault, typed(message.value)


def _assert_agrees(body: bytes) -> None:
    plain = decode_plain(body, _DEPTH)
    if plain is not None:
        assert _meaning(plain) == _meaning(decode_fully(body))


@pytest.mark.parametrize(("folder", "_number", "exchange"), EVERY, ids=IDS)
def test_takes_what_real_peers_write(folder: str, _number: int, exchange: object) -> None:
    for message in (exchange.request, exchange.response):  # type: ignore[attr-defined]
        if message is None or folder == "raw-requests" or b"<fault>" in message.body:
            continue
        plain = decode_plain(message.body, _DEPTH)
        assert plain is not None
        assert _meaning(plain) == _meaning(decode_fully(message.body))


@pytest.mark.parametrize("inside", [row[1] for row in VALUES if row[4]], ids=[r[0] for r in VALUES if r[4]])
def test_takes_every_form_that_we_write_but_a_repeated_name(inside: str) -> None:
    body = (_HEAD + inside + _TAIL).encode()
    assert (decode_plain(body, _DEPTH) is None) == ("<name>a</name>" in inside.partition("</name>")[2])
    _assert_agrees(body)


@pytest.mark.parametrize(
    "body",
    [
        encode_fault(1, "x"),
        b"<methodCall><methodName>a</methodName></methodCall>",
        b"<methodCall><methodName>a</methodName><params></params></methodCall>x",
        b"<!-- x --><methodCall><methodName>a</methodName><params></params></methodCall>",
        (_HEAD + "<string><![CDATA[x]]></string>" + _TAIL).encode(),
        (_HEAD + "<string>]]></string>" + _TAIL).encode(),
        (_HEAD + "<string>&unknown;</string>" + _TAIL).encode(),
        (_HEAD + "<string>&#0;</string>" + _TAIL).encode(),
        (_HEAD + "<string>\x01</string>" + _TAIL).encode(),
        (_HEAD + "<string>\uffff</string>" + _TAIL).encode(),
        (_HEAD + "<string a='1'>x</string>" + _TAIL).encode(),
        (_HEAD + "<int>x</int>" + _TAIL).encode(),
        (_HEAD + "<array><data><value>1</value></data></array><int>1</int>" + _TAIL).encode(),
        (_HEAD + "<struct><member><name>a</name><value>1</value></struct>" + _TAIL).encode(),
        (_HEAD + "<struct><value>1</value></struct>" + _TAIL).encode(),
        (
            _HEAD + "<array><data><member><name>a</name><value>1</value></member></data></array>" + _TAIL
        ).encode(),
        (_HEAD + "<struct></data></array>" + _TAIL).encode(),
        (_HEAD + "<array><data></struct>" + _TAIL).encode(),
        (_HEAD + "<string>é</string>" + _TAIL).encode("latin-1"),
    ],
)
def test_leaves_what_is_not_plain_to_the_full_decode(body: bytes) -> None:
    assert decode_plain(body, _DEPTH) is None


def test_is_as_deep_as_the_full_decode_and_no_deeper() -> None:
    deepest = (_HEAD + "<array><data><value>" * 3 + "</value></data></array>" * 3 + _TAIL).encode()
    assert decode_plain(deepest, 3) is not None
    assert decode_plain(deepest, 2) is None


@given(OUR_VALUES)
def test_agrees_with_the_full_decode_on_what_we_write(value: object) -> None:
    _assert_agrees(encode_response(value))  # type: ignore[arg-type]
    _assert_agrees(encode_request("VM.x", [value, value]))  # type: ignore[list-item]


_BODIES = [
    message.body
    for _, _, exchange in EVERY
    for message in (exchange.request, exchange.response)
    if message and message.body
][::5]
_PIECES = st.sampled_from(
    [
        *(b"&lt;", b"&#13;", b"\r\n", b"&", b"]]>", b" ", b"\xff", b"\x00", "\ufffe".encode(), "é".encode()),
        *(
            b"<struct>",
            b"</struct>",
            b"<array><data>",
            b"</data></array>",
            b"<string>",
            b"</string>",
            b"<nil/>",
        ),
        *(
            b"</value>",
            b"</member>",
            b"<value>",
            b"<!---->",
            b"<member><name>a</name>",
            b"<int>1</int>",
            b"<param>",
        ),
    ]
)


@given(st.sampled_from(_BODIES), st.lists(st.tuples(st.integers(0), st.integers(0, 30), _PIECES), max_size=3))
@example(
    b"<methodResponse><params><param><value></value></param></params></methodResponse>", [(38, 0, b" \r\n")]
)
@example(b"<?xml version='1.0\"?><methodCall><methodName>a</methodName><params></params></methodCall>", [])
def test_agrees_with_the_full_decode_on_broken_documents(
    body: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    for start, length, piece in edits:
        at = start % (len(body) + 1)
        body = body[:at] + piece + body[at + length :]
    try:
        _assert_agrees(body)
    except DecodeError as error:
        pytest.fail(f"taken as plain, but refused in full: {error}")
