"""The codec: one table drives decode and encode; recorded traffic, an oracle and properties on top."""

from __future__ import annotations

import tracemalloc
import xmlrpc.client
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.strategies import ORACLE_VALUES, OUR_VALUES
from tests.cases.values import REFUSED, REFUSED_VALUES, VALUES, typed
from tests.recorded import EVERY, IDS
from xraytap.errors import DecodeError
from xraytap.protocol.messages import Fault, Request, Response
from xraytap.protocol.values import DateTime, wire_type
from xraytap.protocol.xmlrpc_decode import Limits, decode, decode_fully, decode_request, decode_response
from xraytap.protocol.xmlrpc_encode import encode, encode_fault, encode_request, encode_response

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "<methodResponse><params><param><value>"
TAIL = "</value></param></params></methodResponse>"


def _answer(inside: str) -> str:
    return HEAD + inside + TAIL


@pytest.mark.parametrize(
    ("inside", "value", "kind"), [row[1:4] for row in VALUES], ids=[r[0] for r in VALUES]
)
@pytest.mark.parametrize("read", [decode, decode_fully], ids=["the short way", "the full way"])
def test_decodes_the_value_with_its_wire_type(
    inside: str, value: object, kind: str, read: Callable[[bytes], Request | Response]
) -> None:
    message = read(_answer(inside).encode())
    assert isinstance(message, Response)
    decoded = message.value
    assert typed(decoded) == typed(value)
    assert wire_type(decoded) == kind


@pytest.mark.parametrize(
    ("inside", "value"), [r[1:3] for r in VALUES if r[4]], ids=[r[0] for r in VALUES if r[4]]
)
def test_encodes_the_value_as_written(inside: str, value: object) -> None:
    written = encode_response(value).decode()  # type: ignore[arg-type]
    assert f"<value>{inside}</value>" in written


@pytest.mark.parametrize(("inside", "value"), [r[1:3] for r in VALUES], ids=[r[0] for r in VALUES])
@pytest.mark.parametrize(
    "codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_decodes_the_same_from_every_unicode_encoding(inside: str, value: object, codec: str) -> None:
    assert typed(decode_response(_answer(inside).encode(codec)).value) == typed(value)


@pytest.mark.parametrize("inside", [r[1] for r in VALUES], ids=[r[0] for r in VALUES])
def test_a_truncated_or_continued_document_is_refused(inside: str) -> None:
    whole = _answer(inside).encode()
    for body in [whole[:cut] for cut in range(0, len(whole), 7)] + [whole + b"x", whole + b"<a/>"]:
        with pytest.raises(DecodeError):
            decode(body)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("UTF-8", "utf-8"),
        ("ISO-8859-15", "iso8859-15"),
    ],
)
def test_believes_the_declared_encoding(declared: str, codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + _answer("<string>café</string>")
    assert decode_response(text.encode(codec)).value == "café"


def test_reads_undeclared_bytes_that_are_no_utf8_as_windows_1252() -> None:
    assert decode_response(_answer("<string>caf\u00e9 \u20ac</string>").encode("cp1252")).value == "café €"


def test_believes_the_http_charset_where_nothing_else_tells() -> None:
    body = _answer("<string>\u0434</string>").encode("koi8-r")
    assert decode_response(body, charset="koi8-r").value == "\u0434"


@pytest.mark.parametrize(("body", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refuses_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(body)
    assert reason in caught.value.reason
    assert 0 <= caught.value.offset <= len(body)


@pytest.mark.parametrize(
    ("inside", "reason"), [r[1:] for r in REFUSED_VALUES], ids=[r[0] for r in REFUSED_VALUES]
)
def test_refuses_a_wrong_value_where_it_stands(inside: str, reason: str) -> None:
    body = _answer(inside).encode()
    with pytest.raises(DecodeError) as caught:
        decode(body)
    assert reason in caught.value.reason
    assert len(HEAD) - len("<value>") <= caught.value.offset < len(body) - len(TAIL)


def test_tells_the_offset_in_the_bytes_as_given() -> None:
    text = _answer("<string>é</string>").replace("</value>", "</value>") + ""
    bad = text.replace("<string>é</string>", "<!-- é --><int>x</int>")
    for codec, start in (("utf-8", 0), ("utf-16-le", 0), ("utf-16", 2)):
        with pytest.raises(DecodeError) as caught:
            decode(bad.encode(codec))
        expected = start + len(bad[: bad.index("<int>")].encode(codec)) - (2 if codec == "utf-16" else 0)
        assert caught.value.offset == expected


@pytest.mark.parametrize("depth", [250, 5_000, 100_000])
def test_refuses_deep_nesting_without_recursing_into_it(depth: int) -> None:
    body = _answer("<array><data><value>" * depth + "</value></data></array>" * depth).encode()
    with pytest.raises(DecodeError, match=r"deep|depth"):
        decode(body)


def test_decodes_to_the_depth_limit_exactly() -> None:
    body = _answer("<array><data><value>" * 200 + "</value></data></array>" * 200).encode()
    assert isinstance(decode_response(body).value, list)


def test_refuses_more_bytes_or_elements_than_the_limits() -> None:
    body = _answer("<array><data>" + "<value/>" * 100 + "</data></array>").encode()
    with pytest.raises(DecodeError, match="bytes, more than the limit"):
        decode(body, limits=Limits(max_bytes=50))
    with pytest.raises(DecodeError, match="elements, the limit"):
        decode(body, limits=Limits(max_elements=20))


def test_entity_bombs_cost_nothing() -> None:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(20))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e0 "lol">{entities}]>' + _answer("&e20;")
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="DTD"):
            decode(bomb.encode())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "<methodCall><methodName>a.b</methodName></methodCall>",
        "<methodCall><methodName>a.b</methodName><params/></methodCall>",
        "<methodCall>\n <methodName> a.b\n</methodName>\n<params>\n</params></methodCall>\n",
        "<!-- hello --><?pi?><methodCall><methodName>a<!-- -->.b</methodName></methodCall><!-- bye -->",
    ],
)
def test_params_may_be_missing_or_empty(text: str) -> None:
    assert decode_request(text.encode()) == Request(method="a.b", params=())


