"""The replay as a capture of its own: the last exchange of each call, in the order in which they ended,
without secrets, with a note that names its origin.

What goes beside the recorded calls (looking objects up, logging in once more, polls repeated) is not kept, so
that the capture stands beside the recording call by call.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from xraytap.replay.client import without_secrets
from xraytap.store.reader import open_store
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.call import Exchange
    from xraytap.replay.plan import Plan
    from xraytap.replay.verdict import Result

_GROUP = 64
_SOON_S = 0.5
_SETTLE_S = 0.05
"""The user waits for the report; who looks at the capture settles the rest."""


class Keeper:
    """Keeps one replay, from `with` to its end. `kept`: by the number of the recorded call, that of the new one."""

    def __init__(self, store: str | Path | None, plan: Plan, url: str, *, name: str | None = None) -> None:
        self._store = store
        self._note = f"replay of {plan.name}" + ("" if plan.whole else f", {len(plan.steps)} of its calls")
        self._writer = Writer(store, name or f"{plan.name}-replay", host=url)
        self._waiting: list[tuple[int, Exchange]] = []
        self.kept: dict[int, int] = {}
        self._flushed_at = time.monotonic()

    @property
    def capture(self) -> str:
        """The capture's name."""
        return self._writer.capture

    @property
    def lost(self) -> int:
        """Calls that could not be written."""
        return self._writer.lost

    def add(self, result: Result) -> None:
        """Keep what went over the wire for one call, if anything did."""
        if result.exchange is None:
            return
        self._waiting.append((result.step.seq, without_secrets(result.exchange)))
        now = time.monotonic()
        if len(self._waiting) >= _GROUP or now - self._flushed_at > _SOON_S:
            self._flushed_at = now
            self._flush()

    def _flush(self) -> None:
        """Give the writer many calls at once: a commit for each would cost more than sending it."""
        for seq, each in self._waiting:
            ticket = self._writer.begin(each)
            self._writer.finish(ticket, each)
            self.kept[seq] = ticket.seq
        self._waiting.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close(settle_s=_SETTLE_S)
        with open_store(self._store) as store:
            if self.kept:
                store.set_note(self.capture, self._note)
            else:
                store.delete(self.capture)  # nothing was sent
