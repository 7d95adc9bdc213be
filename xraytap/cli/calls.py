"""`xraytap calls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from xraytap.cli.about import about_source
from xraytap.cli.lines import call_line
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.protocol.correlate.fold import Entry, fold
from xraytap.protocol.correlate.learning import Learning
from xraytap.protocol.jsonform import call_to_json, json_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.cli.source import Source

LEARN_AT_MOST = 20_000
"""Calls that a filter leaves out, and that are decoded all the same for the names they teach: seconds at most."""


@click.command("calls", epilog="Example: xraytap calls example --filter 'outcome:failure and ms:>5'")
@click.argument("source")
@click.option(
    "--fold",
    "folded",
    is_flag=True,
    help="An Async call and the polls of its task as one line: what came of it, and how long it really took.",
)
@filter_option
@api_option
@store_option
@json_option
def command(
    source: str, folded: bool, filter_text: str | None, api: str, store: str | None, as_json: bool
) -> None:
    """List the calls of SOURCE: a capture's name, or the path of a golden."""
    with open_source(source, store) as opened:
        learning = Learning(about_source(opened, api))
        names = _Names(opened, learning) if filter_text else None
        for entry in _entries(opened, filter_text, folded=folded):
            row = entry.row
            call = opened.decode(row.seq)
            if names is not None:
                names.learn_before(row.seq)
            about = learning.of(row, call)
            if not as_json:
                click.echo(call_line(row, call, about, entry))
                continue
            document = call_to_json(row, call, about)
            if folded:
                from xraytap.cli.tasks import task_to_json

                document["task"] = None if entry.task is None else task_to_json(entry.task)
            click.echo(json_line(document))


def _entries(opened: Source, filter_text: str | None, *, folded: bool) -> Iterator[Entry]:
    rows = opened.rows(filter_text)
    if not folded:
        return (Entry(row=row) for row in rows)
    from xraytap.protocol.correlate import feed
    from xraytap.protocol.correlate.tasks import Tasks

    tasks = Tasks()
    feed(opened.rows(), opened.decode, tasks)
    return fold(rows, tasks)


class _Names:
    """What the calls teach that a filter leaves out."""

    def __init__(self, opened: Source, learning: Learning) -> None:
        from xraytap.protocol.correlate.objects import TEACHERS

        self._opened = opened
        self._learning = learning
        self._rows = iter(opened.rows(f"message:{','.join(TEACHERS)} outcome:success"))
        self._next = next(self._rows, None)
        self._left = LEARN_AT_MOST

    def learn_before(self, seq: int) -> None:
        """Learn from the calls up to `seq`, itself left out."""
        while self._next is not None and self._next.seq < seq and self._left:
            self._learning.of(self._next, self._opened.decode(self._next.seq))
            self._next = next(self._rows, None)
            self._left -= 1
