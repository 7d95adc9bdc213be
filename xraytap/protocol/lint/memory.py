"""What the calls of a capture have taught so far, for rules that need more than one call.

Bounded: what falls out of memory is treated as never seen, so a long capture loses findings and never gains
false ones. Only sessions are kept all (as `xraytap sessions` does): their tokens are what is looked for.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.objects import refs_in
from xraytap.protocol.correlate.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Hashable

    from xraytap.protocol.lint.subject import Subject

REFS_KEPT = 100_000
SESSIONS_KEPT = 8
"""Sessions that are remembered for each reference; of one that more have got, nothing is said any more."""
OPEN_KEPT = 10_000
"""Tasks nobody has asked about, and changes nobody has answered, that are remembered."""

_UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_REF = {"xend": re.compile(_UUID), "xapi": re.compile(rb"OpaqueRef:" + _UUID)}
_EVENTS = frozenset({"event.next", "event.from"})


@dataclass(slots=True)
class Known:
    """A reference: the sessions that were given it, and the classes that it was given as."""

    sessions: dict[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    crowded: bool = False


class Memory:
    """What was learnt. Rules read it; `learn` takes a call in once the rules have looked at it."""

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.refs: OrderedDict[str, Known] = OrderedDict()
        self.open_tasks: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()
        self.unanswered: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()
        """Changes that got no answer: the call's number, and the time (microseconds) when that was known."""
        self.blind: set[str] = set()
        """Sessions that got an answer which was not kept whole: what they know is not known."""
        self.told: set[str] = set()
        """What has been said once and is not said again."""

    def learn(self, subject: Subject) -> None:
        """Take a call in."""
        row = subject.row
        self.sessions.add(row, subject.call)
        if subject.request is None:
            return
        self._ask_tasks(subject)
        key = change_key(subject)
        over = row.elapsed_us is not None or row.note is not None  # else it may yet be answered
        if key is not None and over and row.outcome in (Outcome.NO_RESPONSE, Outcome.HTTP_ERROR):
            self.unanswered[key] = (row.seq, row.started_at_us + (row.elapsed_us or 0))
            _bound(self.unanswered, OPEN_KEPT)
        elif key is not None:
            self.unanswered.pop(key, None)
        if subject.answered is not None:
            self._see(subject)

    def give(self, ref: str, session: str, seq: int) -> None:
        """A session has got a reference."""
        known = self.refs.get(ref)
        if known is None:
            known = self.refs[ref] = Known()
            _bound(self.refs, REFS_KEPT)
        else:
            self.refs.move_to_end(ref)
        if session not in known.sessions:
            if len(known.sessions) >= SESSIONS_KEPT:
                known.crowded = True
                return
            known.sessions[session] = seq

    # -- inside -------------------------------------------------------------------------------------

    def _see(self, subject: Subject) -> None:
        """Note every reference in the answer, wherever it stands: in texts, keys and error lists too."""
        row, side = subject.row, subject.answered
        session = row.session or ""
        body = None if side is None else side.body
        if body is None or b"\0" in body[:4]:  # cut, or in an encoding of wide units
            self.blind.add(session)
            return
        for found in set(_REF[subject.model.name].findall(body)):
            self.give(found.decode("ascii"), session, row.seq)
        if subject.result is not None:
            for class_name, ref in refs_in(subject.result):
                known = self.refs.get(ref)
                if known is not None and class_name not in known.classes:
                    known.classes += (class_name,)
        if (
            row.is_async
            and row.outcome is Outcome.SUCCESS
            and subject.answer is not None
            and isinstance(subject.answer.value, str)
        ):
            self.open_tasks[session, str(subject.answer.value)] = (row.seq, row.method or "")
            _bound(self.open_tasks, OPEN_KEPT)

    def _ask_tasks(self, subject: Subject) -> None:
        if not self.open_tasks or subject.request is None:
            return
        row = subject.row
        session = row.session or ""
        if row.method in _EVENTS or row.method in ("task.get_all", "task.get_all_records"):
            for key in [each for each in self.open_tasks if each[0] == session]:
                del self.open_tasks[key]
        elif row.class_name == "task":
            for value in subject.request.params[1:]:
                self.open_tasks.pop((session, str(value) if isinstance(value, str) else ""), None)


def change_key(subject: Subject) -> Hashable | None:
    """What makes two calls that change something the same call, the session aside; None for calls that do not."""
    facts, request = subject.facts, subject.request
    if facts is None or request is None or facts.effect not in ("write", "destroy"):
        return None
    return (request.method, hash(repr(request.params[int(facts.takes_session) :])))


def _bound[K, V](kept: OrderedDict[K, V], size: int) -> None:
    while len(kept) > size:
        kept.popitem(last=False)
