"""`xraytap tasks`."""

from __future__ import annotations

import click

from xraytap.cli.about import about_source
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.cli.table import print_table
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.learning import Learning
from xraytap.protocol.correlate.objects import TEACHERS
from xraytap.protocol.correlate.tasks import Task, Tasks
from xraytap.protocol.correlate.words import state_words
from xraytap.protocol.describe import params_line, short_ref
from xraytap.protocol.jsonform import Json, iso_time, json_line, value_to_json
from xraytap.protocol.phrases import clock, span


@click.command("tasks", epilog="Example: xraytap tasks example")
@click.argument("source")
@filter_option
@api_option
@store_option
@json_option
def command(source: str, filter_text: str | None, api: str, store: str | None, as_json: bool) -> None:
    """List the tasks of SOURCE: each Async call joined with the polls of its task and its end. A task that was
    still pending when last asked about is `unfinished`, one that nobody asked about `abandoned`."""
    with open_source(source, store) as opened:
        about = about_source(opened, api)
        found, learning = Tasks(), Learning(about)
        feed(opened.rows(filter_text), opened.decode, found)
        if len(found) and not as_json:
            feed(
                opened.rows(f"message:{','.join(TEACHERS)} outcome:success"), opened.decode, learning.objects
            )
        if as_json:
            for task in found:
                click.echo(json_line(task_to_json(task)))
            return
        print_table(
            ["seq", "at", "method", "parameters", "task", "state", "took", "polls"],
            [
                (
                    task.seq,
                    clock(task.started_at_us),
                    f"Async.{task.method}",
                    params_line(opened.decode(task.seq), 48, learning.session(task.session)),
                    short_ref(task.ref),
                    state_words(task, learning.session(task.session)),
                    "" if task.elapsed_ms is None else span(int(task.elapsed_ms * 1000)),
                    task.polls,
                )
                for task in found
            ],
            right="seq took polls",
            spare="task at",
        )


def task_to_json(task: Task) -> dict[str, Json]:
    """One task as docs/analysis.md writes it."""
    return {
        "number": task.number,
        "session": task.session,
        "task": task.ref,
        "method": task.method,
        "seq": task.seq,
        "started_at": iso_time(task.started_at_us),
        "state": task.state,
        "status": task.status,
        "elapsed_ms": task.elapsed_ms,
        "ended_seq": task.ended_seq,
        "result": value_to_json(task.result),
        "error": None if task.error is None else [value_to_json(each) for each in task.error],
        "polls": task.polls,
        "poll_seqs": task.poll_seqs,
        "destroyed_seq": task.destroyed_seq,
    }
