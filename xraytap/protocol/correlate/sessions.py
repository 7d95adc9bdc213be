"""The sessions of a capture: who logged in, what the session was used for, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import SESSIONLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall

LOGOUTS = frozenset({"session.logout", "session.local_logout"})
"""Calls that end the session they are made in."""
_EXPIRED = "SESSION_INVALID"


class SessionEnd(StrEnum):
    """How a session stands at the end of the capture. `refused`: the host knew it at no time that the capture
    shows; `from before`: it was there already, and nothing ended it."""

    LOGGED_OUT = "logged out"
    EXPIRED = "expired"
    REFUSED = "refused"
    LEAKED = "leaked"
    FOREIGN = "from before"


@dataclass(slots=True, kw_only=True)
class Session:
    """One session, as far as the capture shows it. `number` counts from 1 in order of appearance.

    `login_seq` is None for one whose login lies before the capture or outside it; `user` and `originator`
    are then unknown. `after_end` counts calls made with the token once it was logged out or refused.
    """

    number: int
    token: str
    first_seq: int
    first_at_us: int
    last_seq: int
    last_at_us: int
    login_seq: int | None = None
    login_method: str | None = None
    user: str | None = None
    originator: str | None = None
    calls: int = 0
    failures: int = 0
    logout_seq: int | None = None
    expired_seq: int | None = None
    after_end: int = 0
    accepted: bool = False
    """Whether the host knew it in any call."""
    clients: set[str] = field(default_factory=set)

    @property
    def end(self) -> SessionEnd:
        """How it ended. `leaked` means that the capture shows no end: while it is live, it may yet come."""
        if self.logout_seq is not None:
            return SessionEnd.LOGGED_OUT
        if self.expired_seq is not None:
            known = self.login_seq is not None or self.accepted
            return SessionEnd.EXPIRED if known else SessionEnd.REFUSED
        return SessionEnd.LEAKED if self.login_seq is not None else SessionEnd.FOREIGN

    @property
    def ended_seq(self) -> int | None:
        """The call that ended it: its logout, or the first that the host refused."""
        ends = [each for each in (self.logout_seq, self.expired_seq) if each is not None]
        return min(ends, default=None)


class Sessions:
    """A `Tracker`. `refused` are logins that failed, as (seq, user, error code).

    A login that gives the token of one that has ended, as stand-in hosts do, begins another session.
    """

    def __init__(self) -> None:
        self._all: list[Session] = []
        self._newest: dict[str, Session] = {}
        self.refused: list[tuple[int, str, str]] = []
        self.without = 0
        """Calls that carry no session."""

    def __iter__(self) -> Iterator[Session]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def get(self, token: str | None) -> Session | None:
        """The newest session of a token."""
        return None if token is None else self._newest.get(token)

    def wants(self, row: CallRow) -> bool:
        """Logins only: their answer holds the token."""
        return row.method in SESSIONLESS

    def add(self, row: CallRow, call: DecodedCall | None) -> None:
        """Take one call in."""
        if row.method in SESSIONLESS:
            if call is not None:
                self._login(row, call)
            return
        if row.session is None:
            self.without += 1
            return
        session = self._newest.get(row.session)
        if session is None:
            session = self._begin(row, row.session)
        session.calls += 1
        pending = row.outcome is Outcome.NO_RESPONSE and row.elapsed_us is None and row.note is None
        session.failures += row.outcome is not Outcome.SUCCESS and not pending
        session.accepted = session.accepted or (
            row.outcome in (Outcome.SUCCESS, Outcome.FAILURE) and row.error_code != _EXPIRED
        )
        session.last_seq, session.last_at_us = row.seq, row.started_at_us
        session.clients.add(row.client.rpartition(":")[0])
        if session.ended_seq is not None:
            session.after_end += 1
        if row.method in LOGOUTS and row.outcome is Outcome.SUCCESS:
            session.logout_seq = session.logout_seq or row.seq
        elif row.error_code == _EXPIRED:
            session.expired_seq = session.expired_seq or row.seq

    def _login(self, row: CallRow, call: DecodedCall) -> None:
        params = () if call.request is None else call.request.params
        # The other logins are of hosts, which show a secret and no name.
        named = (row.method or "").endswith("login_with_password") and bool(params)
        user = str(params[0]) if named else ""
        token = None if call.answer is None else call.answer.value
        if row.outcome is not Outcome.SUCCESS or not isinstance(token, str) or not token:
            self.refused.append((row.seq, user, row.error_code or row.outcome.value))
            return
        session = self._newest.get(str(token))
        if session is None or session.ended_seq is not None:
            session = self._begin(row, str(token))
        session.login_seq, session.login_method = row.seq, row.method
        session.user = user
        session.originator = str(params[3]) if len(params) > 3 and isinstance(params[3], str) else None
        session.clients.add(row.client.rpartition(":")[0])

    def _begin(self, row: CallRow, token: str) -> Session:
        made = self._newest[token] = Session(
            number=len(self._all) + 1,
            token=token,
            first_seq=row.seq,
            first_at_us=row.started_at_us,
            last_seq=row.seq,
            last_at_us=row.started_at_us,
        )
        self._all.append(made)
        return made
