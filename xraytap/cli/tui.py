"""`xraytap tui`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from xraytap.cli.options import store_option
from xraytap.cli.out import say
from xraytap.cli.screens import browse, require_terminal
from xraytap.cli.source import open_source, reads_like_a_path
from xraytap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.store import Store


@click.command("tui", epilog="Example: xraytap tui example")
@click.argument("source", required=False)
@store_option
def command(source: str | None, store: str | None) -> None:
    """Browse the calls of SOURCE on the whole terminal; without SOURCE those of the newest capture."""
    require_terminal("xraytap tui")
    if source is not None and reads_like_a_path(source):
        with golden_store(source) as (opened, name):
            browse(opened, name)
        return
    from xraytap.store import open_store

    with open_store(store) as opened:
        found = opened.captures()[-1:] if source is None else [opened.capture(source)]
        if not found:
            raise SourceError(
                f"the store {opened.path} has no captures. Record one with: xraytap record --to URL --tui"
            )
        browse(opened, found[0].name)
        say(f"capture {found[0].name} in {opened.path}")


@contextmanager
def golden_store(path: str) -> Iterator[tuple[Store, str]]:
    """A golden's calls in a store of their own, gone afterwards; and the capture's name there."""
    from xraytap.store import open_store
    from xraytap.store.writer import Writer

    with open_source(path, None) as golden, TemporaryDirectory(prefix="xraytap-") as folder:
        location = Path(folder) / "golden.db"
        writer = Writer(location, "golden", host=path)
        for row in golden.rows():
            exchange = golden.exchange(row.seq)
            writer.finish(writer.begin(exchange), exchange)
        writer.close()
        with open_store(location) as opened:
            opened.settle(writer.capture)
            yield opened, writer.capture
