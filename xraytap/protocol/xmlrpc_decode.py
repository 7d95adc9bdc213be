"""XML-RPC bytes to messages, on lxml.

Invariant: for any bytes, a message or a DecodeError, nothing else, in bounded time and memory. Nothing is
expanded, fetched or executed: a document with a DTD is refused before the parser sees it.

What Python peers, xend and XAPI write takes the short way of `xmlrpc_plain`; everything else is parsed and the
tree walked by recursive descent (docs/decisions/0006).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from xraytap.errors import DecodeError
from xraytap.protocol.charsets import USUAL, Text, declares_encoding, guess_legacy, to_utf8
from xraytap.protocol.messages import Fault, Request, Response
from xraytap.protocol.values import I8, Bare, Extended, Struct, Value
from xraytap.protocol.xmlrpc_encode import APACHE_NAMESPACE
from xraytap.protocol.xmlrpc_leaves import SCALARS, Refusal, read_int
from xraytap.protocol.xmlrpc_plain import decode_plain

if TYPE_CHECKING:
    Element = etree._Element  # noqa: SLF001  the only name that lxml gives its type


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where decoding refuses. `max_bytes` of body, `max_depth` of values within values (at most 600:
    the parser's own limit is 2048 elements), `max_elements` of XML."""

    max_bytes: int = 256 * 1024 * 1024
    max_depth: int = 200
    max_elements: int = 8_000_000


DEFAULT_LIMITS = Limits()

_TOO_DEEP = "values nested too deeply"
_PARSER_OPTIONS = {
    "encoding": "utf-8",  # given bytes are UTF-8, whatever their declaration says by now
    "remove_comments": True,
    "remove_pis": True,
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": True,
    "collect_ids": False,  # no DTD, so no ids: the table for them costs a fifth of a large parse
}
_EX = f"{{{APACHE_NAMESPACE}}}"
_EXTENSIONS = frozenset(
    {"i1", "i2", "i8", "float", "bigdecimal", "biginteger", "dateTime", "nil", "dom", "serializable"}
)
# What may stand before the root element: blanks, processing instructions, comments.
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_TAG = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<([A-Za-z_])", re.DOTALL)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|h1|p)[\s>/]", re.IGNORECASE)


