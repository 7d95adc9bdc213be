"""XML-RPC in the plain layout that Python peers, xend and XAPI write, read without an XML parser.

Invariant (a property test and the fuzzer hold it): for any document either None, "not sure", or exactly what
the full decode gives. Not sure is whatever is not plain: comments, CDATA, attributes, repeated member
names, faults, extensions, blanks around a type element, anything misplaced. So refusals and their reasons have
one home, the full decode.

One expression reads a member, a value or a closing tag, in C, each character a bounded number of times; a tree
of elements costs two to three times as much to build and to walk (docs/decisions/0006).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from xraytap.protocol.messages import Request, Response
from xraytap.protocol.values import Bare
from xraytap.protocol.xmlrpc_leaves import SCALARS, Refusal

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

_W = r"[ \t\r\n]*+"
# Characters that XML allows, but for the carriage return: line ends are made `\n` before (XML 1.0, 2.11).
_T = r"([^<\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*+)"
_SCALAR = r"<(boolean|double|int|i4|i8|dateTime\.iso8601|base64)>"
_ENCODING = "(?i:utf-8|us-ascii|iso-8859-1|windows-1252)"
_START = re.compile(
    r"(?:<\?xml version=(?:'1\.0'|\"1\.0\")"
    rf"(?: encoding=(?:'{_ENCODING}'|\"{_ENCODING}\"))? ?\?>)?+"
    rf"{_W}<method(?:Response>{_W}<params>{_W}<param>"
    rf"|Call>{_W}<methodName>([A-Za-z0-9_.:\-]+)</methodName>{_W}<params>){_W}"
)
_RESPONSE_END = re.compile(rf"</param>{_W}</params>{_W}</methodResponse>{_W}")
_PARAM = re.compile(rf"<param>{_W}")
_PARAM_END = re.compile(rf"</param>{_W}")
_REQUEST_END = re.compile(rf"</params>{_W}</methodCall>{_W}")

# The groups of _TOKEN, by number: the last one that took part says what was read.
_MEMBER_STRING, _MEMBER_BARE, _ITEM_STRING, _ITEM_BARE = 2, 3, 4, 5
_NAME, _MEMBER_SCALAR, _MEMBER_NIL, _MEMBER_STRUCT, _MEMBER_ARRAY = 6, 8, 9, 10, 11
_ITEM_SCALAR, _ITEM_NIL, _ITEM_STRUCT, _ITEM_ARRAY = 13, 14, 15, 16
_END_OF_MEMBER_STRUCT, _END_OF_STRUCT, _END_OF_MEMBER_ARRAY, _END_OF_ARRAY = 17, 18, 19, 20
_SCALARS = frozenset({_MEMBER_SCALAR, _ITEM_SCALAR})
_NILS = frozenset({_MEMBER_NIL, _ITEM_NIL})
_STRUCTS = frozenset({_MEMBER_STRUCT, _ITEM_STRUCT})
_OPENING = _STRUCTS | {_MEMBER_ARRAY, _ITEM_ARRAY}
_ENDS_OF_MEMBERS = frozenset({_END_OF_MEMBER_STRUCT, _END_OF_MEMBER_ARRAY})


def _value(content: str, end: str) -> str:
    return rf"<value>{content}</value>{_W}{end}"


def _others(first: int, end: str) -> str:
    """The values but strings, in groups from the number `first` on."""
    scalar = _value(rf"{_SCALAR}{_T}</\{first}>", end)
    return rf"(?:{scalar}|{_value('<nil/>', end)}()|<value><struct>{_W}()|<value><array>{_W}<data>{_W}())"


_MEMBER = rf"<member>{_W}<name>{_T}</name>{_W}"
_MEMBER_END = rf"</member>{_W}"
_STRING = rf"(?:<string>{_T}</string>|{_T})"
_TOKEN = re.compile(
    rf"{_MEMBER}{_value(_STRING, _MEMBER_END)}|{_value(_STRING, '')}"
    rf"|{_MEMBER}{_others(7, _MEMBER_END)}|{_others(12, '')}"
    rf"|</struct>{_W}</value>{_W}(?:{_MEMBER_END}()|())"
    rf"|</data>{_W}</array>{_W}</value>{_W}(?:{_MEMBER_END}()|())"
    r"|(?s:.)()"  # anything else: nothing is ever skipped
)
_AMPERSAND = re.compile(r"&(?:(lt|gt|amp|quot|apos);|#([0-9]{1,7});|#x([0-9A-Fa-f]{1,6});)?")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_XML_CHARACTER = re.compile(r"[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode_plain(utf8: bytes, max_depth: int) -> Request | Response | None:
    """The message that `utf8` plainly is, with values at most `max_depth` deep, or None."""
    try:
        text = utf8.decode()
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        start = _START.match(text)
        if start is None or "]]>" in text:  # forbidden in XML outside CDATA
            return None
        if start[1] is not None:
            return _request(text, start, max_depth)
        value, position = _read(text, start.end(), max_depth)
        return Response(value=value) if _RESPONSE_END.fullmatch(text, position) else None
    except (_NotSure, Refusal, UnicodeDecodeError):
        return None


class _NotSure(Exception):  # noqa: N818  an answer, no error
    """The document is not plain."""


def _request(text: str, start: re.Match[str], depth: int) -> Request | None:
    params = []
    position = start.end()
    while (param := _PARAM.match(text, position)) is not None:
        value, position = _read(text, param.end(), depth)
        params.append(value)
        end = _PARAM_END.match(text, position)
        if end is None:
            return None
        position = end.end()
    if _REQUEST_END.fullmatch(text, position) is None:
        return None
    return Request(method=start[1], params=tuple(params))


def _unescape(text: str) -> str:
    return _AMPERSAND.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1] is not None:
        return _ENTITIES[match[1]]
    code = int(match[2]) if match[2] else int(match[3] or "0", 16)
    if code > 0x10FFFF or _XML_CHARACTER.match(chr(code)) is None:
        raise _NotSure
    return chr(code)


def _read(text: str, position: int, depth: int) -> tuple[Value, int]:  # noqa: PLR0912  the hot loop
    """One value and where it ends. `top` is the container that is being filled, a dict if `in_struct`."""
    root: list[Value] = []
    top: Any = root
    in_struct = False
    parents: list[tuple[Any, bool]] = []
    escaped = "&" in text
    for match in _TOKEN.finditer(text, position):
        kind = match.lastindex or 0
        if kind <= _MEMBER_BARE:
            name, content = match.group(1, kind)
            if escaped:
                name, content = _unescape(name), _unescape(content)
            if not in_struct or name in top:
                raise _NotSure
            top[name] = content if kind == _MEMBER_STRING else Bare(content)
        elif kind <= _ITEM_BARE:
            content = _unescape(match[kind]) if escaped else match[kind]
            if in_struct:
                raise _NotSure
            top.append(content if kind == _ITEM_STRING else Bare(content))
            if top is root:
                return root[0], match.end()
        elif kind >= _END_OF_MEMBER_STRUCT:
            # A closing tag must close what is open, and be a member's if that stands in a struct.
            if kind > _END_OF_ARRAY or in_struct is not (kind <= _END_OF_STRUCT) or not parents:
                raise _NotSure
            top, in_struct = parents.pop()
            if in_struct is not (kind in _ENDS_OF_MEMBERS):
                raise _NotSure
            if top is root:
                return root[0], match.end()
        else:
            value = _other(match, kind)
            if in_struct is (kind > _MEMBER_ARRAY):
                raise _NotSure
            if in_struct:
                name = _unescape(match[_NAME])
                if name in top:
                    raise _NotSure
                top[name] = value
            else:
                top.append(value)
            if kind in _OPENING:
                if len(parents) >= depth:
                    raise _NotSure
                parents.append((top, in_struct))
                top = value
                in_struct = kind in _STRUCTS
            elif top is root:
                return value, match.end()
    raise _NotSure


def _other(match: re.Match[str], kind: int) -> Value:
    if kind in _STRUCTS:
        return {}
    if kind in _SCALARS:
        return SCALARS[match[kind - 1]](_unescape(match[kind]))
    return None if kind in _NILS else []
