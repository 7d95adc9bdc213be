"""JSON bytes to Python's values: repeated names kept, depth bounded.

Invariant: for any bytes a document, or a DecodeError with offset and reason; what comes back is shallow enough
for anybody who walks it by recursion.
"""

from __future__ import annotations

import json
from typing import Any

from xraytap.errors import DecodeError
from xraytap.protocol.values import Struct

MAX_DEPTH = 200
"""Values within values, as in XML-RPC."""
_AROUND = 3
"""The message, its parameters, and the call in a batch."""


def load_json(body: bytes) -> Any:  # noqa: ANN401  JSON
    """The document. An object with a repeated name becomes a Struct. Raises DecodeError."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecodeError("JSON is UTF-8, and this byte is not", offset=error.start) from None
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "surrogatepass"))
        raise DecodeError(f"not well-formed JSON: {error.msg}", offset=offset) from None
    except RecursionError:
        raise DecodeError("JSON nested too deeply") from None
    except ValueError:  # Python reads no longer ones
        raise DecodeError("a number of more than 4300 digits") from None
    # Every level opens a bracket; counting those is quick, and nearly always enough.
    if text.count("[") + text.count("{") > MAX_DEPTH + _AROUND and _is_deep(document):
        raise DecodeError("JSON nested too deeply")
    return document


def _is_deep(document: Any) -> bool:  # noqa: ANN401  JSON
    level = [document]
    for _ in range(MAX_DEPTH + _AROUND):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, Struct):
                below += [each for _, each in value.items]
        level = [value for value in below if isinstance(value, dict | list | Struct)]
        if not level:
            return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401  JSON
    members = dict(pairs)
    return members if len(members) == len(pairs) else Struct(tuple(pairs))
