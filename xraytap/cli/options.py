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
api_option = click.option(
    "--api",
    type=click.Choice(["auto", "xend", "xapi"]),
    default="auto",
    show_default=True,
    help="Whose data model names and types parameters; by default what the traffic looks like.",
)
filter_option = click.option(
    "--filter",
    "filter_text",
    metavar="EXPR",
    help="Only calls that match, e.g. 'outcome:failure and ms:>5' (docs/filter.md).",
)