def test_tells_a_request_from_a_response() -> None:
    with pytest.raises(DecodeError, match="methodResponse"):
        decode_request(encode_response(1))
    with pytest.raises(DecodeError, match="methodCall"):
        decode_response(encode_request("a", []))


def test_decodes_faults() -> None:
    assert decode(encode_fault(3, "nosuch")) == Response(fault=Fault(code=3, string="nosuch"))


def test_decodes_multicall_as_plain_values() -> None:
    calls = [{"methodName": "VM.get_all", "params": ["s"]}]
    assert decode_request(encode_request("system.multicall", [calls])).params == (calls,)


def _python_wrote(message: bytes) -> bool:
    return message.startswith(b"<?xml version='1.0'?>\n<method")


@pytest.mark.parametrize(("folder", "number", "exchange"), EVERY, ids=IDS)
def test_recorded_traffic_comes_back_byte_for_byte(folder: str, number: int, exchange: object) -> None:
    for message in (exchange.request, exchange.response):  # type: ignore[attr-defined]
        if message is None or folder == "raw-requests":
            continue
        assert _python_wrote(message.body)
        assert encode(decode(message.body)) == message.body, number


@given(st.lists(ORACLE_VALUES, max_size=3))
def test_agrees_with_the_oracle_on_what_it_writes(params: list[object]) -> None:
    written = xmlrpc.client.dumps(tuple(params), "VM.x", allow_none=True).encode()
    decoded = decode_request(written)
    assert list(decoded.params) == params
    assert encode(decoded) == written


@given(OUR_VALUES)
def test_decode_undoes_encode(value: object) -> None:
    assert typed(decode_response(encode_response(value)).value) == typed(value)  # type: ignore[arg-type]


@given(st.lists(ORACLE_VALUES, max_size=3))
def test_the_oracle_reads_what_we_write(params: list[object]) -> None:
    read, method = xmlrpc.client.loads(encode_request("VM.x", params), use_builtin_types=True)  # type: ignore[arg-type]
    assert (list(read), method) == (params, "VM.x")


def test_the_oracle_reads_our_dates() -> None:
    read, _ = xmlrpc.client.loads(encode_response(DateTime("20090710T09:01:27")), use_builtin_types=True)
    assert read == (datetime(2009, 7, 10, 9, 1, 27),)


_BODIES = [e.response.body for _, _, e in EVERY if e.response and e.response.body][::7]


@given(st.sampled_from(_BODIES), st.integers(0), st.integers(0), st.binary(max_size=8))
def test_any_bytes_become_a_message_or_a_refusal(body: bytes, start: int, length: int, junk: bytes) -> None:
    at = start % (len(body) + 1)
    mutated = body[:at] + junk + body[at + length % 20 :]
    try:
        message = decode(mutated)
    except DecodeError as error:
        assert 0 <= error.offset <= len(mutated)  # noqa: PT017  the other way out is as good
    else:
        assert isinstance(message, Request | Response)
