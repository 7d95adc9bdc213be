"""What is known about a source beside its bytes: the data model to read it by."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from xraytap.protocol.about import About

if TYPE_CHECKING:
    from xraytap.cli.source import Source
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.tasks import Task


LEARN_AT_MOST = 5_000
"""Of the calls before one that is shown, the last so many may teach names: decoding them takes a moment."""


LOOK_AFTER_END = 50
"""Calls about tasks or events, after the one that told of a task's end, that are looked at for its result."""


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
    for each in deque((each for each in source.rows(wanted) if each.session == row.session), LEARN_AT_MOST):
        learning.of(each, source.decode(each.seq))
    return learning.session(row.session)


def task_of(source: Source, row: CallRow) -> Task | None:
    """The task that an asynchronous call began, as the calls after it tell; None for another call."""
    from xraytap.protocol.correlate.tasks import ENDED, Tasks

    if not row.is_async:
        return None
    tasks, after_end = Tasks(), 0
    for each in source.rows(
        f"seq:{row.seq}.. outcome:success (seq:{row.seq} or class:task or method:event.*)"
    ):
        if each.session == row.session and tasks.wants(each):
            tasks.add(each, source.decode(each.seq))
            found = tasks.of(row.seq)
            # Clients ask for the result or the error after the status.
            after_end += found is not None and found.status in ENDED
            if found is None or found.destroyed_seq is not None or after_end > LOOK_AFTER_END:
                break
    return tasks.of(row.seq)
