"""A decoded request as the HTTP message that is sent: path, headers and body, in either protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from xraytap import __version__
from xraytap.protocol.jsonrpc import encode_json_request
from xraytap.protocol.restyle import restyle_params
from xraytap.protocol.xmlrpc_encode import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value
    from xraytap.replay.target import Target

PROTOCOLS = ("xmlrpc", "jsonrpc")
_PATHS = {"xmlrpc": "/RPC2", "jsonrpc": "/jsonrpc"}
_TYPES = {"xmlrpc": "text/xml", "jsonrpc": "application/json"}

type Headers = Sequence[tuple[str, str]]


def in_protocol(request: Request, protocol: str | None, model: Model) -> Request:
    """`request` over `protocol`; the very same where that is its own, or None. Ints and dates are written as
    the protocol writes them."""
    if protocol is None or protocol == request.protocol:
        return request
    params = cast("tuple[Value, ...]", restyle_params(request.method, request.params, model, to=protocol))
    if protocol == "jsonrpc":
        return replace(request, params=params, protocol="jsonrpc", version="2.0", id=1)
    return replace(request, params=params, protocol="xmlrpc", version="", id=None)


def encode_call(request: Request) -> bytes:
    """The body."""
    return encode_json_request(request) if request.protocol == "jsonrpc" else encode(request)


def path_for(target: Target, request: Request, recorded: str | None = None, *, same: bool = True) -> str:
    """Where it is posted: the path of the target's URL, else the recorded one if the protocol is the `same`,
    else where XAPI takes the protocol (xend looks at no path)."""
    if target.path:
        return target.path
    return recorded if recorded and same else _PATHS[request.protocol]


def headers_for(target: Target, request: Request, length: int) -> Headers:
    """The header lines, in the order in which Python's clients send them."""
    return (
        ("Host", target.authority),
        ("User-Agent", f"xraytap/{__version__}"),
        ("Content-Type", _TYPES[request.protocol]),
        ("Content-Length", str(length)),
    )


def head_of(path: str, headers: Headers) -> bytes:
    """The request's head as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")
