"""`xraytap tui`."""

from __future__ import annotations

import click

from xraytap.cli.options import store_option
from xraytap.cli.out import say
from xraytap.cli.screens import browse, require_terminal
from xraytap.errors import SourceError


@click.command("tui", epilog="Example: xraytap tui example")
@click.argument("source", required=False)
@store_option
def command(source: str | None, store: str | None) -> None:
    """Browse the calls of SOURCE on the whole terminal; without SOURCE those of the newest capture."""
    from xraytap.store import open_store

    require_terminal("xraytap tui")
    with open_store(store) as opened:
        name = opened.captures()[-1:] if source is None else [opened.capture(source)]
        if not name:
            raise SourceError(
                f"the store {opened.path} has no captures. Record one with: xraytap record --to URL --tui"
            )
        browse(opened, name[0].name)
        say(f"capture {name[0].name} in {opened.path}")
