"""`xraytap events`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from xraytap.cli.about import about_source
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.cli.table import print_table
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.events import Chain, Events
from xraytap.protocol.correlate.words import headline, step_words
from xraytap.protocol.jsonform import Json, iso_time, json_line
from xraytap.protocol.phrases import clock, many, span
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command("events", epilog="Example: xraytap events example")
@click.argument("source")
@filter_option
@api_option
@store_option
@json_option
def command(source: str, filter_text: str | None, api: str, store: str | None, as_json: bool) -> None:
    """Follow the event calls of SOURCE: registrations, what each poll brought, idle polls joined to one line,
    lost events, and tokens that do not follow on."""
    with open_source(source, store) as opened:
        model = about_source(opened, api).model
        found = Events("xapi" if model is None else model.name)
        feed(opened.rows(filter_text), opened.decode, found)
    for chain in found:
        if as_json:
            click.echo(json_line(chain_to_json(chain)))
            continue
        click.echo(printable(headline(chain)))
        if chain.steps_left_out:
            click.echo(f"({many(chain.steps_left_out, 'earlier step')} left out)")
        print_table(["calls", "at", "waited", "what"], step_rows(chain), right="waited")
        click.echo("")


def step_rows(chain: Chain) -> Iterator[tuple[str, str, str, str]]:
    """The steps of a chain as table rows."""
    for step in chain.steps:
        calls = f"#{step.seq}" if step.seq == step.last_seq else f"#{step.seq}-{step.last_seq}"
        yield calls, clock(step.at_us), span(int(step.waited_ms * 1000)), step_words(step)


def chain_to_json(chain: Chain) -> dict[str, Json]:
    """One chain as docs/analysis.md writes it."""
    return {
        "number": chain.number,
        "session": chain.session,
        "kind": chain.kind,
        "classes": list(chain.classes),
        "first_seq": chain.first_seq,
        "last_seq": chain.last_seq,
        "polls": chain.polls,
        "idle": chain.idle,
        "events": chain.events,
        "lost": chain.lost,
        "waited_ms": round(chain.waited_ms, 3),
        "token": chain.token,
        "steps_left_out": chain.steps_left_out,
        "by_class": dict(chain.by_class),
        "steps": [
            {
                "kind": step.kind,
                "seq": step.seq,
                "last_seq": step.last_seq,
                "at": iso_time(step.at_us),
                "count": step.count,
                "waited_ms": round(step.waited_ms, 3),
                "text": step.text,
            }
            for step in chain.steps
        ],
    }
