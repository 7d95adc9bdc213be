"""A call's bodies as text: exact, laid out for reading, as JSON; and one value alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xraytap.errors import DecodeError
from xraytap.protocol.charsets import to_utf8
from xraytap.protocol.http import charset_of, content_decode, find_header, parse_head
from xraytap.protocol.jsonform import call_to_json, value_to_json

if TYPE_CHECKING:
    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow, Message
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value


def as_xml(message: Message, *, pretty: bool) -> str:
    """A body as text, its content coding undone. A byte that is not of its charset reads as its number in hex.

    `pretty`: indented, one element a line; what is not well-formed, and JSON with a repeated name, stays as
    it is.
    """
    _, headers = parse_head(message.head)
    try:
        body = content_decode(message.body, find_header(headers, "content-encoding"))
    except DecodeError:
        body = message.body
    charset = charset_of(find_header(headers, "content-type"))
    return pretty_body(body, charset) if pretty else _text(body, charset)


def pretty_body(body: bytes, charset: str | None = None) -> str:
    """XML or JSON laid out for reading; the text as it is where that is not possible."""
    text = _text(body, charset)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _pretty_json(text)
    return _pretty_xml(text)


def as_json(row: CallRow, call: DecodedCall, about: About | None = None) -> str:
    """The call as docs/json.md writes it, indented."""
    return json.dumps(call_to_json(row, call, about), indent=2, ensure_ascii=True) + "\n"


def value_text(value: Value) -> str:
    """One value alone: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return str(value)
    return json.dumps(value_to_json(value), indent=2, ensure_ascii=False)


def _text(body: bytes, charset: str | None) -> str:
    try:
        return to_utf8(body, charset).utf8.decode()
    except (DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", "backslashreplace")


def _pretty_xml(text: str) -> str:
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8",
        remove_blank_text=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        strip_cdata=False,
    )
    if "<!DOCTYPE" in text:
        return text
    try:
        root = etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return text
    etree.indent(root, space="  ")
    for value in root.iter("value"):
        if len(value) == 1 and not len(value[0]):
            value.text = value[0].tail = None  # a scalar stays on one line
    return etree.tostring(root.getroottree(), encoding="unicode") + "\n"


def _pretty_json(text: str) -> str:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            raise ValueError("a name is repeated")
        return made

    try:
        document = json.loads(text.lstrip("\ufeff"), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
