"""Tasks and events followed by meaning, not by count: asked again until the task has ended, or until the events
of the recording have come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.tasks import ENDED
from xraytap.protocol.values import members
from xraytap.replay import events
from xraytap.replay.compare import SHOWN, Told, told

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.messages import Request
    from xraytap.replay.mapping import Mapping
    from xraytap.replay.pairing import Pairing
    from xraytap.replay.plan import Step
    from xraytap.replay.sending import Send

    type Again = Callable[[float], Generator[Send, Exchange, Exchange]]
    """Sends the call once more, after so many seconds."""

_AGAIN_S = 0.05
_AGAIN_AT_MOST_S = 1.0
_TOKEN_AT = 2  # event.from(session, classes, token, timeout)


class Last(NamedTuple):
    """The last answer, decoded and as it came, and how often was asked until then."""

    told: Told
    exchange: Exchange
    sent: int


class Patience:
    """How long is waited: the pauses grow, and the answers' own times count. `stopped` ends it at once."""

    def __init__(self, wait_s: float, stopped: Callable[[], bool]) -> None:
        self._left = wait_s
        self._stopped = stopped
        self._pause = _AGAIN_S

    @property
    def over(self) -> bool:
        """Whether it has been long enough."""
        return self._left <= 0 or self._stopped()

    def once_more(self, last: Last, again: Again) -> Generator[Send, Exchange, Last]:
        """Ask again after a pause."""
        exchange = yield from again(self._pause)
        self._left -= self._pause + (exchange.elapsed_us or 0) / 1_000_000
        self._pause = min(self._pause * 1.5, _AGAIN_AT_MOST_S)
        return Last(told(exchange), exchange, last.sent + 1)


def until_ended(last: Last, again: Again, patience: Patience) -> Generator[Send, Exchange, Last]:
    """Ask until the task has ended, or long enough."""
    while is_pending(last.told) and not patience.over:
        last = yield from patience.once_more(last, again)
    return last


def is_pending(answer: Told) -> bool:
    """Whether a poll says that its task goes on."""
    if answer.row.outcome is not Outcome.SUCCESS:
        return False
    value = answer.value
    status = dict(members(value) or ()).get("status") if not isinstance(value, str) else value
    return isinstance(status, str) and status not in ENDED


class Events:
    """The event calls of a replay."""

    def __init__(self, mapping: Mapping, pairing: Pairing) -> None:
        self._mapping = mapping
        self._pairing = pairing
        self._chains = events.Chains()

    def request(self, step: Step, recorded: Request, request: Request) -> Request:
        """The call with the host's newest token in place of the recorded one; the first of all stays."""
        params = request.params
        if recorded.name != "event.from" or len(params) <= _TOKEN_AT or not params[_TOKEN_AT]:
            return request
        token = self._chains.of(step.session, recorded).token
        if token is None:
            return request
        return replace(request, params=(*params[:_TOKEN_AT], token, *params[_TOKEN_AT + 1 :]))

    def until_come(
        self, step: Step, old: Told, last: Last, again: Again, patience: Patience
    ) -> Generator[Send, Exchange, Last]:
        """Ask until the recorded events have come, or long enough; for the state at the start only once."""
        recorded = old.call.request
        if recorded is None:
            return last
        chain = self._chains.of(step.session, recorded)
        mine = events.records(old.value)
        expected = [events.event_of(each) for each in mine]
        at_start = recorded.params[_TOKEN_AT : _TOKEN_AT + 1] == ("",)
        while last.told.row.outcome is Outcome.SUCCESS:
            batch = events.records(last.told.value)
            self._pairing.events(mine, batch)
            chain.seen.update(map(events.event_of, batch))
            chain.token = events.token_of(last.told.value) or chain.token
            if at_start or patience.over or not events.missing(expected, chain, self._mapping):
                break
            last = yield from patience.once_more(last, again)
        return last

    def absent(self, step: Step, old: Told) -> tuple[str, ...]:
        """The recorded events that never came, in words; those that came count once."""
        if old.call.request is None:
            return ()
        chain = self._chains.of(step.session, old.call.request)
        expected = [events.event_of(each) for each in events.records(old.value)]
        missed = events.missing(expected, chain, self._mapping)
        events.consume(expected, chain, self._mapping)
        words = [f"the event {operation} {kind} {ref} never came" for kind, operation, ref in missed[:SHOWN]]
        if len(missed) > SHOWN:
            words.append(f"and {len(missed) - SHOWN} more events")
        return tuple(words)
