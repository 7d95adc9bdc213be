"""Exchanges made up for the store's tests."""

from __future__ import annotations

from dataclasses import replace

from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

_REQUEST_HEAD = b"POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n"
_RESPONSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"


def exchange(
    method: str = "VM.get_all", *params: str, body: bytes | None = None, **changes: object
) -> Exchange:
    """An answered call; `body` is the answer's, `{Status: Success, Value: []}` by default."""
    request = encode_request(method, params or ("s-1",))
    answer = body if body is not None else encode_response({"Status": "Success", "Value": []})
    made = Exchange(
        started_at_us=1_795_000_000_000_000,
        elapsed_us=1500,
        client="127.0.0.1:50000",
        connection=1,
        request=Message(head=_REQUEST_HEAD, body=request, size=len(request)),
        response=Message(head=_RESPONSE_HEAD, body=answer, size=len(answer)),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def asked(of: Exchange) -> Exchange:
    """The same call before its answer."""
    return replace(of, response=None, elapsed_us=None)
