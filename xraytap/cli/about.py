"""What is known about a source beside its bytes: the data model to read it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import About

if TYPE_CHECKING:
    from xraytap.cli.source import Source
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall


def about_source(source: Source, api: str = "auto") -> About:
    """The model named `api`, or the one that the source's first calls speak."""
    from xraytap.protocol.datamodel import load

    if api == "auto":
        from xraytap.protocol.datamodel.guess import guess_api

        api = guess_api(source.decode(row.seq) for row in source.rows())
    return About(model=load(api))


class Learning:
    """What is known about each call of a source read in order: the model, and the names that the calls so far
    have taught its session."""

    def __init__(self, about: About) -> None:
        from xraytap.protocol.correlate.objects import Objects

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


def learn_until(source: Source, row: CallRow, about: About) -> About:
    """What the calls of a session up to `row` teach about it."""
    from xraytap.protocol.correlate.objects import TEACHERS

    learning = Learning(about)
    if row.session is None:
        return about
    wanted = f"seq:..{row.seq} message:{','.join(TEACHERS)}"
    for each in source.rows(wanted):
        if each.session == row.session:
            learning.of(each, source.decode(each.seq))
    return learning.session(row.session)
