"""What a step has to wait for: the step before it in its session, who issued what it uses, on every object the
last change (a change waits for all earlier looks as well), and calls for events that were answered before it."""

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
    """One session so far."""

    first: int
    last: int


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
        self._last: int | None = None
        self._waiting: list[tuple[int, int]] = []

    def place(self, step: Step, issued: Mapping[str, int]) -> tuple[int, ...]:
        """The steps that `step` must wait for, in order; `issued` tells whose answer shows a reference."""
        found = self._answered(step.at_us)
        if step.session is not None:
            found |= self._in_session(step, step.session)
        elif self._last is not None:
            found.add(self._last)
        for each in step.uses:
            found |= self._on_object(step, self._objects.setdefault(each, _Touched()))
            issuer = issued.get(each)
            if issuer in self._placed:
                found.add(issuer)
        self._placed.add(step.seq)
        if step.role is Role.EVENTS:
            # The client went on while this call waited, and what it did may be what the call waits for.
            self._waiting.append((step.seq, step.at_us + (step.elapsed_us or 0)))
        else:
            self._last = step.seq
        return tuple(sorted(found))

    def _answered(self, at_us: int) -> set[int]:
        """The calls for events that had their answer before a moment: what came after them may come of them."""
        over = {seq for seq, end in self._waiting if end <= at_us}
        self._waiting = [each for each in self._waiting if each[0] not in over]
        return over

    def _in_session(self, step: Step, session: str) -> set[int]:
        lane = self._lanes.get(session)
        if lane is None:
            self._lanes[session] = _Lane(step.seq, step.seq)
            return set()
        found = {lane.first, lane.last}
        if step.role is not Role.EVENTS:
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
