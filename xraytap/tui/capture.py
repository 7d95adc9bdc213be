"""A capture as the screens share it: its pages, its marks, what it is about. For the thread of the screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.store import open_store
from xraytap.store.live import is_live
from xraytap.store.marks import Marks
from xraytap.store.pages import Pages
from xraytap.tui.learner import Learner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.protocol.call import CallRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counts that the header shows. `lost` calls passed but could not be stored."""

    calls: int
    sessions: int
    troubled: int
    lost: int
    live: bool


class Capture:
    """An open capture. Raises SourceError where it is not there."""

    def __init__(self, store: Path, name: str) -> None:
        self.path = store
        self.store = open_store(store)
        try:
            info = self.store.capture(name)
            self.name, self.id, self.host = info.name, info.id, info.host
            self.pages = Pages(self.store, name)
            self.marks = Marks(self.store, name)
        except BaseException:
            self.store.close()
            raise
        self.learner = Learner(store, self.name, self.id, self._learnt)
        self.on_learnt: Callable[[], object] | None = None
        """Called in the learner's thread when more is known about the calls."""

    def _learnt(self) -> None:
        if self.on_learnt is not None:
            self.on_learnt()

    def close(self) -> None:
        """End the thread, close every connection."""
        self.learner.close()
        self.pages.close()
        self.marks.close()
        self.store.close()

    @property
    def live(self) -> bool:
        """Whether somebody records into it now."""
        return is_live(self.path, self.id)

    def started_at_us(self) -> int:
        """When its first call began, 0 while it is empty."""
        return self.store.capture(self.name).first_us or 0

    def tally(self) -> Tally:
        """Counted anew, 20 ms in a capture of a million calls; for any thread."""
        with open_store(self.path) as store:
            info = store.capture(self.name)
        return Tally(
            calls=info.calls, sessions=info.sessions, troubled=info.failures, lost=info.gaps, live=info.live
        )

    def row(self, seq: int) -> CallRow:
        """One row. SourceError if there is none."""
        return self.store.row(self.name, seq)
