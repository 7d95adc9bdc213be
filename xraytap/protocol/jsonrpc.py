"""XAPI's JSON-RPC 1.0 and 2.0 to the same messages as XML-RPC (wire facts, section 3).

A 1.0 error is `[code, args...]`; a 2.0 error is `{code, message, data}` with the Xen-API code in `message`.
Both are failures, not faults, when they carry a Xen-API code. Calls refused before dispatch (a host in
emergency mode) get a 2.0 answer whose error is a plain array. Neither host takes batches; a client may
send one all the same.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from xraytap.errors import DecodeError
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.json_text import load_json
from xraytap.protocol.messages import BATCH, Fault, Request, Response
from xraytap.protocol.values import DateTime, Extended, Struct

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

_CODE = re.compile(r"[A-Z][A-Z0-9_ ]*")


def decode_json(body: bytes) -> Request | Response:
    """The message that `body` is. Raises DecodeError with offset and reason."""
    document = load_json(body)
    return _batch(document) if isinstance(document, list) else _single(document)


def encode_json_request(request: Request) -> bytes:
    """The request as JSON, of the version it has; 2.0 if it has none."""
    if request.method == BATCH:
        return json.dumps([_json(each) for each in request.params]).encode()
    document = {"method": request.method, "params": [_json(each) for each in request.params]}
    if request.version != "1.0":
        document = {"jsonrpc": "2.0", **document}
    return json.dumps({**document, "id": _json(request.id)}).encode()


def encode_json_response(response: Response) -> bytes:
    """The answer as XAPI writes it, of the version it has; 2.0 if it has none. An envelope in the value is
    taken off; dates and binary become texts."""
    second = response.version != "1.0"
    answer = read_envelope(response)
    error: Any = None
    if answer.fault is not None:
        error = {"code": answer.fault.code, "message": answer.fault.string, "data": None}
    elif answer.error is not None:
        words = [_json(each) for each in answer.error]
        error = {"code": 1, "message": words[0] if words else "", "data": words[1:]} if second else words
    document: dict[str, Any] = {"jsonrpc": "2.0"} if second else {}
    if not second or error is None:
        document["result"] = None if error is not None else _json(answer.value)
    if not second or error is not None:
        document["error"] = error
    return json.dumps({**document, "id": _json(response.id)}).encode()


def _json(value: Value) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, list):
        return [_json(each) for each in value]
    if isinstance(value, dict):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, Struct):
        return {name: _json(each) for name, each in value.items}
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, DateTime | Extended):
        return value.text
    return value


def _single(document: Any) -> Request | Response:  # noqa: ANN401  JSON
    if isinstance(document, Struct):
        document = dict(reversed(document.items))  # of a repeated member the first counts
    if not isinstance(document, dict):
        raise DecodeError("a JSON-RPC message is an object; this is none")
    if "method" in document:
        return _request(document)
    if "result" in document or "error" in document:
        return _response(document)
    raise DecodeError("a JSON-RPC message has a method, a result or an error; this object has none")


def _batch(documents: list[Any]) -> Request | Response:
    messages = [_single(each) for each in documents]
    if not messages:
        raise DecodeError("an empty JSON-RPC batch")
    version = messages[0].version
    if all(isinstance(each, Request) for each in messages):
        return Request(method=BATCH, params=tuple(documents), protocol="jsonrpc", version=version)
    answers = [each for each in messages if isinstance(each, Response)]
    if len(answers) < len(messages):
        raise DecodeError("a JSON-RPC batch of requests and answers mixed")
    failed = next((each for each in answers if each.error or each.fault), None)
    return Response(
        value=documents,
        error=failed.error if failed else None,
        fault=failed.fault if failed else None,
        protocol="jsonrpc",
        version=version,
    )


def _request(document: dict[str, Any]) -> Request:
    method, params = document["method"], document.get("params", [])
    if not isinstance(method, str) or not method:
        raise DecodeError("the method of a JSON-RPC request is a string")
    if not isinstance(params, list):
        params = [params]  # 2.0 by name: XAPI takes the object as one record parameter
    return Request(
        method=method,
        params=tuple(params),
        protocol="jsonrpc",
        id=document.get("id"),
        version=_version(document),
    )


def _version(document: dict[str, Any]) -> str:
    return "2.0" if document.get("jsonrpc") == "2.0" else "1.0"


def _response(document: dict[str, Any]) -> Response:
    value, error, fault = document.get("result"), document.get("error"), None
    words: tuple[Value, ...] | None = None
    if isinstance(error, list) and error:
        words = tuple(error)
    elif isinstance(error, dict):
        message, data = error.get("message"), error.get("data")
        if isinstance(message, str) and _CODE.fullmatch(message):
            words = (message, *(data if isinstance(data, list) else ()))
        else:
            code = error.get("code")
            fault = Fault(code=code if isinstance(code, int) else 0, string=str(message))
    elif error is not None:
        fault = Fault(code=0, string=str(error))
    return Response(
        value=value if error is None else None,
        error=words,
        fault=fault,
        protocol="jsonrpc",
        id=document.get("id"),
        version=_version(document),
    )
