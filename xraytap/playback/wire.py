"""Playback's answers as HTTP bodies, in the protocol of the question."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.values import DateTime, Extended, Struct
from xraytap.protocol.xmlrpc_encode import encode

if TYPE_CHECKING:
    from xraytap.protocol.messages import Request, Response
    from xraytap.protocol.values import Value


def encode_answer(response: Response, request: Request, *, question: bytes) -> tuple[bytes, bytes]:
    """Body and content type. `question` is the request's body: only it tells JSON-RPC 2.0 from 1.0."""
    if request.protocol != "jsonrpc":
        return encode(response), b"text/xml"
    answer = read_envelope(response)
    second = b'"jsonrpc"' in question
    document: dict[str, Any] = {"jsonrpc": "2.0"} if second else {}
    if answer.fault is not None:
        code, message, data = answer.fault.code, answer.fault.string, None
        error: Any = {"code": code, "message": message, "data": data}
    elif answer.error is not None:
        failure = [_json(each) for each in answer.error]
        error = (
            {"code": 1, "message": failure[0] if failure else "", "data": failure[1:]} if second else failure
        )
    else:
        error = None
    if not second or error is None:
        document["result"] = None if error is not None else _json(answer.value)
    if not second or error is not None:
        document["error"] = error
    document["id"] = _json(request.id)
    return json.dumps(document).encode(), b"application/json"


def _json(value: Value) -> Any:  # noqa: ANN401  JSON
    """As XAPI writes values in JSON: dates and binary as texts."""
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
