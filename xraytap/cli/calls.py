"""`xraytap calls`."""

from __future__ import annotations

import click

from xraytap.cli.about import about_source
from xraytap.cli.lines import call_line
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.protocol.correlate.learning import Learning
from xraytap.protocol.jsonform import call_to_json, json_line


@click.command("calls", epilog="Example: xraytap calls example --filter 'outcome:failure and ms:>5'")
@click.argument("source")
@filter_option
@api_option
@store_option
@json_option
def command(source: str, filter_text: str | None, api: str, store: str | None, as_json: bool) -> None:
    """List the calls of SOURCE: a capture's name, or the path of a golden."""
    with open_source(source, store) as opened:
        learning = Learning(about_source(opened, api))
        for row in opened.rows(filter_text):
            call = opened.decode(row.seq)
            about = learning.of(row, call)
            click.echo(json_line(call_to_json(row, call, about)) if as_json else call_line(row, call, about))
