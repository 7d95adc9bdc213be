"""Bodies as text: exact, pretty, and what cannot be laid out stays as it is."""

from __future__ import annotations

import gzip

import pytest

from tests.recorded import EVERY, IDS
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.copying import as_xml, pretty_body, value_text
from xraytap.protocol.values import DateTime, Value
from xraytap.protocol.xmlrpc_decode import decode
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"


@pytest.mark.parametrize("exchange", [each for _, _, each in EVERY], ids=IDS)
def test_pretty_says_the_same_and_exact_is_exact(exchange: Exchange) -> None:
    for each in (exchange.request, exchange.response):
        if each is None or not each.body.startswith(b"<?xml version='1.0'?>\n<method"):
            continue
        assert as_xml(each, pretty=False).encode() == each.body
        pretty = as_xml(each, pretty=True)
        if pretty.encode() != each.body:
            assert decode(pretty.encode()) == decode(each.body)


def test_a_scalar_stays_on_one_line() -> None:
    pretty = pretty_body(encode_response({"Status": "Success", "Value": [True, "  a  b "]}))
    assert "      <value><boolean>1</boolean></value>\n" in pretty
    assert "<value><string>  a  b </string></value>\n" in pretty


def test_a_compressed_body_is_unpacked() -> None:
    body = encode_request("VM.get_all", ["T"])
    packed = gzip.compress(body)
    head = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    assert as_xml(Message(head=head, body=packed, size=len(packed)), pretty=False) == body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"<broken",
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"",
        b'{"a": 1, "a": 2}',
        b"{not json",
        b"[" * 100_000,
    ],
)
def test_what_cannot_be_laid_out_stays_as_it_is(body: bytes) -> None:
    assert pretty_body(body) == body.decode()


def test_bytes_of_no_charset_show_their_numbers() -> None:
    assert pretty_body(b"\xff<") == "\\xff<"


def test_json_is_indented() -> None:
    assert pretty_body('{"a": ["é"]}'.encode()) == '{\n  "a": [\n    "é"\n  ]\n}\n'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("it's", "it's"),
        (True, "true"),
        ([1, "x"], '[\n  1,\n  "x"\n]'),
        (DateTime("20090710T09:01:27"), '{\n  "$dateTime": "20090710T09:01:27"\n}'),
    ],
)
def test_one_value_alone(value: Value, text: str) -> None:
    assert value_text(value) == text
