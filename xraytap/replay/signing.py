"""The sessions of a replay: each recorded one is logged in anew, once more if the host ends it, and closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import Request
from xraytap.replay.compare import told
from xraytap.replay.mapping import Strength
from xraytap.replay.plan import NotSent, Role, Why
from xraytap.replay.sending import Send

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.values import Value
    from xraytap.replay.compare import Told
    from xraytap.replay.logins import Logins
    from xraytap.replay.mapping import Mapping
    from xraytap.replay.plan import Plan, Recording, Step

_LOGIN, _LOGOUT = "session.login_with_password", "session.logout"


class Signing:
    """The live sessions, by their recorded tokens."""

    def __init__(self, plan: Plan, recording: Recording, logins: Logins, mapping: Mapping) -> None:
        self._plan = plan
        self._recording = recording
        self._logins = logins
        self._mapping = mapping
        self._live: dict[str, str] = {}
        self._refused: dict[str, NotSent] = {}
        self._renewed: set[str] = set()
        self._gone: set[str] = set()
        self._logs_in = {each.session for each in plan.steps if each.role is Role.LOGIN}

    def token(self, step: Step) -> str | None:
        """The token that a step carries: the live one, or what was recorded where that was meant to be wrong."""
        return None if step.session is None else self._live.get(step.session, step.session)

    def params(self, request: Request) -> tuple[Value, ...]:
        """A login's parameters with today's user and password."""
        user, password = self._logins.of(str(request.params[0]) if request.params else None)
        return (user, password, *request.params[2:])

    def session(self, step: Step) -> Generator[Send, Exchange, NotSent | None]:
        """See to it that the step's session is there; why it is not."""
        token = step.session
        if token is None or token in self._live or token in self._plan.imitated:
            return None
        if token in self._refused:
            return self._refused[token]
        if token in self._logs_in:
            return NotSent(why=Why.NEEDS, text="its session did not log in")
        return (yield from self._log_in(token))

    def take(self, step: Step, old: Told, new: Told) -> None:
        """The answer to a recorded login."""
        if step.session is None or old.row.outcome is not Outcome.SUCCESS:
            return
        answer = new.call.answer
        if new.row.outcome is Outcome.SUCCESS and answer is not None and isinstance(answer.value, str):
            self._set(step.session, str(answer.value))
        else:
            self._refused[step.session] = NotSent(why=Why.STOPPED, text=f"its login failed: {new}")

    def left(self, step: Step, new: Told) -> None:
        """The answer to a recorded logout: what the host took need not be closed."""
        if step.session is not None and new.row.outcome is Outcome.SUCCESS:
            self._gone.add(step.session)

    def again(self, step: Step, remark: Callable[[str], None]) -> Generator[Send, Exchange, bool]:
        """The host has ended a session that the recording still had: log in once more. Whether it worked."""
        token = step.session
        if token is None or token not in self._live or token in self._renewed:
            return False
        self._renewed.add(token)
        known = self._plan.sessions.get(token)
        if known is not None and known.logout_seq is not None and known.logout_seq < step.seq:
            return False
        refused = yield from self._log_in(token)
        if refused is not None:
            remark(f"call {step.seq}: the host ended the session, and {refused.text}")
            return False
        remark(f"call {step.seq}: the host ended the session (SESSION_INVALID); logged in again, once")
        return True

    def farewells(self) -> list[Send]:
        """Logouts for the sessions that are still open: the recording left them, or the replay ended early."""
        return [
            Send(request=Request(method=_LOGOUT, params=(live,)))
            for token, live in self._live.items()
            if token not in self._gone
        ]

    def _log_in(self, token: str) -> Generator[Send, Exchange, NotSent | None]:
        known = self._plan.sessions.get(token)
        request = Request(method=_LOGIN, params=())
        path = None
        if known is not None and known.login_seq is not None:
            path = self._recording.row(known.login_seq).path
            recorded = self._recording.decode(known.login_seq).request
            request = request if recorded is None else recorded
        sent = replace(request, params=self.params(request))
        new = told((yield Send(request=sent, path=path, recorded_protocol=request.protocol)))
        answer = new.call.answer
        if new.row.outcome is Outcome.SUCCESS and answer is not None and isinstance(answer.value, str):
            self._set(token, str(answer.value))
            return None
        self._refused[token] = NotSent(why=Why.STOPPED, text=f"logging in failed: {new}")
        return self._refused[token]

    def _set(self, token: str, live: str) -> None:
        self._live[token] = live
        self._mapping.forget(token)
        self._mapping.learn(token, live, Strength.IDENTITY)
