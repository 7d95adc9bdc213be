"""Values to XML-RPC bytes, deterministic: the layout that `xmlrpclib` and xend write.

Invariant: `encode(decode(x)) == x` for what Python peers write. Text is UTF-8.
"""

from __future__ import annotations

from base64 import encodebytes
from typing import TYPE_CHECKING

from xraytap.protocol.messages import Fault, Request, Response
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_HEAD = "<?xml version='1.0'?>\n"
APACHE_NAMESPACE = "http://ws.apache.org/xmlrpc/namespaces/extensions"


def escape(text: str) -> str:
    """Text for XML content: `&`, `<` and `>` as entities, and a carriage return as a character
    reference, because a parser would turn a bare one into a line feed."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def encode_request(method: str, params: Iterable[Value]) -> bytes:
    """A `methodCall` document."""
    out = [_HEAD, "<methodCall>\n<methodName>", escape(method), "</methodName>\n<params>\n"]
    for value in params:
        out.append("<param>\n")
        _write(value, out)
        out.append("</param>\n")
    out.append("</params>\n</methodCall>\n")
    return "".join(out).encode("utf-8", "surrogatepass")


def encode_response(value: Value) -> bytes:
    """A `methodResponse` document with one value."""
    out = [_HEAD, "<methodResponse>\n<params>\n<param>\n"]
    _write(value, out)
    out.append("</param>\n</params>\n</methodResponse>\n")
    return "".join(out).encode("utf-8", "surrogatepass")


def encode_fault(code: int, string: str) -> bytes:
    """A `methodResponse` document with a fault."""
    out = [_HEAD, "<methodResponse>\n<fault>\n"]
    _write({"faultCode": code, "faultString": string}, out)
    out.append("</fault>\n</methodResponse>\n")
    return "".join(out).encode("utf-8", "surrogatepass")


def encode(message: Request | Response) -> bytes:
    """Whichever of the three documents `message` is."""
    if isinstance(message, Request):
        return encode_request(message.method, message.params)
    if isinstance(message.fault, Fault):
        return encode_fault(message.fault.code, message.fault.string)
    return encode_response(message.value)


def encode_value(value: Value) -> str:
    """One `<value>` element as text, with the final line feed."""
    out: list[str] = []
    _write(value, out)
    return "".join(out)


def _write(value: Value, out: list[str]) -> None:
    _WRITERS[type(value)](value, out)


def _struct(items: Iterable[tuple[str, Value]], out: list[str]) -> None:
    out.append("<value><struct>\n")
    for name, value in items:
        out.append(f"<member>\n<name>{escape(name)}</name>\n")
        _write(value, out)
        out.append("</member>\n")
    out.append("</struct></value>\n")


def _array(values: list[Value], out: list[str]) -> None:
    out.append("<value><array><data>\n")
    for value in values:
        _write(value, out)
    out.append("</data></array></value>\n")


def _extended(value: Extended, out: list[str]) -> None:
    tag = value.tag
    content = value.text if tag == "dom" else escape(value.text)
    if tag == "nil":
        out.append(f'<value><ex:nil xmlns:ex="{APACHE_NAMESPACE}"/></value>\n')
    else:
        out.append(f'<value><ex:{tag} xmlns:ex="{APACHE_NAMESPACE}">{content}</ex:{tag}></value>\n')


def _simple(tag: str, text: Callable[[Value], str]) -> Callable[[Value, list[str]], None]:
    start, end = f"<value><{tag}>", f"</{tag}></value>\n"
    return lambda value, out: out.append(start + text(value) + end)


_WRITERS: dict[type, Callable[..., None]] = {
    str: _simple("string", lambda value: escape(str(value))),
    Bare: lambda value, out: out.append(f"<value>{escape(value)}</value>\n"),
    int: _simple("int", str),
    I4: _simple("i4", lambda value: str(int(value))),  # type: ignore[arg-type]
    I8: _simple("i8", lambda value: str(int(value))),  # type: ignore[arg-type]
    bool: _simple("boolean", lambda value: "1" if value else "0"),
    float: _simple("double", repr),
    # xmlrpclib ends every value with a line feed but this one.
    type(None): lambda _value, out: out.append("<value><nil/></value>"),
    # xmlrpclib puts the encoded lines on lines of their own.
    bytes: lambda value, out: out.append(
        f"<value><base64>\n{encodebytes(value).decode('ascii')}</base64></value>\n"
    ),
    DateTime: _simple("dateTime.iso8601", lambda value: escape(value.text)),  # type: ignore[union-attr]
    Struct: lambda value, out: _struct(value.items, out),
    dict: lambda value, out: _struct(value.items(), out),
    list: _array,
    Extended: _extended,
}
