"""`xraytap show`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from xraytap.cli.about import about_source, learn_until, task_of
from xraytap.cli.options import api_option, json_option, store_option
from xraytap.cli.out import colour
from xraytap.cli.source import open_source
from xraytap.cli.tasks import task_to_json
from xraytap.errors import SourceError
from xraytap.protocol.correlate.words import state_words
from xraytap.protocol.describe import Node, method_text, tree
from xraytap.protocol.jsonform import call_to_json, iso_time, json_line
from xraytap.protocol.phrases import many, span
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.tasks import Task


@click.command("show", epilog="Example: xraytap show example 11 --raw response")
@click.argument("source")
@click.argument("seq", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--raw",
    type=click.Choice(["request", "response"]),
    help="The exact bytes kept, head and body, to stdout.",
)
@api_option
@store_option
@json_option
def command(source: str, seq: int, raw: str | None, api: str, store: str | None, as_json: bool) -> None:
    """Show call number SEQ of SOURCE: decoded as a tree, or its exact bytes."""
    with open_source(source, store) as opened:
        row = opened.row(seq)
        if raw is not None:
            exchange = opened.exchange(seq)
            message = exchange.request if raw == "request" else exchange.response
            if message is None:
                raise SourceError(f"call {seq} of '{opened.name}' has no response: {row.note or 'none came'}")
            sys.stdout.buffer.write(message.head + message.body)
            sys.stdout.flush()
            return
        call = opened.decode(seq)
        about = learn_until(opened, row, about_source(opened, api))
        task = task_of(opened, row)
        if as_json:
            document = call_to_json(row, call, about)
            if task is not None:
                document["task"] = task_to_json(task)
            click.echo(json_line(document))
            return
        for line in header_lines(row):
            click.echo(line)
        nodes = tree(row, call, about)
        if task is not None:
            nodes.append(task_node(task, about))
        for line in tree_lines(nodes, row):
            click.echo(line)


def task_node(task: Task, about: About) -> Node:
    """What came of the task that a call began."""
    took = "" if task.elapsed_ms is None else f", {span(int(task.elapsed_ms * 1000))}"
    ended = "" if task.ended_seq is None else f", told by #{task.ended_seq}"
    words = f"{state_words(task, about)} after {many(task.polls, 'poll')}{took}{ended}"
    return Node("task", "task ref", words)


def header_lines(row: CallRow) -> Iterator[str]:
    """What stands above the tree: which call, when, over what, how long."""
    elapsed = "no answer" if row.elapsed_ms is None else f"{row.elapsed_ms:.2f} ms"
    yield f"{printable(row.capture)} #{row.seq}  {method_text(row)}  {elapsed}"
    status = "" if row.http_status is None else f"  HTTP {row.http_status}"
    yield (
        f"{iso_time(row.started_at_us)}  {row.client} connection {row.connection}  "
        f"{printable(f'{row.http_method} {row.path}')}{status}  {row.request_bytes} B out, {row.response_bytes} B back"
    )
    if row.redacted:
        yield "redacted: " + ", ".join(printable(name) for name in row.redacted)


def tree_lines(nodes: list[Node], row: CallRow | None = None, indent: str = "") -> Iterator[str]:
    """The tree as text with branches; the answer's line in the outcome's colour."""
    for index, node in enumerate(nodes):
        last = index == len(nodes) - 1
        branch = "└ " if last else "├ "
        width = max((len(each.label) for each in nodes), default=0)
        kinds = max((len(each.kind) for each in nodes), default=0)
        text = f"{node.label:<{width}}  {node.kind:<{kinds}}  {node.text}".rstrip()
        if row is not None and node.label == "answer":
            text = colour(text, row.outcome)
        yield indent + branch + text
        yield from tree_lines(list(node.children), None, indent + ("  " if last else "│ "))
