"""XML-RPC bytes to messages, on lxml.

Invariant: for any bytes, a message or a DecodeError, nothing else, in bounded time and memory. Nothing is
expanded, fetched or executed: a document with a DTD is refused before the parser sees it.

Speed comes from recursive descent over a tree without blank nodes (docs/decisions/0003).
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from lxml import etree

from xraytap.errors import DecodeError
from xraytap.protocol.charsets import Text, declares_encoding, guess_legacy, to_utf8
from xraytap.protocol.messages import Fault, Request, Response
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct, Value
from xraytap.protocol.xmlrpc_encode import APACHE_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    Element = etree._Element  # noqa: SLF001  the only name that lxml gives its type
    _Reader = Callable[[Element, int], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where decoding refuses. `max_bytes` of body, `max_depth` of values within values (at most 600:
    the parser's own limit is 2048 elements), `max_elements` of XML."""

    max_bytes: int = 256 * 1024 * 1024
    max_depth: int = 200
    max_elements: int = 8_000_000


DEFAULT_LIMITS = Limits()

# XML-RPC's grammar but for extension types and for text beside a type element, checked in C: an eighth of
# the time of checking it while walking the tree. The DTD is ours; one in a document is refused.
_GRAMMAR = etree.DTD(
    StringIO(
        """
<!ELEMENT methodCall (methodName, params?)> <!ELEMENT methodName (#PCDATA)>
<!ELEMENT methodResponse (params | fault)> <!ELEMENT params (param*)> <!ELEMENT param (value)>
<!ELEMENT fault (value)>
<!ELEMENT value (#PCDATA | string | int | i4 | i8 | boolean | double | dateTime.iso8601 | base64 | nil
                 | struct | array)*>
<!ELEMENT string (#PCDATA)> <!ELEMENT int (#PCDATA)> <!ELEMENT i4 (#PCDATA)> <!ELEMENT i8 (#PCDATA)>
<!ELEMENT boolean (#PCDATA)> <!ELEMENT double (#PCDATA)> <!ELEMENT dateTime.iso8601 (#PCDATA)>
<!ELEMENT base64 (#PCDATA)> <!ELEMENT nil (#PCDATA)>
<!ELEMENT struct (member*)> <!ELEMENT member (name, value)> <!ELEMENT name (#PCDATA)>
<!ELEMENT array (data)> <!ELEMENT data (value*)>
"""
    )
)
_TOO_DEEP = "values nested too deeply"
_PARSER_OPTIONS = {
    "encoding": "utf-8",  # given bytes are UTF-8, whatever their declaration says by now
    "remove_blank_text": True,
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
_INT = re.compile(r"[ \t\r\n]*([+-]?[0-9]+)[ \t\r\n]*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


class _Refusal(Exception):  # noqa: N818  no error yet: it lacks its offset
    """A structural error at an element; becomes a DecodeError with the element's offset."""

    def __init__(self, element: Element, reason: str) -> None:
        super().__init__(reason)
        self.element = element
        self.reason = reason


def decode(body: bytes, *, charset: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Request | Response:
    """The request or response that `body` is. `charset` is that of the HTTP Content-Type, if any.

    Raises DecodeError, with the offset in `body` and the reason.
    """
    text, root = _parse(body, charset, limits)
    try:
        value = _valid_value if _GRAMMAR.validate(root) else _value
        if root.tag == "methodCall":
            return _request(root, limits.max_depth, value)
        if root.tag == "methodResponse":
            return _response(root, limits.max_depth, value)
        raise _Refusal(root, f"the root element is <{root.tag}>, not <methodCall> or <methodResponse>")
    except _Refusal as refusal:
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
    except _Refusal as refusal:
        offset = _element_offset(text.utf8, root, refusal.element)
        raise DecodeError(refusal.reason, offset=offset) from None


def _parse(body: bytes, charset: str | None, limits: Limits) -> tuple[Text, Element]:
    if len(body) > limits.max_bytes:
        raise DecodeError(f"{len(body)} bytes, more than the limit of {limits.max_bytes}")
    text = to_utf8(body, charset)
    _refuse_foreign(text, limits)
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


def _refuse_foreign(text: Text, limits: Limits) -> None:
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
    # Every element but an empty one writes two tags, so this never refuses what is within the limit.
    if utf8.count(b"<") > 2 * limits.max_elements + 16:
        raise DecodeError(f"more than {limits.max_elements} elements, the limit")


def _syntax_error(error: etree.XMLSyntaxError, text: Text) -> DecodeError:
    line, column = error.position
    start = 0
    for _ in range(line - 1):
        start = text.utf8.find(b"\n", start) + 1
    reason = (error.msg or "not well-formed").partition(", line ")[0].strip()
    offset = min(start + max(0, column - 1), len(text.utf8))
    return DecodeError(f"not well-formed XML: {reason}", offset=text.offset(offset))


def _element_offset(utf8: bytes, root: Element, element: Element) -> int:
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
        raise _Refusal(element, f"found <{element.tag}> where <{tag}> is due")
    return element


def _request(root: Element, depth: int, read: _Reader) -> Request:
    if not len(root):
        raise _Refusal(root, "a <methodCall> without <methodName>")
    name = _expect(root[0], "methodName")
    method = (name.text or "").strip()
    if not method or len(name):
        raise _Refusal(name, "an empty <methodName>" if not method else "an element inside <methodName>")
    if len(root) > 2:
        raise _Refusal(root[2], f"found <{root[2].tag}> after <params>")
    if len(root) == 1:
        return Request(method=method, params=())
    return Request(
        method=method,
        params=tuple([_param(each, depth, read) for each in _expect(root[1], "params")]),
    )


def _param(element: Element, depth: int, read: _Reader) -> Value:
    _expect(element, "param")
    if len(element) != 1:
        raise _Refusal(element, f"a <param> with {len(element)} elements, where one <value> is due")
    return read(_expect(element[0], "value"), depth)


def _response(root: Element, depth: int, read: _Reader) -> Response:
    if len(root) != 1:
        raise _Refusal(root, f"a <methodResponse> with {len(root)} elements: one <params> or <fault> is due")
    inner = root[0]
    if inner.tag == "fault":
        if len(inner) != 1:
            raise _Refusal(inner, "a <fault> without its one <value>")
        return Response(fault=_fault(inner, read(_expect(inner[0], "value"), depth)))
    _expect(inner, "params")
    if len(inner) != 1:
        raise _Refusal(inner, f"a response with {len(inner)} values, where one is due")
    return Response(value=_param(inner[0], depth, read))


def _fault(element: Element, value: Value) -> Fault:
    if isinstance(value, dict) and "faultCode" in value and "faultString" in value:
        code, string = value["faultCode"], value["faultString"]
        try:
            return Fault(code=int(str(code)), string=str(string))
        except ValueError:
            raise _Refusal(element, f"a fault whose faultCode is {code!r}, no number") from None
    raise _Refusal(element, "a <fault> that is no struct of faultCode and faultString")


def _value(element: Element, depth: int) -> Value:
    """Any value, every step checked: for documents that do not follow `_GRAMMAR` to the letter, which are
    those with extension types and those to be refused with a reason."""
    if not len(element):
        return Bare(element.text or "")
    if len(element) != 1:
        raise _Refusal(element, f"a <value> with {len(element)} elements, where one is due")
    inner = element[0]
    tag = inner.tag
    if tag == "struct":
        return _struct(inner, depth)
    if tag == "array":
        if depth <= 0:
            raise _Refusal(inner, _TOO_DEEP)
        if len(inner) != 1 or inner[0].tag != "data":
            raise _Refusal(inner, "an <array> needs one <data>")
        return [_value(_expect(each, "value"), depth - 1) for each in inner[0]]
    if len(inner) and not tag.endswith("dom"):
        raise _Refusal(inner[0], f"found <{inner[0].tag}> inside <{tag}>")
    return _other(inner, tag)


def _struct(element: Element, depth: int) -> Value:
    if depth <= 0:
        raise _Refusal(element, _TOO_DEEP)
    items = []
    for member in element:
        if [each.tag for each in member] != ["name", "value"] or member.tag != "member" or len(member[0]):
            raise _Refusal(member, "a <struct> holds <member>s of one <name> and one <value>")
        items.append((member[0].text or "", _value(member[1], depth - 1)))
    members = dict(items)
    return members if len(members) == len(items) else Struct(tuple(items))


def _valid_value(element: Element, depth: int) -> Value:
    """The hot recursion, over a document that `_GRAMMAR` accepted: no tag is checked twice. Members that
    are plain strings, nearly all of them, are read without a further call."""
    count = len(element)
    if count == 0:
        return Bare(element.text or "")
    inner = element[0]
    tag = inner.tag
    if tag == "string" and count == 1:
        return inner.text or ""
    if tag == "struct" and depth > 0:
        members: dict[str, Value] = {}
        for member in inner.getchildren():  # type: ignore[attr-defined]  # the stubs miss it
            value = member[1]
            if len(value) == 1:
                leaf = value[0]
                if leaf.tag == "string":
                    members[member[0].text or ""] = leaf.text or ""
                    continue
            members[member[0].text or ""] = _valid_value(value, depth - 1)
        return members if len(members) == len(inner) else _struct(inner, depth)
    if tag == "array" and depth > 0:
        depth -= 1
        return [_valid_value(each, depth) for each in inner[0].getchildren()]  # type: ignore[attr-defined]
    if count != 1 or depth <= 0:
        return _value(element, depth)
    return _OTHERS[tag](inner, inner.text or "")


def _other(inner: Element, tag: str) -> Value:
    read = _OTHERS.get(tag)
    if read is not None:
        return read(inner, inner.text or "")
    local = tag.removeprefix(_EX).removeprefix("ex:")
    if local != tag and local in _EXTENSIONS:
        if local == "i8":
            return I8(_int(inner, inner.text or ""))
        if local == "dom":
            content = "".join(etree.tostring(each, encoding="unicode") for each in inner)
            return Extended("dom", (inner.text or "") + content)
        return Extended(local, inner.text or "")
    raise _Refusal(inner, f"unknown type element <{tag}>")


def _int(element: Element, text: str) -> int:
    match = _INT.fullmatch(text)
    if match is None or len(text) > 4000:
        raise _Refusal(element, f"{text[:40]!r} is no integer")
    return int(match[1])


def _double(element: Element, text: str) -> float:
    try:
        if "_" in text or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise _Refusal(element, f"{text[:40]!r} is no double") from None


def _boolean(element: Element, text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise _Refusal(element, f"{text[:40]!r} is no boolean (0 or 1)")
    return value


def _base64(element: Element, text: str) -> bytes:
    try:
        if _BASE64.fullmatch(text) is None:
            raise ValueError
        return a2b_base64(text)
    except (Base64Error, ValueError):
        raise _Refusal(element, "the content is no base64") from None


_OTHERS: dict[str, Callable[[Element, str], Value]] = {
    "string": lambda _element, text: text,
    "boolean": _boolean,
    "int": _int,
    "double": _double,
    "i4": lambda element, text: I4(_int(element, text)),
    "i8": lambda element, text: I8(_int(element, text)),
    "dateTime.iso8601": lambda _element, text: DateTime(text.strip()),
    "base64": _base64,
    "nil": lambda _element, _text: None,
}