def decode(body: bytes, *, charset: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """The request or response that `body` is. `charset` is that of the HTTP Content-Type, if any.

    Raises DecodeError, with the offset in `body` and the reason.
    """
    if charset is None and body.startswith(USUAL) and len(body) <= min(limits.max_bytes, limits.max_elements):
        plain = decode_plain(body, limits.max_depth)
    else:
        plain = decode_plain(_text(body, charset, limits).utf8, limits.max_depth)
    return plain if plain is not None else decode_fully(body, charset=charset, limits=limits)


def decode_fully(
    body: bytes, *, charset: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Request | Response:
    """As `decode`, and never by the short way for plain documents, which this one is the measure of."""
    text, root = _parse(body, charset, limits)
    try:
        if root.tag == "methodCall":
            return _request(root, limits.max_depth)
        if root.tag == "methodResponse":
            return _response(root, limits.max_depth)
        raise Refusal(f"the root element is <{root.tag}>, not <methodCall> or <methodResponse>", root)
    except Refusal as refusal:
        raise DecodeError(
            refusal.reason, offset=text.offset(_element_offset(text.utf8, root, refusal.element))
        ) from None


def decode_request(body: bytes, *, charset: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Request:
    """As `decode`, and a DecodeError if it is a response."""
    message = decode(body, charset=charset, limits=limits)
    if isinstance(message, Request):
        return message
    raise DecodeError("this is a <methodResponse>, where a <methodCall> is due")


def decode_response(body: bytes, *, charset: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Response:
    """As `decode`, and a DecodeError if it is a request."""
    message = decode(body, charset=charset, limits=limits)
    if isinstance(message, Response):
        return message
    raise DecodeError("this is a <methodCall>, where a <methodResponse> is due")


def decode_value(fragment: str, *, limits: Limits = DEFAULT_LIMITS) -> Value:
    """One `<value>` element, as XAPI puts it into `task.result`."""
    text, root = _parse(fragment.encode("utf-8", "surrogatepass"), None, limits)
    try:
        return _value(_expect(root, "value"), limits.max_depth)
    except Refusal as refusal:
        offset = _element_offset(text.utf8, root, refusal.element)
        raise DecodeError(refusal.reason, offset=offset) from None


def _text(body: bytes, charset: str | None, limits: Limits) -> Text:
    """`body` as UTF-8, if it is within the limits of size."""
    if len(body) > limits.max_bytes:
        raise DecodeError(f"{len(body)} bytes, more than the limit of {limits.max_bytes}")
    text = to_utf8(body, charset)
    # Every element but an empty one writes two tags, so this never refuses what is within the limit.
    most = 2 * limits.max_elements + 16
    if len(text.utf8) > most and text.utf8.count(b"<") > most:
        raise DecodeError(f"more than {limits.max_elements} elements, the limit")
    return text


def _parse(body: bytes, charset: str | None, limits: Limits) -> tuple[Text, Element]:
    text = _text(body, charset, limits)
    _refuse_foreign(text)
    try:
        return text, _xml(text.utf8)
    except etree.XMLSyntaxError as error:
        legacy = None
        if text.codec == "utf-8" and not charset and not declares_encoding(body):
            legacy = guess_legacy(text)
        if legacy is not None:
            try:
                return legacy, _xml(legacy.utf8)
            except etree.XMLSyntaxError as second:
                raise _syntax_error(second, legacy) from None
        raise _syntax_error(error, text) from None


def _xml(utf8: bytes) -> Element:
    # A parser of its own for each document would cost a third of a small decode; lxml locks a shared one.
    return etree.fromstring(utf8, _PARSER)


_PARSER = etree.XMLParser(**_PARSER_OPTIONS)  # type: ignore[arg-type]


def _refuse_foreign(text: Text) -> None:
    utf8 = text.utf8
    start = 0
    if not utf8.startswith((b"<?xml version='1.0'?>\n<m", b"<methodResponse>", b"<methodCall>")):
        prolog = _PROLOG.match(utf8)
        start = prolog.end() if prolog else 0
        head = utf8[start : start + 64]
        if not head:
            raise DecodeError("the body is empty" if not utf8.strip() else "no element in the document")
        if _HTML.match(head):
            raise DecodeError("this is an HTML page, not XML-RPC", offset=text.offset(start))
        if head[:9].upper() == b"<!DOCTYPE":
            raise DecodeError("the document carries a DTD, which is never read", offset=text.offset(start))
        if head[:1] != b"<":
            shown = head[:20].decode("utf-8", "replace")
            raise DecodeError(f"not XML: it starts with {shown!r}", offset=text.offset(start))


def _syntax_error(error: etree.XMLSyntaxError, text: Text) -> DecodeError:
    line, column = error.position
    start = 0
    for _ in range(line - 1):
        start = text.utf8.find(b"\n", start) + 1
    reason = (error.msg or "not well-formed").partition(", line ")[0].strip()
    offset = min(start + max(0, column - 1), len(text.utf8))
    return DecodeError(f"not well-formed XML: {reason}", offset=text.offset(offset))


def _element_offset(utf8: bytes, root: Element, element: object) -> int:
    """Byte offset of the start tag: the n-th element of the tree is the n-th start tag of the text."""
    index = next(i for i, each in enumerate(root.iter()) if each is element)
    for match in _TAG.finditer(utf8):
        if match[1] is not None:
            if index == 0:
                return match.start()
            index -= 1
    return 0


def _expect(element: Element, tag: str) -> Element:
    if element.tag != tag:
        raise Refusal(f"found <{element.tag}> where <{tag}> is due", element)
    return element


def _request(root: Element, depth: int) -> Request:
    if not len(root):
        raise Refusal("a <methodCall> without <methodName>", root)
    name = _expect(root[0], "methodName")
    method = (name.text or "").strip()
    if not method or len(name):
        raise Refusal("an empty <methodName>" if not method else "an element inside <methodName>", name)
    if len(root) > 2:
        raise Refusal(f"found <{root[2].tag}> after <params>", root[2])
    if len(root) == 1:
        return Request(method=method, params=())
    return Request(
        method=method,
        params=tuple([_param(each, depth) for each in _expect(root[1], "params")]),
    )


def _param(element: Element, depth: int) -> Value:
    _expect(element, "param")
    if len(element) != 1:
        raise Refusal(f"a <param> with {len(element)} elements, where one <value> is due", element)
    return _value(_expect(element[0], "value"), depth)


def _response(root: Element, depth: int) -> Response:
    if len(root) != 1:
        raise Refusal(f"a <methodResponse> with {len(root)} elements: one <params> or <fault> is due", root)
    inner = root[0]
    if inner.tag == "fault":
        if len(inner) != 1:
            raise Refusal("a <fault> without its one <value>", inner)
        return Response(fault=_fault(inner, _value(_expect(inner[0], "value"), depth)))
    _expect(inner, "params")
    if len(inner) != 1:
        raise Refusal(f"a response with {len(inner)} values, where one is due", inner)
    return Response(value=_param(inner[0], depth))


def _fault(element: Element, value: Value) -> Fault:
    if isinstance(value, dict) and "faultCode" in value and "faultString" in value:
        code, string = value["faultCode"], value["faultString"]
        try:
            return Fault(code=int(str(code)), string=str(string))
        except ValueError:
            raise Refusal(f"a fault whose faultCode is {code!r}, no number", element) from None
    raise Refusal("a <fault> that is no struct of faultCode and faultString", element)


def _value(element: Element, depth: int) -> Value:
    """Any value, every step checked."""
    if not len(element):
        return Bare(element.text or "")
    if len(element) != 1:
        raise Refusal(f"a <value> with {len(element)} elements, where one is due", element)
    inner = element[0]
    tag = inner.tag
    if tag == "struct":
        return _struct(inner, depth)
    if tag == "array":
        if depth <= 0:
            raise Refusal(_TOO_DEEP, inner)
        if len(inner) != 1 or inner[0].tag != "data":
            raise Refusal("an <array> needs one <data>", inner)
        return [_value(_expect(each, "value"), depth - 1) for each in inner[0]]
    if len(inner) and not tag.endswith("dom"):
        raise Refusal(f"found <{inner[0].tag}> inside <{tag}>", inner[0])
    return _other(inner, tag)


def _struct(element: Element, depth: int) -> Value:
    if depth <= 0:
        raise Refusal(_TOO_DEEP, element)
    items = []
    for member in element:
        if [each.tag for each in member] != ["name", "value"] or member.tag != "member" or len(member[0]):
            raise Refusal("a <struct> holds <member>s of one <name> and one <value>", member)
        items.append((member[0].text or "", _value(member[1], depth - 1)))
    members = dict(items)
    return members if len(members) == len(items) else Struct(tuple(items))


def _other(inner: Element, tag: str) -> Value:
    text = inner.text or ""
    if tag == "nil":
        return None
    try:
        if tag in SCALARS:
            return SCALARS[tag](text)
        local = tag.removeprefix(_EX).removeprefix("ex:")
        if local != tag and local in _EXTENSIONS:
            if local == "i8":
                return I8(read_int(text))
            if local == "dom":
                content = "".join(etree.tostring(each, encoding="unicode") for each in inner)
                return Extended("dom", text + content)
            return Extended(local, text)
    except Refusal as refusal:
        refusal.element = inner
        raise
    raise Refusal(f"unknown type element <{tag}>", inner)
