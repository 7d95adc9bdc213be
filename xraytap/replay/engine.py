"""One recorded call after the other, as questions to a host and what its answers mean. No socket, no clock.

`Engine.perform` is a generator: it yields what is to be sent and is given what came back. So sessions,
mapping, polls and refusals are decided here, and tests can be transcripts. Several may be under way at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.sessions import LOGOUTS
from xraytap.protocol.diff import Rules
from xraytap.protocol.messages import strip_async, takes_session
from xraytap.replay import events
from xraytap.replay.compare import Comparer, Told, slower_by, told
from xraytap.replay.effects import Effect
from xraytap.replay.finding import Finder
from xraytap.replay.following import Events, Last, Patience, is_pending, until_ended
from xraytap.replay.mapping import Mapping, Strength
from xraytap.replay.noise import noisy_places
from xraytap.replay.pairing import Pairing
from xraytap.replay.plan import NotSent, Role, Why
from xraytap.replay.sending import Send
from xraytap.replay.signing import Signing
from xraytap.replay.verdict import Result, Verdict
from xraytap.replay.wire import in_protocol

if TYPE_CHECKING:
    from collections.abc import Generator
    from collections.abc import Mapping as MappingType

    from xraytap.protocol.call import Exchange
    from xraytap.protocol.messages import Request
    from xraytap.replay.logins import Logins
    from xraytap.replay.plan import Plan, Recording, Step

_SLAVE, _EXPIRED = "HOST_IS_SLAVE", "SESSION_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a replay goes.

    `explicit`: pairs of the user's, references or names. `names`: more places that do not count. `wait_s`:
    how long a task's end, or a recorded event, is waited for. `noise`: how often a reading call is sent to
    learn what varies by itself, 1 for not. `slower`: the factor beyond which a call counts as slower.
    `protocol`: `xmlrpc` or `jsonrpc`, None for the recorded one.
    """

    explicit: MappingType[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    protocol: str | None = None
    follow_master: bool = False
    wait_s: float = 300.0
    noise: int = 1
    slower: float | None = None


class Engine:
    """The state of one replay. `say` is told remarks for the person, once each."""

    def __init__(self, plan: Plan, recording: Recording, logins: Logins, options: Options) -> None:
        self.plan = plan
        self.options = options
        self.mapping = Mapping()
        for old, new in options.explicit.items():
            self.mapping.learn(old, new, Strength.EXPLICIT)
        self.remarks: list[str] = []
        self.volatile: dict[str, None] = {}
        self.stopped: str | None = None
        self.pairing = Pairing(self.mapping, plan.model)
        self.finder = Finder(plan, self.mapping, self.pairing)
        self._recording = recording
        self._signing = Signing(plan, recording, logins, self.mapping)
        self._events = Events(self.mapping, self.pairing)
        self._unsent: dict[int, NotSent] = {}
        self._open: list[tuple[Result, Told, Told]] = []
        self._rules = Rules(model=plan.model, names=options.names)

    @property
    def comparer(self) -> Comparer:
        """Compares with what is known now."""
        return Comparer(mapping=self.mapping, rules=self._rules)

    def stop(self, reason: str) -> None:
        """Send nothing more: every call to come is not sent, for this reason."""
        self.stopped = self.stopped or reason

    def remark(self, text: str) -> None:
        """Tell the person, once."""
        if text not in self.remarks:
            self.remarks.append(text)

    def perform(self, step: Step) -> Generator[Send, Exchange, Result]:
        """Go through one step."""
        if self.stopped is not None:
            return self._not_sent(step, NotSent(why=Why.STOPPED, text=self.stopped))
        if step.role is Role.FOLLOWED:
            return Result(step=step, verdict=Verdict.FOLLOWED, old_us=step.elapsed_us)
        if step.not_sent is not None:
            return self._not_sent(step, step.not_sent)
        exchange = self._recording.exchange(step.seq)
        old = told(exchange, capture=self.plan.name, seq=step.seq)
        if old.call.request is None:
            return self._not_sent(step, NotSent(why=Why.UNFIT, text="its request is undecodable"))
        if step.role is Role.EVENTS and not events.records(old.value):
            return Result(step=step, verdict=Verdict.FOLLOWED, old_us=step.elapsed_us)
        blocked = yield from self._ready(step, old)
        if blocked is not None:
            return self._not_sent(step, blocked)
        last = yield from self._send(step, old)
        if step.role is Role.LOGIN:
            self._signing.take(step, old, last.told)
        elif strip_async(step.method)[0] in LOGOUTS:
            self._signing.left(step, last.told)
        return self._judge(step, old, last)

    def settle(self) -> list[Result]:
        """The results whose verdict has changed by what was learnt later. Call it when all steps are over."""
        self.finder.settle()
        found = []
        for result, old, new in self._open:
            verdict, changes = self.comparer.verdict(old, new, self.finder.named)
            if (verdict, changes) != (result.verdict, result.changes):
                found.append(replace(result, verdict=verdict, changes=changes))
        self._open.clear()
        return found

    def farewells(self) -> list[Send]:
        """The logouts of sessions that only this replay began."""
        return [self._in_protocol(each) for each in self._signing.farewells()]

    # -- before it is sent ----------------------------------------------------------------------------

    def _ready(self, step: Step, old: Told) -> Generator[Send, Exchange, NotSent | None]:
        """Session and references, found as far as they can be; why the call cannot be sent."""
        if step.role is not Role.LOGIN and step.session is not None:
            blocked = yield from self._relay(self._signing.session(step))
            if blocked is not None:
                return blocked
        for ref in step.uses:
            blocked = self._needs(ref)
            if blocked is None:
                blocked = yield from self._relay(self.finder.find(ref, step, old, self._signing.token(step)))
            if blocked is not None:
                return blocked
        return None

    def _needs(self, ref: str) -> NotSent | None:
        issuer = self.plan.issued.get(ref)
        if issuer not in self._unsent or self.mapping.get(ref) is not None:
            return None
        reason = self._unsent[issuer]
        why = Why.LACKING if reason.why is Why.LACKING else Why.NEEDS
        return NotSent(
            why=why, text=f"it needs {self.finder.label(ref)} of call {issuer}, which was not sent"
        )

    def _request(self, step: Step, old: Told) -> Request:
        request = old.call.request
        if request is None:
            raise ValueError("a step without a request")
        if step.role is Role.LOGIN:
            params = self._signing.params(request)
        else:
            params = tuple(self.mapping.value(each) for each in request.params)
            token = self._signing.token(step)
            if token is not None and params and takes_session(request.name):
                params = (token, *params[1:])
        return self._events.request(step, request, replace(request, params=params))

    # -- sending --------------------------------------------------------------------------------------

    def _send(self, step: Step, old: Told) -> Generator[Send, Exchange, Last]:
        """The answer that counts."""
        request = self._request(step, old)
        known = self.finder.probed(request)
        made = self._made(step, request)
        exchange = known or (yield from self._ask(made, old))
        sent = 1
        new = told(exchange, request=made.request, old=old)
        expired = new.refused(_EXPIRED) and not old.refused(_EXPIRED)
        if expired and (yield from self._relay(self._signing.again(step, self.remark))):
            request = self._request(step, old)
            exchange = yield from self._ask(self._made(step, request), old)
            new, sent = told(exchange), sent + 1
        if step.role is Role.CALL and step.effect is Effect.READ and new.row.outcome is Outcome.SUCCESS:
            for _ in range(self.options.noise - 1):
                second = yield from self._ask(self._made(step, request), old)
                self._learn_noise(exchange, second)
                sent += 1
        last = Last(new, exchange, sent)

        def again(pause_s: float) -> Generator[Send, Exchange, Exchange]:
            return self._ask(self._made(step, self._request(step, old), wait_s=pause_s), old)

        patience = Patience(self.options.wait_s, lambda: self.stopped is not None)
        if step.role is Role.POLL:
            last = yield from until_ended(last, again, patience)
            if is_pending(last.told):
                self.remark(f"call {step.seq}: the task has not ended within {self.options.wait_s:g} s")
        elif step.role is Role.EVENTS:
            last = yield from self._events.until_come(step, old, last, again, patience)
        return last

    def _made(self, step: Step, request: Request, *, wait_s: float = 0.0) -> Send:
        return Send(
            request=in_protocol(request, self.options.protocol, self.plan.model),
            path=step.path,
            recorded_protocol=step.protocol,
            safe=step.effect is Effect.READ and step.role is not Role.LOGIN,
            wait_s=wait_s,
        )

    def _in_protocol(self, send: Send) -> Send:
        request = in_protocol(send.request, self.options.protocol, self.plan.model)
        return send if request is send.request else replace(send, request=request)

    def _ask(self, send: Send, old: Told | None = None) -> Generator[Send, Exchange, Exchange]:
        """Send in the protocol that was asked for, and mind a host that names another one to talk to."""
        exchange = yield self._in_protocol(send)
        response = exchange.response
        if response is None or _SLAVE.encode() not in response.body:
            return exchange
        new = told(exchange)
        if not new.refused(_SLAVE) or (old is not None and old.refused(_SLAVE)):
            return exchange
        master = _argument(new)
        if self.options.follow_master and master:
            self.remark(f"the host is a member of a pool; going on with its coordinator {master}")
            return (yield replace(self._in_protocol(send), redirect=master))
        self.remark(
            f"the host is a member of a pool (HOST_IS_SLAVE); its coordinator is {master or 'not told'}. "
            "Replay to that one, or follow it with --follow-master."
        )
        self.stop("the host is a member of a pool and takes calls only through its coordinator")
        return exchange

    def _relay[T](self, inner: Generator[Send, Exchange, T]) -> Generator[Send, Exchange, T]:
        """Ask what `inner` wants asked."""
        exchange: Exchange | None = None
        while True:
            try:
                send = next(inner) if exchange is None else inner.send(exchange)
            except StopIteration as end:
                found: T = end.value
                return found
            exchange = yield from self._ask(send)

    # -- what it means ----------------------------------------------------------------------------------

    def _judge(self, step: Step, old: Told, last: Last) -> Result:
        new = last.told
        both = old.row.outcome is Outcome.SUCCESS and new.row.outcome is Outcome.SUCCESS
        if both:
            self._learn(old, new)
        result = Result(
            step=step,
            verdict=Verdict.SAME,
            old_us=step.elapsed_us,
            new_us=new.row.elapsed_us,
            slower=None if step.role in (Role.EVENTS, Role.POLL) else slower_by(
                step.elapsed_us, new.row.elapsed_us, self.options.slower
            ),
            sent=last.sent,
            exchange=last.exchange,
        )  # fmt: skip
        if both and step.role in (Role.EVENTS, Role.TIMING, Role.LOGIN):
            absent = self._events.absent(step, old) if step.role is Role.EVENTS else ()
            words = tuple(map(self.finder.named, absent))
            return replace(result, verdict=Verdict.DIFFERENT, changes=words) if words else result
        verdict, changes = self.comparer.verdict(old, new, self.finder.named)
        if verdict is Verdict.SAME:
            return result
        result = replace(result, verdict=verdict, changes=changes)
        if verdict is Verdict.DIFFERENT:
            self._open.append((result, old, new))
        return result

    def _learn(self, old: Told, new: Told) -> None:
        request = old.call.request
        if request is None or request.class_name == "event":
            return
        facts = self.plan.model.message(request.name)
        returns = None if facts is None or request.is_async else facts.returns
        self.pairing.learn(old.value, new.value, returns)

    def _learn_noise(self, first: Exchange, second: Exchange) -> None:
        """Two answers to one question: where they differ, the host varies by itself."""
        one, two = told(first), told(second)
        if one.code == two.code and one.call.request is not None:
            changes = Comparer(mapping=Mapping(), rules=self._rules).changes(one, two)
            found = noisy_places(one.call.request, changes, self.plan.model)
            if not self.volatile.keys() >= set(found):
                self.volatile.update(dict.fromkeys(found))
                self._rules = Rules(model=self.plan.model, names=(*self.options.names, *self.volatile))

    def _not_sent(self, step: Step, reason: NotSent) -> Result:
        self._unsent[step.seq] = reason
        if reason.why is Why.LACKING:
            self.finder.blame(step)
        return Result(step=step, verdict=Verdict.NOT_SENT, old_us=step.elapsed_us, not_sent=reason)


def _argument(told: Told) -> str:
    answer = told.call.answer
    return str(answer.error[1]) if answer is not None and answer.error and len(answer.error) > 1 else ""
