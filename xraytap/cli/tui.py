"""`xraytap tui`."""

from __future__ import annotations

import click

from xraytap.cli.options import store_option
from xraytap.errors import SourceError


@click.command("tui", epilog="Example: xraytap tui example")
@click.argument("source", required=False)
@store_option
def command(source: str | None, store: str | None) -> None:
    """Browse the calls of SOURCE on the whole terminal; without SOURCE those of the newest capture."""
    from xraytap.store import open_store

    with open_store(store) as opened:
        if source is None:
            captures = opened.captures()
            if not captures:
                raise SourceError(
                    f"the store {opened.path} has no captures. Record one with: xraytap record --to URL"
                )
            source = captures[-1].name
        path, name = opened.path, opened.capture(source).name
    from xraytap.tui.app import XraytapApp

    XraytapApp(path, name).run()
    click.echo(f"xraytap tui {name}", err=True)
