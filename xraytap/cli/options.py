"""Options that several commands share, so that they read and behave alike."""

from __future__ import annotations

import click

store_option = click.option(
    "--store",
    metavar="PATH",
    envvar="XRAYTAP_STORE",
    show_envvar=True,
    help="The store to use; by default one in your data directory.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines instead of text.")
filter_option = click.option(
    "--filter",
    "filter_text",
    metavar="EXPR",
    help="Only calls that match, e.g. 'outcome:failure and ms:>5' (docs/filter.md).",
)
