"""Tab `session`: the task that the call began or asked about, with its polls; and the session it was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.correlate.tasks import Tasks
from xraytap.protocol.describe import error_line, method_text, short
from xraytap.protocol.filter import And, Flag, Glob, Or, Range
from xraytap.protocol.messages import SESSIONLESS
from xraytap.protocol.phrases import clock, many
from xraytap.protocol.printable import printable
from xraytap.protocol.summary import decode_exchange
from xraytap.tui.calls.render import milliseconds, since
from xraytap.tui.detail.content import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.sessions import Session
    from xraytap.protocol.correlate.tasks import Task
    from xraytap.protocol.filter import Expr
    from xraytap.protocol.summary import DecodedCall
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded

    type Parts = list[tuple[str, str]]

_BEFORE, _AFTER = 3000, 3000
"""Calls around this one in which a task's life and a session's login are looked for."""
_POLLS_SHOWN = 200


def session(loaded: Loaded) -> Content:
    """The task first, where there is one."""
    return Lines([*_task_lines(loaded), *_session_lines(loaded)])


def _task_lines(loaded: Loaded) -> Iterator[Parts]:
    row = loaded.row
    if row.session is None or not (row.is_async or row.class_name == "task"):
        return
    tasks, rows = Tasks(), {}
    about_tasks = Or(
        (Flag("async", True), Glob("class", "task"), Glob("message", "next"), Glob("message", "from"))
    )
    for each in _around(loaded, And((_own(row), about_tasks))):
        rows[each.seq] = each
    feed(rows.values(), _decoder(loaded), tasks)
    task = tasks.of(row.seq)
    if task is None:
        yield [("dim", f"no task of this session within {_BEFORE:,} calls before this one belongs to it")]
        yield []
        return
    yield from _life(task, rows, loaded)
    yield []


def _life(task: Task, rows: dict[int, CallRow], loaded: Loaded) -> Iterator[Parts]:
    yield [("title", f"task {short(task.ref)}")]
    yield _pair("began", f"#{task.seq} Async.{printable(task.method)} at {clock(task.started_at_us)}")
    ended = "" if task.elapsed_ms is None else f" after {task.elapsed_ms:,.1f} ms"
    polls = many(task.polls, "poll")
    seen = "" if task.ended_seq is None else f", told by #{task.ended_seq}"
    yield [
        *_pair("state", ""),
        ("trouble" if task.state != "success" else "string", task.state),
        ("value", f"{ended}, {polls}{seen}"),
    ]
    if task.error is not None:
        yield [*_pair("error", ""), ("trouble", error_line(task.error, loaded.about))]
    if task.result:
        yield _pair("result", short(task.result, 200))
    if task.destroyed_seq is not None:
        yield _pair("destroyed", f"#{task.destroyed_seq}")
    for seq in task.poll_seqs[:_POLLS_SHOWN]:
        each = rows.get(seq)
        if each is not None:
            when = since(each.started_at_us - task.started_at_us)
            here = "▶" if seq == loaded.row.seq else " "
            yield [
                ("dim", f" {here} #{seq:<7} {when:>10}  "),
                ("value", method_text(each)),
                ("dim", f"  {milliseconds(each.elapsed_us)} ms"),
            ]
    if len(task.poll_seqs) > _POLLS_SHOWN:
        yield [("dim", f"   … {len(task.poll_seqs) - _POLLS_SHOWN:,} more")]


def _session_lines(loaded: Loaded) -> Iterator[Parts]:
    row = loaded.row
    token = row.session
    if token is None and row.method in SESSIONLESS and loaded.call.answer is not None:
        value = loaded.call.answer.value
        token = str(value) if isinstance(value, str) else None
    if token is None:
        yield [("dim", "this call is made in no session")]
        return
    sessions = Sessions()
    logins = Or(tuple(Glob("method", each) for each in sorted(SESSIONLESS)))
    wanted = And((Or((Glob("session", token), logins)),))
    feed(_around(loaded, wanted), _decoder(loaded), sessions)
    found = sessions.get(token)
    if found is None:
        yield [("dim", "this session is not known")]
        return
    yield from _about(found)


def _about(found: Session) -> Iterator[Parts]:
    yield [("title", f"session {printable(found.token)}")]
    if found.login_seq is None:
        yield _pair("login", f"none among the {_BEFORE:,} calls before this one")
    else:
        who = printable(found.user or "") or "''"
        yield _pair(
            "login",
            f"#{found.login_seq} {printable(found.login_method or '')} as {who} at {clock(found.first_at_us)}",
        )
    if found.originator:
        yield _pair("originator", printable(found.originator))
    yield _pair("clients", ", ".join(sorted(printable(each) for each in found.clients)))
    yield _pair("calls", f"{found.calls:,} around this one, {found.failures:,} did not succeed")
    yield _pair(
        "first, last",
        f"#{found.first_seq} to #{found.last_seq}, {since(found.last_at_us - found.first_at_us)} s",
    )
    yield _pair("end", found.end.value + ("" if found.ended_seq is None else f" at #{found.ended_seq}"))
    if found.after_end:
        yield [*_pair("after its end", ""), ("trouble", f"{found.after_end:,} calls")]


def _pair(name: str, value: str) -> Parts:
    return [("name", f"{name:<16}"), ("value", value)]


def _own(row: CallRow) -> Expr:
    return Glob("session", row.session or "")


def _around(loaded: Loaded, wanted: Expr) -> Iterator[CallRow]:
    row = loaded.row
    seqs = Range("seq", row.seq - _BEFORE, row.seq + _AFTER)
    return loaded.store.calls(
        row.capture,
        filter=And((seqs, wanted)),
        after_seq=max(0, row.seq - _BEFORE - 1),
        limit=_BEFORE + _AFTER,
    )


def _decoder(loaded: Loaded) -> Callable[[int], DecodedCall]:
    return lambda seq: decode_exchange(loaded.store.exchange(loaded.row.capture, seq))
