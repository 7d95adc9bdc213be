"""Playback's answers as HTTP bodies, in the protocol of the question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.protocol.jsonrpc import encode_json_response
from xraytap.protocol.xmlrpc_encode import encode

if TYPE_CHECKING:
    from xraytap.protocol.messages import Request, Response


def encode_answer(response: Response, request: Request) -> tuple[bytes, bytes]:
    """Body and content type, in the protocol and version of the request."""
    if request.protocol != "jsonrpc":
        return encode(response), b"text/xml"
    reply = replace(response, id=request.id, version=request.version)
    return encode_json_response(reply), b"application/json"
