"""What the trackers found, in words: one line each, the same in lists and on screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.correlate.sessions import SessionEnd
from xraytap.protocol.describe import error_line, named, short_ref, short_refs
from xraytap.protocol.phrases import many, span

if TYPE_CHECKING:
    from xraytap.protocol.about import About
    from xraytap.protocol.correlate.events import Chain, Step
    from xraytap.protocol.correlate.fold import Entry
    from xraytap.protocol.correlate.sessions import Session
    from xraytap.protocol.correlate.tasks import Task

_SIGNS = {"success": "+", "failure": "x", "cancelled": "x"}


def end_word(session: Session, *, live: bool) -> str:
    """How a session ended; while the capture goes on, `open` for one that has no end yet."""
    return "open" if live and session.end is SessionEnd.LEAKED else session.end.value


def ending(session: Session, *, live: bool = False) -> str:
    """How a session ended, and where."""
    words = end_word(session, live=live)
    if session.ended_seq is not None:
        words += f" at #{session.ended_seq}"
    if session.after_end:
        words += f", then used {many(session.after_end, 'time')}"
    return words


def state_words(task: Task, about: About) -> str:
    """How it ended, with the sign that calls have: `x failure VM_BAD_POWER_STATE ...`."""
    words = f"{_SIGNS.get(task.state, '-')} {task.state}"
    if task.error is not None and task.state == "failure":
        return f"{words} {error_line(task.error, about)}"
    if task.result and task.state == "success":
        return f"{words} {named(task.result, about)}"
    return words


def entry_words(entry: Entry, about: About) -> str:
    """What came of a folded call, without the sign: the error, the result, or why there is neither."""
    task = entry.task
    if task is None:
        return ""
    if task.state == "success":
        return named(task.result, about) if task.result else ""
    if task.state == "failure" and task.error is not None:
        return error_line(task.error, about)
    return task.state


def headline(chain: Chain) -> str:
    """One line about a chain."""
    lost = f", EVENTS LOST {many(chain.lost, 'time')}" if chain.lost else ""
    about = f" for {short_refs(' '.join(chain.classes))}" if chain.classes else ""
    return (
        f"event.{chain.kind} in session {short_ref(chain.session)}{about}: {many(chain.events, 'event')} in "
        f"{many(chain.polls, 'poll')}, {chain.idle} idle, {span(int(chain.waited_ms * 1000))} waiting{lost}"
    )


def step_words(step: Step) -> str:
    """What a step was."""
    match step.kind:
        case "idle":
            return "nothing" if step.count == 1 else f"nothing, {step.count} times"
        case "events":
            return f"{step.count} events: {step.text}" if step.count > 1 else step.text.removeprefix("1 ")
        case _:
            times = f", {step.count} times" if step.count > 1 else ""
            return f"{step.kind}: {step.text}{times}"
