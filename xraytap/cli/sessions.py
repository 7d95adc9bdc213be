"""`xraytap sessions`."""

from __future__ import annotations

import click

from xraytap.cli.options import filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.cli.table import print_table
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.sessions import Session, Sessions
from xraytap.protocol.correlate.words import end_word, ending
from xraytap.protocol.describe import short_ref
from xraytap.protocol.jsonform import Json, iso_time, json_line
from xraytap.protocol.phrases import clock, many, span
from xraytap.protocol.printable import printable


@click.command("sessions", epilog="Example: xraytap sessions example")
@click.argument("source")
@filter_option
@store_option
@json_option
def command(source: str, filter_text: str | None, store: str | None, as_json: bool) -> None:
    """List the sessions of SOURCE: who logged in, first and last use, calls, failures, and how each ended."""
    with open_source(source, store) as opened:
        found, live = Sessions(), opened.live
        feed(opened.rows(filter_text), opened.decode, found)
    if as_json:
        for session in found:
            click.echo(json_line(session_to_json(session, live=live)))
        return
    print_table(
        ["#", "session", "user", "originator", "from", "first use", "for", "calls", "failed", "end"],
        [
            (
                session.number,
                short_ref(session.token),
                session.user,
                session.originator,
                " ".join(sorted(session.clients)),
                f"{clock(session.first_at_us)} #{session.first_seq}",
                span(session.last_at_us - session.first_at_us),
                session.calls,
                session.failures or "",
                ending(session, live=live),
            )
            for session in found
        ],
        right="# for calls failed",
        spare="from originator for",
    )
    if found.refused:
        click.echo("")
        for seq, user, code in found.refused:
            click.echo(printable(f"login refused at #{seq}: {user!r} {code}"))
    if found.without:
        click.echo(f"{many(found.without, 'call')} without a session")


def session_to_json(session: Session, *, live: bool = False) -> dict[str, Json]:
    """One session as docs/analysis.md writes it."""
    return {
        "number": session.number,
        "session": session.token,
        "user": session.user,
        "originator": session.originator,
        "login_method": session.login_method,
        "login_seq": session.login_seq,
        "clients": sorted(session.clients),
        "first_seq": session.first_seq,
        "first_at": iso_time(session.first_at_us),
        "last_seq": session.last_seq,
        "last_at": iso_time(session.last_at_us),
        "calls": session.calls,
        "failures": session.failures,
        "end": end_word(session, live=live),
        "logout_seq": session.logout_seq,
        "expired_seq": session.expired_seq,
        "used_after_end": session.after_end,
    }
