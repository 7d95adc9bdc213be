"""The tasks of a capture: each Async call with its polls and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xraytap.protocol.correlate.tasks import Tasks
from xraytap.protocol.correlate.words import state_words
from xraytap.protocol.describe import short_ref
from xraytap.protocol.phrases import clock, span
from xraytap.tui.views.base import ListScreen, quoted
from xraytap.tui.views.grid import Cell, Column, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.correlate.tasks import Task
    from xraytap.store import Store
    from xraytap.tui.views.reading import Trackers

ONLY = "async:yes or class:task or method:event.next,event.from"
"""What tells of tasks."""
_WORDS = {"success": "success", "failure": "failure", "cancelled": "failure"}


def trackers(_about: About, _store: Store) -> Trackers:
    """What the screen reads."""
    return {"tasks": Tasks()}


class TasksScreen(ListScreen):
    """One line a task."""

    NAME = "tasks"
    ENTRY = "task"
    EMPTY = "no call was made with Async."
    COLUMNS = (
        Column(title="seq", right=True),
        Column(title="at", least=12, leaves=3),
        Column(title="method", least=16),
        Column(title="task", least=8, leaves=2),
        Column(title="state", least=14),
        Column(title="took", right=True),
        Column(title="polls", right=True, leaves=1),
    )

    def listed(self, trackers: Trackers) -> Iterator[Entry]:
        """In order of the calls that began them."""
        for each in cast("Tasks", trackers["tasks"]):
            took = None if each.elapsed_ms is None else int(each.elapsed_ms * 1000)
            yield Entry(
                cells=(
                    each.seq,
                    Cell(clock(each.started_at_us), each.started_at_us),
                    f"Async.{each.method}",
                    short_ref(each.ref),
                    state_words(each, self.capture.learner.about(each.session)),
                    "" if took is None else Cell(span(took), took),
                    each.polls,
                ),
                of=each,
                word=_WORDS.get(each.state, ""),
            )

    def filter_of(self, entry: Entry) -> str:
        """The call that began it and all that speak of it."""
        task = cast("Task", entry.of)
        return f"seq:{task.seq} or (session:{quoted(task.session)} ref:{quoted(task.ref)})"
