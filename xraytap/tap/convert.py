"""mitmproxy's flow -> our `Exchange`: the one place where the two meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mitmproxy.net.http import http1

from xraytap.protocol.call import Exchange, Message

if TYPE_CHECKING:
    from mitmproxy.connection import Client
    from mitmproxy.http import Request, Response

_http1: Any = http1  # untyped


def address(client: Client) -> str:
    """`address:port` of the client, an IPv6 address in brackets."""
    host, port = client.peername[0], client.peername[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def request_head(request: Request) -> bytes:
    """Request line, header lines and the empty line, as the client sent them."""
    head: bytes = _http1.assemble_request_head(request)
    return head


def response_head(response: Response) -> bytes:
    """Status line, header lines and the empty line, as the host sent them."""
    head: bytes = _http1.assemble_response_head(response)
    return head


def message(head: bytes, body: bytes, *, size: int | None = None, cut: bool = False) -> Message:
    """`size` is what was on the wire, where that is not the length of `body`."""
    return Message(head=head, body=body, size=len(body) if size is None else size, cut=cut)


def exchange(
    *,
    started_at_us: int,
    client: str,
    connection: int,
    request: Message,
    response: Message | None = None,
    elapsed_us: int | None = None,
    error: str | None = None,
    redacted: tuple[str, ...] = (),
) -> Exchange:
    """One call as kept."""
    return Exchange(
        started_at_us=started_at_us,
        elapsed_us=elapsed_us,
        client=client,
        connection=connection,
        request=request,
        response=response,
        error=error,
        redacted=redacted,
    )
