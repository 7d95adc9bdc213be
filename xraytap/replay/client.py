"""The sending client: a pool of kept connections to one host, and `send_once` for a single call.

Invariant: a call goes out once. The one exception is a call that the sender declares `safe` (it changes
nothing), on a kept connection that the host closed without a byte of an answer: HTTP hosts close idle
connections at any time, and the two may cross. A kept connection found closed before sending is replaced.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Self

from xraytap.errors import PeerError
from xraytap.loops import loop_factory
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.replay.connection import Connection, Lost
from xraytap.replay.wire import encode_call, head_of, headers_for, path_for

if TYPE_CHECKING:
    from xraytap.protocol.messages import Request
    from xraytap.replay.target import Target

TIMEOUT_S = 30.0
_CONNECT_S = 10.0


class Client:
    """Sends calls to `target`. For one event loop; as many calls at once as are asked for."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._count = 0

    async def send(
        self,
        request: Request,
        *,
        timeout_s: float = TIMEOUT_S,
        path: str | None = None,
        safe: bool = False,
    ) -> Exchange:
        """Send one call and wait for its answer. The exchange has no response, and `error` says why, where
        none came within `timeout_s`. PeerError where the host cannot be reached at all: nothing was sent.

        `path` is the one to post to where the target's URL names none.
        """
        body = encode_call(request)
        where = path_for(self.target, request, path)
        headers = headers_for(self.target, request, len(body))
        sent = Message(head=head_of(where, headers), body=body, size=len(body))
        again = safe
        failed: Exchange | None = None
        while True:
            try:
                connection = await self._connection(timeout_s)
            except PeerError:
                if failed is not None:
                    return failed
                raise
            fresh = connection.used == 0
            try:
                answer = await connection.ask(where, headers, body, timeout_s=timeout_s)
            except Lost as lost:
                connection.close()
                failed = Exchange(
                    started_at_us=lost.started_at_us,
                    elapsed_us=lost.elapsed_us,
                    client=connection.client,
                    connection=connection.number,
                    request=sent,
                    response=None,
                    error=lost.reason,
                )
                if again and not fresh and not lost.started and "closed" in lost.reason:
                    again = False
                    continue
                return failed
            if connection.is_open:
                self._idle.append(connection)
            else:
                connection.close()
            return Exchange(
                started_at_us=answer.started_at_us,
                elapsed_us=answer.elapsed_us,
                client=connection.client,
                connection=connection.number,
                request=sent,
                response=Message(head=answer.head, body=answer.body, size=len(answer.body)),
            )

    def abort(self) -> None:
        """Cut every connection: calls under way end without an answer."""
        for each in self._all:
            each.abort()

    async def close(self) -> None:
        """Close every connection."""
        self._idle.clear()
        ending, self._all = self._all, set()
        for each in ending:
            each.close()
        await asyncio.gather(*(each.gone.wait() for each in ending))
        await asyncio.sleep(0)  # the loop's own last word to a handshake that failed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _connection(self, timeout_s: float) -> Connection:
        while self._idle:
            kept = self._idle.pop()
            if kept.is_open:
                return kept
        self._all = {each for each in self._all if not each.gone.is_set()}
        self._count += 1
        number = self._count
        loop = asyncio.get_running_loop()
        target = self.target
        try:
            async with asyncio.timeout(min(timeout_s, _CONNECT_S)):
                if target.scheme == "unix":
                    _, made = await loop.create_unix_connection(
                        lambda: Connection(number), target.socket_path
                    )
                else:
                    _, made = await loop.create_connection(
                        lambda: Connection(number), target.host, target.port, ssl=target.tls
                    )
        except (OSError, ValueError) as error:
            raise unreachable(target, error) from None
        self._all.add(made)
        return made


def send_once(
    target: Target, request: Request, *, timeout_s: float = TIMEOUT_S, path: str | None = None
) -> Exchange:
    """One call on a connection of its own, from a thread without an event loop. As `Client.send`."""

    async def once() -> Exchange:
        async with Client(target) as client:
            return await client.send(request, timeout_s=timeout_s, path=path)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(once())


def without_secrets(exchange: Exchange) -> Exchange:
    """The exchange as it may be kept: what the data model knows as secret is replaced."""
    request = redact_request(exchange.request.head, exchange.request.body)
    kept = Message(head=request.head, body=request.body, size=exchange.request.size)
    response, names = exchange.response, request.names
    if response is not None:
        answer = redact_response(request.method, response.head, response.body)
        response = Message(head=answer.head, body=answer.body, size=response.size)
        names = (*names, *answer.names)
    return Exchange(
        started_at_us=exchange.started_at_us,
        elapsed_us=exchange.elapsed_us,
        client=exchange.client,
        connection=exchange.connection,
        request=kept,
        response=response,
        error=exchange.error,
        redacted=names,
    )


def unreachable(target: Target, error: OSError | ValueError) -> PeerError:
    """Why no connection could be made, and what to do about it."""
    where = target.url
    if isinstance(error, ssl.SSLCertVerificationError):
        return PeerError(
            f"the certificate of {where} is not trusted: {error.verify_message}. Name the authority that "
            "signed it with --cafile FILE, or accept any certificate with --insecure."
        )
    if isinstance(error, ssl.SSLError):
        why = error.reason or str(error)
        return PeerError(
            f"{where} does not speak TLS as expected ({why}). Is it http:// rather than https://?"
        )
    if isinstance(error, TimeoutError):
        why = "it does not answer. Is the machine up, and no firewall between"
    elif isinstance(error, ConnectionRefusedError) or "refused" in str(error) or "111" in str(error):
        # A name with several addresses fails with all their errors in one text.
        why = "the connection was refused: nothing listens there. Is the host's API on, and the port right"
    elif isinstance(error, FileNotFoundError):
        why = "there is no such socket. Is the daemon running"
    elif isinstance(error, PermissionError):
        why = "this user may not open it. Run as a user who may"
        return PeerError(f"cannot reach {where}: {why}.")
    elif type(error).__name__ == "gaierror":
        why = f"the name '{target.host}' is not known. Is it spelled right"
    else:
        why = f"{getattr(error, 'strerror', None) or error}. Is the URL right"
    return PeerError(f"cannot reach {where}: {why}?")
