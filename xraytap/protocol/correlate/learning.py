"""What the calls read so far tell about the next one: the names that a session has been taught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.correlate.objects import Objects

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall


class Learning:
    """What is known about each call of a source read in order: the model, and the names that the calls so far
    have taught its session."""

    def __init__(self, about: About) -> None:
        self._base = about
        self.objects = Objects(about)
        self._abouts: dict[str | None, About] = {}

    def of(self, row: CallRow, call: DecodedCall) -> About:
        """Learn from the call, and tell what is known to describe it by."""
        if self.objects.wants(row):
            self.objects.add(row, call)
        return self.session(row.session)

    def session(self, token: str | None) -> About:
        """What is known in a session."""
        known = self._abouts.get(token)
        if known is None:
            known = self._abouts[token] = About(model=self._base.model, names=self.objects.names(token))
        return known
