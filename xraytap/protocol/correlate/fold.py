"""A list of calls with each task folded into the call that began it: one entry, its true duration, its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.tasks import Task, Tasks

_ENDS = {"success": Outcome.SUCCESS, "failure": Outcome.FAILURE, "cancelled": Outcome.FAILURE}
_ABOUT_ALL = ("get_all_records", "get_all_records_where")
"""Polls that may ask about many tasks stay in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call, with the task that it began; None for any other call."""

    row: CallRow
    task: Task | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended in the end: a task without an end is `no-response`."""
        return self.row.outcome if self.task is None else _ENDS.get(self.task.state, Outcome.NO_RESPONSE)

    @property
    def elapsed_ms(self) -> float | None:
        """How long it took, a task up to the answer that told of its end; None without an end."""
        return self.row.elapsed_ms if self.task is None else self.task.elapsed_ms

    @property
    def polls(self) -> int:
        """Calls that asked about the task."""
        return 0 if self.task is None else self.task.polls


def fold(rows: Iterable[CallRow], tasks: Tasks) -> Iterator[Entry]:
    """The entries of `rows` in order, without the polls of tasks and without `task.destroy`. `tasks` must know
    all calls of the capture, whichever `rows` are shown."""
    for row in rows:
        task = tasks.of(row.seq)
        if task is None or row.message in _ABOUT_ALL:
            yield Entry(row=row)
        elif task.seq == row.seq:
            yield Entry(row=row, task=task)
