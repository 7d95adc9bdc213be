"""The plan of a replay: every recorded call with what it does, what it waits for, and why it is not sent.

Pure: made from a recording and a selection before anything is sent; `xraytap replay --dry-run` prints it.
Invariant: a step waits only for steps before it, so the steps in their order are always a way to go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.correlate.objects import Object
    from xraytap.protocol.correlate.sessions import Session
    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.summary import DecodedCall
    from xraytap.replay.effects import Effect


class Recording(Protocol):
    """What is replayed: a capture, a golden, a selection of one."""

    name: str

    def row(self, seq: int) -> CallRow:
        """The row of a call."""

    def rows(self, filter_text: str | None = None) -> Iterable[CallRow]:
        """The rows in order, those that match."""

    def exchange(self, seq: int) -> Exchange:
        """The kept bytes of a call."""

    def decode(self, seq: int) -> DecodedCall:
        """The decoded call."""


class Role(StrEnum):
    """How a step is gone through. CALL: sent once. LOGIN: sent with the credentials of today. POLL: asked
    until the task has ended. EVENTS: asked until the recorded events have come. FOLLOWED: a poll that the
    recording needed and the replay does not, as a later one waits. TIMING: an answer that depends on the
    moment (a task not yet ended), so only its kind is compared."""

    CALL = "call"
    LOGIN = "login"
    POLL = "poll"
    EVENTS = "events"
    FOLLOWED = "followed"
    TIMING = "timing"


class Why(StrEnum):
    """Why a call is not sent. WITHHELD: nobody allowed it. NEEDS: what it needs comes from a call that was
    not sent."""

    WITHHELD = "withheld"
    UNFIT = "unfit"
    SECRET = "secret"  # noqa: S105  a reason, no secret
    LACKING = "lacking"
    NEEDS = "needs"
    STOPPED = "stopped"

    @property
    def is_finding(self) -> bool:
        """Whether it tells something about the host; the others are the user's choice or the recording's."""
        return self in (Why.LACKING, Why.STOPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """A reason not to send a call: its kind, and in words."""

    why: Why
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One recorded call of the plan.

    `method` is as on the wire. `after`: the steps (seq) that must be over first. `uses`: the references and
    uuids among its parameters, as recorded. `session` is the recorded token (of a login, the one that it
    gave), `user` who logs in.
    """

    seq: int
    method: str
    protocol: str
    session: str | None
    effect: Effect
    role: Role
    at_us: int
    elapsed_us: int | None
    path: str
    after: tuple[int, ...] = ()
    uses: tuple[str, ...] = ()
    not_sent: NotSent | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All steps in order of seq, and what the whole recording tells about what they use.

    `issued`: the call whose answer first shows a reference. `objects`: class, uuid and name of references.
    `sessions`: by token, those that the steps use; `imitated` are the tokens sent as they were recorded,
    because the host never took them. `open_doors`: users who logged in with an empty password.
    `whole` says that no call was left out by the selection.
    """

    name: str
    model: Model
    steps: tuple[Step, ...]
    issued: Mapping[str, int] = field(default_factory=dict)
    objects: Mapping[str, Object] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    imitated: frozenset[str] = frozenset()
    open_doors: frozenset[str] = frozenset()
    whole: bool = True

    @property
    def to_send(self) -> list[Step]:
        """The steps that will be sent if nothing goes wrong."""
        return [each for each in self.steps if each.not_sent is None and each.role is not Role.FOLLOWED]

    @property
    def highest(self) -> Effect:
        """The most that the steps to send do to the host."""
        from xraytap.replay.effects import Effect

        effects = {each.effect for each in self.to_send}
        return next(
            each for each in (Effect.DESTROY, Effect.CHANGE, Effect.READ) if each in effects | {Effect.READ}
        )

    @property
    def users(self) -> dict[str | None, bool]:
        """The recorded users that must log in, in order of appearance, each with whether the password was
        empty; None for one who is not known."""
        found: dict[str | None, bool] = {}
        for step in self.to_send:
            if step.session is not None and step.session not in self.imitated:
                known = self.sessions.get(step.session)
                user = None if known is None else known.user
                found[user] = user in self.open_doors
            elif step.role is Role.LOGIN and step.user is not None:
                found[step.user] = step.user in self.open_doors
        return found
