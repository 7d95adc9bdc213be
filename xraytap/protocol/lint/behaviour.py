"""Rules about what a client does over several calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.lint.memory import change_key
from xraytap.protocol.lint.rule import Needs, Problem, Rule, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.lint.subject import Subject


@rule("retried-change", Severity.WARNING, "a change is asked for again without knowing", needs=Needs.CAPTURE)
def retried_change(subject: Subject) -> Iterator[Problem]:
    """A call that changes something got no answer, and the client made the same call again. The host may have done
    the first one: a VM cloned twice, a disk made twice. Look first whether it was done."""
    memory = subject.memory
    key = change_key(subject) if memory is not None else None
    first = memory.unanswered.get(key) if memory is not None and key is not None else None
    if first is not None and subject.row.started_at_us >= first[1]:
        message = f"#{first[0]} asked for the same and got no answer; it may be done twice"
        yield Problem(where="method", message=message)


@rule("task-abandoned", Severity.NOTE, "nobody asks what became of an Async call", needs=Needs.END)
def task_abandoned(subject: Subject) -> Iterator[Problem]:
    """An Async call began a task, and no later call of the session asked about tasks or waited for events: whether
    it worked is not known to the client."""
    if subject.memory is not None:
        for seq, method in subject.memory.open_tasks.values():
            yield Problem(where="answer", message=f"nobody asked for the task of Async.{method}", seq=seq)


RULES: tuple[Rule, ...] = (retried_change, task_abandoned)
