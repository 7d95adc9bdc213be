"""Where calls are sent again while the application runs: the host, who logs in there, the session that was got,
and the capture that keeps what was sent. Its methods block: they are for a worker's thread.

The password is held in memory alone. The session is logged out at the end.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xraytap.errors import PeerError, SourceError, UsageError, XraytapError
from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import SESSIONLESS, Request, takes_session
from xraytap.protocol.redact_values import REDACTED
from xraytap.protocol.summary import decode_exchange
from xraytap.protocol.values import members
from xraytap.replay.client import send_once, without_secrets
from xraytap.store import open_store
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.values import Value
    from xraytap.replay.target import Target

_LOGIN = "session.login_with_password"
_INVALID = "SESSION_INVALID"
_MISMATCH = "MESSAGE_PARAMETER_COUNT_MISMATCH"
_LOGOUT_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A call that was sent again: where it is kept, and what came back (secrets gone)."""

    capture: str
    seq: int
    exchange: Exchange


class Sitting:
    """`target` is None until somebody names the host. `own_session`: log in there; else the recorded session
    is sent as it is."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.target: Target | None = None
        self.user = ""
        self.password = ""
        self.own_session = True
        self._session: str | None = None
        self._writer: Writer | None = None
        self._lock = threading.Lock()

    def go_to(self, target: Target, user: str, password: str, *, own_session: bool) -> None:
        """Another host, or another user."""
        with self._lock:
            self._leave()
            self.target, self.user, self.password, self.own_session = target, user, password, own_session

    def send(
        self,
        request: Request,
        *,
        origin: str,
        path: str | None = None,
        recorded: str | None = None,
        login: Request | None = None,
    ) -> Sent:
        """Send a call and keep it. `origin` is the capture that it is from, `recorded` the session that it
        carried there, `login` the call that gave that session. PeerError where the host cannot be reached or
        refuses the login; UsageError where the call lacks a secret."""
        with self._lock:
            if self.target is None:
                raise UsageError("no host to send to.")
            own = self.own_session and takes_session(request.name) and bool(request.params)
            own = own and (recorded is None or request.params[0] == recorded)
            if request.name in SESSIONLESS:
                request = self._with_credentials(request)
            if lacks_secret(request):
                raise UsageError(f"{request.name} holds a secret that the capture lacks; edit it first (e).")
            if own:
                request = self._in_session(request, origin, path, login)
            sent = self._send(request, origin, path)
            if own and _code(sent.exchange) == _INVALID:
                self._session = None
                sent = self._send(self._in_session(request, origin, path, login), origin, path)
            if own and request.name == "session.logout" and _code(sent.exchange) is None:
                self._session = None
            return sent

    def close(self) -> None:
        """Log out, and give the capture free."""
        with self._lock:
            self._leave()

    # -- inside -------------------------------------------------------------------------------------

    def _leave(self) -> None:
        session, self._session = self._session, None
        if session is not None and self.target is not None:
            with contextlib.suppress(XraytapError):
                send_once(
                    self.target, Request(method="session.logout", params=(session,)), timeout_s=_LOGOUT_S
                )
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _in_session(self, request: Request, origin: str, path: str | None, login: Request | None) -> Request:
        if self._session is None:
            self._session = self._log_in(request, origin, path, login)
        return replace(request, params=(self._session, *request.params[1:]))

    def _log_in(self, request: Request, origin: str, path: str | None, login: Request | None) -> str:
        asked = Request(
            method=_LOGIN,
            params=(self.user, self.password),
            protocol=request.protocol,
            version=request.version,
            id=1 if request.protocol == "jsonrpc" else None,
        )
        more = () if login is None or login.name != _LOGIN else login.params[2:]
        exchange = self._send(replace(asked, params=(*asked.params, *more)), origin, path).exchange
        if more and _code(exchange) == _MISMATCH:  # a host of another age than the recorded one
            exchange = self._send(asked, origin, path).exchange
        answer = decode_exchange(exchange).answer
        if answer is None or answer.outcome is not Outcome.SUCCESS or not isinstance(answer.value, str):
            said = exchange.error or _code(exchange) or "an answer that is none"
            raise PeerError(
                f"the host refused the login of '{self.user}': {said}. Choose host and user anew with R."
            )
        return str(answer.value)

    def _with_credentials(self, request: Request) -> Request:
        params: list[Value] = list(request.params)
        if request.name == _LOGIN and len(params) > 1 and params[1] == REDACTED:
            params[:2] = [self.user, self.password]
        return replace(request, params=tuple(params))

    def _send(self, request: Request, origin: str, path: str | None) -> Sent:
        if self.target is None:
            raise UsageError("no host to send to.")
        kept = without_secrets(send_once(self.target, request, path=path))
        writer = self._keeper(origin, self.target)
        written = threading.Event()
        ticket = writer.begin(kept)
        writer.finish(ticket, kept, lambda _: written.set())
        written.wait()
        if writer.lost:
            raise SourceError(f"the host answered, but the store {self._store} could not keep it.")
        return Sent(capture=writer.capture, seq=ticket.seq, exchange=kept)

    def _keeper(self, origin: str, target: Target) -> Writer:
        if self._writer is None:
            self._writer = Writer(self._store, f"{origin}-replay", host=target.url)
            with open_store(self._store) as store:
                store.set_note(self._writer.capture, f"calls of {origin} sent again by hand")
        return self._writer


def lacks_secret(request: Request) -> bool:
    """Whether a parameter is one that was taken out."""
    return any(map(_redacted, request.params))


def _redacted(value: Value) -> bool:
    if isinstance(value, list):
        return any(map(_redacted, value))
    parts = members(value)
    if parts is not None:
        return any(_redacted(each) for _, each in parts)
    return isinstance(value, str) and value == REDACTED


def _code(exchange: Exchange) -> str | None:
    answer = decode_exchange(exchange).answer
    return None if answer is None or not answer.error else str(answer.error[0])
