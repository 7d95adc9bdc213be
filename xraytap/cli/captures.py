"""`xraytap captures`."""

from __future__ import annotations

from datetime import datetime

import click

from xraytap.cli.options import json_option, store_option
from xraytap.protocol.jsonform import iso_time, json_line
from xraytap.protocol.printable import printable


@click.command("captures", epilog="Example: xraytap captures --json")
@store_option
@json_option
def command(store: str | None, as_json: bool) -> None:
    """List the captures of the store, oldest first."""
    from xraytap.store import open_store

    with open_store(store) as opened:
        for info in opened.captures():
            if as_json:
                click.echo(
                    json_line(
                        {
                            "capture": info.name,
                            "created_at": iso_time(info.created_at_us),
                            "host": info.host,
                            "live": info.live,
                            "calls": info.calls,
                            "sessions": info.sessions,
                            "failures": info.failures,
                            "gaps": info.gaps,
                        }
                    )
                )
                continue
            when = datetime.fromtimestamp(info.created_at_us / 1_000_000).astimezone()
            live = "  live" if info.live else ""
            lost = f"  {info.gaps} gaps" if info.gaps else ""
            click.echo(
                f"{printable(info.name):<24} {when:%Y-%m-%d %H:%M}  {info.calls:>8} calls "
                f"{info.sessions:>4} sessions {info.failures:>6} failures  {printable(info.host)}{live}{lost}"
            )
