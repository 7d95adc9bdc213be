"""What is known about a source beside its bytes: the data model to read it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import About

if TYPE_CHECKING:
    from xraytap.cli.source import Source
    from xraytap.protocol.call import CallRow


def about_source(source: Source, api: str = "auto") -> About:
    """The model named `api`, or the one that the source's first calls speak."""
    from xraytap.protocol.datamodel import load

    if api == "auto":
        from xraytap.protocol.datamodel.guess import guess_api

        api = guess_api(source.decode(row.seq) for row in source.rows())
    return About(model=load(api))


def learn_until(source: Source, row: CallRow, about: About) -> About:
    """What the calls of a session up to `row` teach about it."""
    from xraytap.protocol.correlate.learning import Learning
    from xraytap.protocol.correlate.objects import TEACHERS

    learning = Learning(about)
    if row.session is None:
        return about
    wanted = f"seq:..{row.seq} message:{','.join(TEACHERS)}"
    for each in source.rows(wanted):
        if each.session == row.session:
            learning.of(each, source.decode(each.seq))
    return learning.session(row.session)
