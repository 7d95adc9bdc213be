"""`xraytap objects`."""

from __future__ import annotations

import click

from xraytap.cli.about import about_source
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.cli.table import print_table
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.describe import short_ref
from xraytap.protocol.jsonform import json_line
from xraytap.protocol.phrases import many


@click.command("objects", epilog="Example: xraytap objects example --class VM")
@click.argument("source")
@click.option("--class", "class_name", metavar="CLASS", help="Only objects of this class, e.g. VM.")
@filter_option
@api_option
@store_option
@json_option
def command(
    source: str, class_name: str | None, filter_text: str | None, api: str, store: str | None, as_json: bool
) -> None:
    """List the objects that the calls of SOURCE speak of, session by session: class, reference, uuid, name, how
    many calls took each as a parameter."""
    with open_source(source, store) as opened:
        sessions, found = Sessions(), Objects(about_source(opened, api))
        feed(opened.rows(filter_text), opened.decode, sessions, found)
    chosen = [
        each for each in found if class_name is None or each.class_name.casefold() == class_name.casefold()
    ]
    if as_json:
        for each in chosen:
            click.echo(
                json_line(
                    {
                        "session": each.session,
                        "class": each.class_name,
                        "ref": each.ref,
                        "uuid": each.uuid,
                        "name": each.name,
                        "names": sorted(each.names),
                        "calls": each.calls,
                        "first_seq": each.first_seq,
                        "last_seq": each.last_seq,
                    }
                )
            )
        return
    if found.forgotten:
        click.echo(f"({many(found.forgotten, 'object')} of sessions that fell quiet left out)")
    numbers = {session.token: session.number for session in sessions}
    print_table(
        ["session", "class", "name", "ref", "uuid", "calls", "seen"],
        [
            (
                numbers.get(each.session, ""),
                each.class_name,
                each.name,
                short_ref(each.ref),
                each.uuid,
                each.calls,
                f"#{each.first_seq}" + (f"-{each.last_seq}" if each.last_seq > each.first_seq else ""),
            )
            for each in sorted(chosen, key=lambda each: (each.class_name, each.name or "~", each.first_seq))
        ],
        right="session calls",
        spare="seen uuid",
    )
