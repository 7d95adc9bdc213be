"""XAPI's JSON-RPC 1.0 and 2.0 to the same messages as XML-RPC (wire facts, section 3).

A 1.0 error is `[code, args...]`; a 2.0 error is `{code, message, data}` with the Xen-API code in `message`.
Both are failures, not faults, when they carry a Xen-API code.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from xraytap.errors import DecodeError
from xraytap.protocol.messages import Fault, Request, Response
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

_CODE = re.compile(r"[A-Z][A-Z0-9_ ]*")


def decode_json(body: bytes) -> Request | Response:
    """The message that `body` is. Raises DecodeError with offset and reason."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError("JSON is UTF-8, and this byte is not", offset=error.start) from None
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode())
        raise DecodeError(f"not well-formed JSON: {error.msg}", offset=offset) from None
    except RecursionError:
        raise DecodeError("JSON nested too deeply") from None
    except ValueError as error:
        raise DecodeError(f"not well-formed JSON: {error}") from None
    if not isinstance(document, dict):
        raise DecodeError("a JSON-RPC message is an object; this is none")
    if "method" in document:
        return _request(document)
    if "result" in document or "error" in document:
        return _response(document)
    raise DecodeError("a JSON-RPC message has a method, a result or an error; this object has none")


def _object(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401  JSON
    members = dict(pairs)
    return members if len(members) == len(pairs) else Struct(tuple(pairs))


def _request(document: dict[str, Any]) -> Request:
    method, params = document["method"], document.get("params", [])
    if not isinstance(method, str) or not method:
        raise DecodeError("the method of a JSON-RPC request is a string")
    if not isinstance(params, list):
        params = [params]  # 2.0 by name: XAPI takes the object as one record parameter
    return Request(method=method, params=tuple(params), protocol="jsonrpc", id=document.get("id"))


def _response(document: dict[str, Any]) -> Response:
    error, ident = document.get("error"), document.get("id")
    if error is None:
        return Response(value=document.get("result"), protocol="jsonrpc", id=ident)
    if isinstance(error, list) and error:
        return Response(error=tuple(error), protocol="jsonrpc", id=ident)
    if isinstance(error, dict):
        message, data = error.get("message"), error.get("data")
        if isinstance(message, str) and _CODE.fullmatch(message):
            args: list[Value] = data if isinstance(data, list) else []
            return Response(error=(message, *args), protocol="jsonrpc", id=ident)
        code = error.get("code")
        number = code if isinstance(code, int) else 0
        return Response(fault=Fault(code=number, string=str(message)), protocol="jsonrpc", id=ident)
    return Response(fault=Fault(code=0, string=str(error)), protocol="jsonrpc", id=ident)
