"""Calls and values as JSON, the stable interface of `--json` (docs/json.md)."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.messages import Request
from xraytap.protocol.values import DateTime, Extended, Struct

if TYPE_CHECKING:
    from xraytap.errors import DecodeError
    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.messages import Fault, Response
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

Json = Any


def value_to_json(value: Value) -> Json:
    """A value in JSON: dates as `{"$dateTime": ...}`, binary as `{"$base64": ...}`, a struct with a repeated
    name as `{"$struct": [[name, value], ...]}`, extension types as `{"$ex:TAG": text}`; doubles that JSON
    cannot write as `{"$double": "nan"}`. A struct member whose name begins with `$` makes a `$struct` too,
    so that the marks stay unambiguous."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"$double": repr(value)}
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return [value_to_json(each) for each in value]
    if isinstance(value, dict):
        if any(name.startswith("$") for name in value):
            return {"$struct": [[name, value_to_json(each)] for name, each in value.items()]}
        return {name: value_to_json(each) for name, each in value.items()}
    if isinstance(value, bytes):
        return {"$base64": b64encode(value).decode("ascii")}
    if isinstance(value, DateTime):
        return {"$dateTime": value.text}
    if isinstance(value, Struct):
        return {"$struct": [[name, value_to_json(each)] for name, each in value.items]}
    if isinstance(value, Extended):
        return {f"$ex:{value.tag}": value.text}
    raise TypeError(f"{type(value).__name__} is no wire value")


def call_to_json(
    row: CallRow, call: DecodedCall | None = None, about: About | None = None
) -> dict[str, Json]:
    """One call as the design's section 6 writes it. Without `call`, for lists that read no bodies, the keys
    that need one (`params`, `value`, `error`, `fault`) are null and `error_code` tells the code. With a data
    model in `about` the keys `named_params`, `named_error` and `typed_value` are there as well."""
    request = None if call is None else call.request
    answer = None if call is None else call.answer
    error = None if answer is None else answer.error
    document = {
        "capture": row.capture,
        "seq": row.seq,
        "started_at": iso_time(row.started_at_us),
        "elapsed_ms": row.elapsed_ms,
        "client": row.client,
        "connection": row.connection,
        "protocol": row.protocol,
        "http_method": row.http_method,
        "path": row.path,
        "method": row.method,
        "class": row.class_name,
        "message": row.message,
        "async": row.is_async,
        "session": row.session,
        "params": None if request is None else [value_to_json(each) for each in request.params],
        "outcome": row.outcome.value,
        "value": None if answer is None else value_to_json(answer.value),
        "error": None if error is None else [value_to_json(each) for each in error],
        "error_code": row.error_code,
        "fault": _fault(None if answer is None else answer.fault),
        "http_status": row.http_status,
        "request_bytes": row.request_bytes,
        "response_bytes": row.response_bytes,
        "decode_error": row.decode_error,
        "note": row.note,
        "redacted": list(row.redacted),
    }
    if call is not None and about is not None and about.model is not None:
        named = None if request is None else about.params(request)
        typed = about.result(call)
        labels = about.error_labels(error or ())
        document["named_params"] = (
            None if named is None else {each.name: each.typed.to_json() for each in named}
        )
        document["named_error"] = (
            {
                label or f"arg {index}": value_to_json(each)
                for index, (label, each) in enumerate(zip(labels, error[1:], strict=True), 1)
            }
            if error
            else None
        )
        document["typed_value"] = None if typed is None else typed.to_json()
    return document


def message_to_json(message: Request | Response) -> dict[str, Json]:
    """What `decode --json` prints of a message that decodes."""
    if isinstance(message, Request):
        return {
            "kind": "request",
            "protocol": message.protocol,
            "method": message.name,
            "class": message.class_name,
            "message": message.message,
            "async": message.is_async,
            "session": message.session,
            "params": [value_to_json(each) for each in message.params],
            "decode_error": None,
        }
    answer = read_envelope(message)
    return {
        "kind": "response",
        "protocol": message.protocol,
        "outcome": answer.outcome.value,
        "value": value_to_json(answer.value),
        "error": None if answer.error is None else [value_to_json(each) for each in answer.error],
        "fault": _fault(answer.fault),
        "decode_error": None,
    }


def refusal_to_json(error: DecodeError) -> dict[str, Json]:
    """What `decode --json` prints of bytes that do not decode."""
    return {
        "kind": "unknown",
        "outcome": "undecodable",
        "decode_error": {"offset": error.offset, "reason": error.reason},
    }


def json_line(document: Json) -> str:
    """One line of JSON Lines. Lone surrogates and controls are escaped, so it is safe on a terminal."""
    return json.dumps(document, ensure_ascii=True, allow_nan=False)


def iso_time(micros: int) -> str:
    """`2026-11-24T09:01:27.103441Z`."""
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _fault(fault: Fault | None) -> Json:
    return None if fault is None else {"code": fault.code, "string": fault.string}
