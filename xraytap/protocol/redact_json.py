"""Secrets in JSON-RPC bodies. A body that holds one is written anew; any other stays as it was."""

from __future__ import annotations

import json
from typing import Any

from xraytap.protocol.json_text import load_json
from xraytap.protocol.redact_rules import DEFAULT, Rules
from xraytap.protocol.redact_values import clean_params, clean_result
from xraytap.protocol.values import Struct


def clean_json_request(body: bytes, rules: Rules = DEFAULT) -> tuple[bytes, list[str]]:
    """The request, or batch of requests, without secrets, and their names. Raises DecodeError if it is no
    JSON: whether it holds a secret is then unknown."""
    found: list[str] = []

    def each(document: Any) -> Any:  # noqa: ANN401  JSON
        if isinstance(document, list):
            return [each(one) for one in document]
        pairs = (
            list(document.items) if isinstance(document, Struct) else list(getattr(document, "items", list)())
        )
        methods = [value for key, value in pairs if key == "method" and isinstance(value, str)]
        new = []
        for key, value in pairs:
            if key == "params":
                for method in methods:
                    as_list = value if isinstance(value, list) else [value]
                    as_list, hits = clean_params(method, as_list, rules)
                    found.extend(hits)
                    value = as_list if isinstance(value, list) else as_list[0]  # noqa: PLW2901
            new.append((key, value))
        if isinstance(document, Struct):
            return Struct(tuple(new))
        return dict(new) if isinstance(document, dict) else document

    cleaned = each(load_json(body))
    return (_dump(cleaned), found) if found else (body, [])


def clean_json_response(method: str, body: bytes, rules: Rules = DEFAULT) -> tuple[bytes, list[str]]:
    """The same for an answer to `method`."""
    document = load_json(body)
    if not isinstance(document, dict) or document.get("result") is None:
        return body, []
    result, found = clean_result(method, document["result"], rules)
    return (_dump({**document, "result": result}), found) if found else (body, [])


def _dump(document: Any) -> bytes:  # noqa: ANN401  JSON
    """JSON with repeated names kept: `json` itself cannot write them."""
    if isinstance(document, Struct):
        inner = b", ".join(json.dumps(key).encode() + b": " + _dump(value) for key, value in document.items)
        return b"{" + inner + b"}"
    if isinstance(document, dict):
        return _dump(Struct(tuple(document.items())))
    if isinstance(document, list):
        return b"[" + b", ".join(map(_dump, document)) + b"]"
    return json.dumps(document).encode()
