"""What a step has to wait for: the step before it in its session, who issued what it uses, and on every
object the last change (a change waits for all earlier looks as well)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.replay.effects import Effect
from xraytap.replay.plan import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xraytap.replay.plan import Step


@dataclass(slots=True)
class _Lane:
    """One session so far. `waiting`: polls for events, with the moment in which each was answered."""

    first: int
    last: int
    waiting: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Touched:
    """One object so far."""

    changed: int | None = None
    looked: list[int] = field(default_factory=list)


class Order:
    """Places steps, in order of seq."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._objects: dict[str, _Touched] = {}
        self._placed: set[int] = set()

    def place(self, step: Step, issued: Mapping[str, int]) -> tuple[int, ...]:
        """The steps that `step` must wait for, in order; `issued` tells whose answer shows a reference."""
        found: set[int] = set()
        if step.session is not None:
            found |= self._in_session(step, step.session)
        for each in step.uses:
            found |= self._on_object(step, self._objects.setdefault(each, _Touched()))
            issuer = issued.get(each)
            if issuer in self._placed:
                found.add(issuer)
        self._placed.add(step.seq)
        return tuple(sorted(found))

    def _in_session(self, step: Step, session: str) -> set[int]:
        lane = self._lanes.get(session)
        if lane is None:
            self._lanes[session] = _Lane(step.seq, step.seq)
            return set()
        found = {lane.first, lane.last}
        over = [seq for seq, end in lane.waiting if end <= step.at_us]
        found.update(over)
        lane.waiting = [each for each in lane.waiting if each[0] not in over]
        if step.role is Role.EVENTS:
            # The client went on while this call waited, and what it did may be what the call waits for.
            lane.waiting.append((step.seq, step.at_us + (step.elapsed_us or 0)))
        else:
            lane.last = step.seq
        return found

    @staticmethod
    def _on_object(step: Step, touched: _Touched) -> set[int]:
        found = set() if touched.changed is None else {touched.changed}
        if step.effect is Effect.READ:
            touched.looked.append(step.seq)
            return found
        found.update(touched.looked)
        touched.looked.clear()
        touched.changed = step.seq
        return found
