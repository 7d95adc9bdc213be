"""From a recording to a plan: one pass over all calls for what they tell, one over the selected ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.errors import DecodeError
from xraytap.protocol.about import About
from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.objects import TEACHERS, Objects
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.correlate.tasks import Tasks
from xraytap.protocol.http import content_decode, find_header, parse_head
from xraytap.protocol.messages import BATCH, SESSIONLESS, strip_async
from xraytap.replay.effects import Effect, effect_of
from xraytap.replay.mapping import refs_in_bytes
from xraytap.replay.order import Order
from xraytap.replay.plan import NotSent, Plan, Role, Step, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from xraytap.protocol.call import CallRow, Message
    from xraytap.protocol.correlate.objects import Object
    from xraytap.protocol.correlate.sessions import Session
    from xraytap.protocol.datamodel.model import Model
    from xraytap.replay.plan import Recording

_TEACHERS = frozenset(TEACHERS)
_POLLS = frozenset({"get_status", "get_record", "get_progress", "get_finished"})
_LOGINS = frozenset({"session.login_with_password", "session.slave_local_login_with_password"})
# What xend answers to a token that is none: the second where it is not even ASCII.
_NO_SESSION = frozenset({"SESSION_INVALID", "INTERNAL_ERROR"})
EVENT_POLLS = frozenset({"event.next", "event.from"})


def make_plan(
    recording: Recording,
    model: Model,
    *,
    allow: Collection[Effect] = (Effect.READ,),
    selected: Callable[[CallRow], bool] | None = None,
    on_progress: Callable[[int], object] = lambda _seq: None,
) -> Plan:
    """The plan. `selected` tells which calls to replay, all by default; the others still tell what objects
    and sessions are. `on_progress` is told each seq as it is read."""
    told = _Told(recording, model)
    rows = []
    whole = True
    for row in recording.rows():
        told.add(row)
        if selected is None or selected(row):
            rows.append(row)
        else:
            whole = False
        on_progress(row.seq)
    order, steps = Order(), []
    for row in rows:
        step = told.step(row)
        steps.append(replace(step, after=order.place(step, told.issued)))
    plan = Plan(
        name=recording.name,
        model=model,
        steps=tuple(steps),
        issued=told.issued,
        objects=told.objects(),
        sessions=told.sessions(),
        imitated=told.imitated(),
        open_doors=frozenset(told.open_doors),
        whole=whole,
    )
    return with_allowed(plan, allow)


def with_allowed(plan: Plan, allow: Collection[Effect]) -> Plan:
    """The same plan with other effects allowed."""
    steps = []
    for step in plan.steps:
        withheld = step.not_sent is not None and step.not_sent.why is Why.WITHHELD
        reason = None if withheld else step.not_sent
        if reason is None and step.effect not in allow and step.role is not Role.FOLLOWED:
            reason = NotSent(why=Why.WITHHELD, text=_withheld(step, plan.model))
        steps.append(replace(step, not_sent=reason) if reason is not step.not_sent else step)
    return replace(plan, steps=tuple(steps))


class _Told:
    """What the whole recording tells."""

    def __init__(self, recording: Recording, model: Model) -> None:
        self._recording = recording
        self._model = model
        self._sessions = Sessions()
        self._tasks = Tasks()
        self._objects = Objects(About(model=model))
        self._accepted: set[str] = set()
        self._uses: dict[int, tuple[str, ...]] = {}
        self._users: dict[int, str] = {}
        self._begun: dict[int | None, str] | None = None
        self.issued: dict[str, int] = {}
        self.open_doors: set[str] = set()

    def add(self, row: CallRow) -> None:
        """Learn from one call."""
        if row.method is None:
            return
        exchange = self._recording.exchange(row.seq)
        teaches = row.message in _TEACHERS and row.outcome is Outcome.SUCCESS
        wanted = teaches or self._sessions.wants(row) or self._tasks.wants(row)
        call = self._recording.decode(row.seq) if wanted else None
        self._sessions.add(row, call)
        self._tasks.add(row, call)
        if row.method in _LOGINS and call is not None and call.request is not None:
            user, password = (*call.request.params, "", "")[:2]
            self._users[row.seq] = str(user)
            if password == "":
                self.open_doors.add(str(user))
        if teaches:
            self._objects.add(row, call)
        if row.session is not None and row.error_code not in _NO_SESSION:
            self._accepted.add(row.session)
        token = row.session
        self._uses[row.seq] = tuple(
            each for each in dict.fromkeys(refs_in_bytes(_plain(exchange.request))) if each != token
        )
        if exchange.response is not None and row.outcome is Outcome.SUCCESS:
            for each in refs_in_bytes(_plain(exchange.response)):
                self.issued.setdefault(each, row.seq)

    def step(self, row: CallRow) -> Step:
        """The step of one call, not yet in order, everything allowed."""
        method = f"Async.{row.method}" if row.is_async else row.method or row.http_method or "?"
        effect = Effect.CHANGE if row.method is None else effect_of(row.method, self._model)
        role = self._role(row)
        not_sent = None if role is Role.FOLLOWED else self._unfit(row)
        return Step(
            seq=row.seq,
            method=method,
            protocol=row.protocol,
            session=self._session_of(row, role),
            effect=effect,
            role=role,
            at_us=row.started_at_us,
            elapsed_us=row.elapsed_us,
            path=row.path,
            uses=self._uses.get(row.seq, ()),
            not_sent=not_sent,
            user=self._users.get(row.seq),
        )

    def objects(self) -> dict[str, Object]:
        """References with what is known of them; those that bear a name first."""
        found: dict[str, Object] = {}
        for each in self._objects:
            known = found.get(each.ref)
            if known is None or (each.name is not None and known.name is None):
                found[each.ref] = each
        return found

    def sessions(self) -> dict[str, Session]:
        """The sessions by token."""
        return {each.token: each for each in self._sessions}

    def imitated(self) -> frozenset[str]:
        """Tokens that the host never took and no login gave: they were meant to be wrong."""
        return frozenset(
            each.token
            for each in self._sessions
            if each.login_seq is None and each.token not in self._accepted
        )

    # -- inside -------------------------------------------------------------------------------------

    def _role(self, row: CallRow) -> Role:
        if row.method in SESSIONLESS:
            return Role.LOGIN
        if row.method in EVENT_POLLS and row.outcome is Outcome.SUCCESS:
            return Role.EVENTS
        task = self._tasks.of(row.seq)
        if task is None or row.class_name != "task" or row.message not in _POLLS:
            return Role.CALL
        if task.ended_seq == row.seq:
            return Role.POLL
        if task.ended_seq is None:
            return Role.TIMING
        return Role.FOLLOWED if row.seq < task.ended_seq else Role.CALL

    def _session_of(self, row: CallRow, role: Role) -> str | None:
        if role is not Role.LOGIN:
            return row.session
        if self._begun is None:
            self._begun = {each.login_seq: each.token for each in self._sessions}
        return self._begun.get(row.seq)

    def _unfit(self, row: CallRow) -> NotSent | None:
        if row.protocol not in ("xmlrpc", "jsonrpc"):
            return NotSent(why=Why.UNFIT, text="it is no RPC call")
        if row.method is None:
            return NotSent(why=Why.UNFIT, text=f"its request is undecodable: {row.decode_error}")
        if row.method == BATCH:
            return NotSent(why=Why.UNFIT, text="it is a JSON-RPC batch, which no Xen host takes")
        if row.method in EVENT_POLLS and row.outcome is Outcome.NO_RESPONSE:
            return NotSent(why=Why.UNFIT, text="it was still waiting when the recording ended")
        if row.redacted:
            return self._secret(row)
        return None

    def _secret(self, row: CallRow) -> NotSent | None:
        gone = [each for each in row.redacted if ".result" not in each and not each.startswith("header.")]
        if not gone:
            return None
        if row.method in _LOGINS:
            if row.error_code == "SESSION_AUTHENTICATION_FAILED":
                return NotSent(why=Why.SECRET, text="the wrong password of a refused login is not kept")
            return None
        return NotSent(why=Why.SECRET, text=f"{', '.join(gone)} was taken out of the recording")


def _withheld(step: Step, model: Model) -> str:
    known = "" if model.message(strip_async(step.method)[0]) else ", as far as anybody knows"
    verb = "destroys" if step.effect is Effect.DESTROY else "changes the host"
    return f"it {verb}{known}; --allow {step.effect.value} sends it"


def _plain(message: Message) -> bytes:
    """The body with its content coding undone; as it is where that fails."""
    if b"ontent-" not in message.head or b"ncoding:" not in message.head:
        return message.body
    try:
        return content_decode(message.body, find_header(parse_head(message.head)[1], "content-encoding"))
    except DecodeError:
        return message.body
