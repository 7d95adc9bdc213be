"""`xraytap playback`: be the host. Answers from a golden or a capture, prints what is asked, sums up."""

from __future__ import annotations

import os
import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xraytap.cli.interrupt import ending_wished
from xraytap.cli.lines import call_line
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.out import EXIT_FINDINGS, say
from xraytap.cli.record import parse_address
from xraytap.errors import UsageError
from xraytap.protocol.about import NOTHING
from xraytap.protocol.jsonform import call_to_json, json_line
from xraytap.protocol.phrases import many
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    import ssl

    from xraytap.cli.follow import Tally
    from xraytap.playback.server import PlaybackServer, Served
    from xraytap.protocol.golden import Golden

_POLL_S = 0.05
# Past this many calls in one poll the lines carry no parameters: describing them all would fall behind.
_FLOOD = 200
_LISTED = 20
PASSWORD = "XRAYTAP_PASSWORD"  # noqa: S105  the name of a variable


@click.command(
    "playback", epilog="Example: xraytap playback captures/example-session.yaml --listen 127.0.0.1:0"
)
@click.argument("source", metavar="SOURCE")
@click.option(
    "--listen",
    metavar="ADDR",
    help="Address and port; port 0 takes a free one. [default: 127.0.0.1:9363; with --unix none]",
)
@click.option("--unix", metavar="PATH", type=Path, help="Listen on a unix socket, for you alone.")
@click.option(
    "--mode",
    type=click.Choice(["match", "strict", "loop"]),
    default="match",
    show_default=True,
    help="match: equal calls get their answers in order, then the last again; loop: then the first again; "
    "strict: each session's calls in recorded order, none twice.",
)
@click.option(
    "--login",
    metavar="USER",
    help=f"Accept this user alone, with the password in ${PASSWORD}; by default any credentials.",
)
@click.option(
    "--latency",
    default="none",
    show_default=True,
    metavar="PACE",
    help="Answer at once (none), after the recorded time (recorded), or a multiple of it, e.g. 0.5.",
)
@click.option("--tls", type=click.Choice(["self-signed"]), help="Speak TLS with a certificate made now.")
@click.option(
    "--tls-save", metavar="FILE", type=Path, help="Write that certificate there, for clients to trust."
)
@click.option("--tls-cert", metavar="FILE", type=Path, help="Speak TLS with this certificate (PEM).")
@click.option("--tls-key", metavar="FILE", type=Path, help="Its key, unless the certificate's file has it.")
@click.option("--fail-unused", is_flag=True, help="Exit with 1 too if recorded calls were never asked for.")
@filter_option
@api_option
@store_option
@json_option
def command(
    source: str,
    listen: str | None,
    unix: Path | None,
    mode: str,
    login: str | None,
    latency: str,
    tls: str | None,
    tls_save: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    fail_unused: bool,
    filter_text: str | None,
    api: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Be the host: answer clients from SOURCE, print a line per call. Ctrl-C ends it and tells which recorded
    calls nobody asked for. Nothing is forwarded. The exit code is 1 if a call had no recorded answer."""
    from xraytap.cli.playable import playable
    from xraytap.playback.server import Mode, PlaybackServer

    host, port = (
        (None, 0) if unix is not None and listen is None else parse_address(listen or "127.0.0.1:9363")
    )
    golden = playable(source, store, filter_text, api)
    watched: queue.SimpleQueue[Served] = queue.SimpleQueue()
    server = PlaybackServer(
        golden,
        host,
        port,
        unix=unix,
        tls=_tls(tls, tls_save, tls_cert, tls_key, host),
        mode=Mode(mode),
        credentials=None if login is None else (login, _password()),
        pace=_pace(latency),
        watch=watched.put,
    )
    if host not in (None, "127.0.0.1", "::1", "localhost"):
        say(f"listening on {host}: everybody who reaches that address can ask this host")
    with ending_wished() as wish, server:
        places = ([server.url] if host is not None else []) + ([str(unix)] if unix is not None else [])
        say(f"playing {source}, {many(len(golden.calls), 'call')} of {golden.api}, on {' and '.join(places)}")
        printer = _Printer(golden, source, as_json=as_json)
        while not wish.asked:
            printer.show(watched)
    printer.show(watched)
    sys.exit(_sum_up(server, golden, printer.tally, fail_unused=fail_unused))


class _Printer:
    """Prints what was served since the last time, and counts it."""

    def __init__(self, golden: Golden, source: str, *, as_json: bool) -> None:
        from xraytap.cli.follow import Tally
        from xraytap.playback.responder import is_xapi
        from xraytap.protocol.about import About
        from xraytap.protocol.correlate.learning import Learning
        from xraytap.protocol.datamodel import load

        self._source = source
        self._json = as_json
        self._learning = Learning(About(model=load("xapi" if is_xapi(golden.api) else "xend")))
        self.tally: Tally = Tally()

    def show(self, watched: queue.SimpleQueue[Served]) -> None:
        """Waits a moment for the first call, then prints all that are there."""
        try:
            found = [watched.get(timeout=_POLL_S)]
        except queue.Empty:
            return
        while not watched.empty():
            found.append(watched.get())
        lines = []
        for number, served in enumerate(found):
            decoded = served.decoded()
            row = served.row(self._source, decoded)
            self.tally.add(row)
            call = decoded if self._json or number < _FLOOD else None
            about = NOTHING if call is None else self._learning.of(row, call)
            if self._json:
                document = call_to_json(row, call, about)
                miss = None if served.miss is None else served.miss.reason
                lines.append(json_line({**document, "recorded": served.recorded, "unmatched": miss}))
            else:
                lines.append(call_line(row, call, about))
        click.echo("\n".join(lines))
        for served in found:
            if served.miss is not None:
                text = (
                    f"call {served.seq}, {served.miss.method}, has no recorded answer: {served.miss.reason}"
                )
                say(printable(text))


def _sum_up(server: PlaybackServer, golden: Golden, tally: Tally, *, fail_unused: bool) -> int:
    say(tally.line(None))
    unused = server.unused()
    say(
        f"{len(golden.calls) - len(unused)} of {many(len(golden.calls), 'recorded call')} asked for"
        + (":" if unused else "")
    )
    for seq, call in unused[:_LISTED]:
        click.echo(f"    never asked for: call {seq}, {printable(call.method)}", err=True)
    if len(unused) > _LISTED:
        click.echo(f"    and {len(unused) - _LISTED} more", err=True)
    misses = server.unmatched
    if misses:
        say(f"{many(server.missed, 'call')} had no recorded answer:")
        reasons = dict.fromkeys(f"{each.method}: {each.reason}" for each in misses)
        for text in [*reasons][:_LISTED]:
            click.echo(f"    {printable(text)}", err=True)
        if len(reasons) > _LISTED:
            click.echo(f"    and {len(reasons) - _LISTED} more", err=True)
    return EXIT_FINDINGS if misses or (fail_unused and unused) else 0


def _pace(text: str) -> float:
    words = {"none": 0.0, "recorded": 1.0}
    try:
        pace = words[text] if text in words else float(text.removesuffix("x"))
    except ValueError:
        pace = -1.0
    if not 0 <= pace < 1e6:
        raise UsageError(f"--latency {text!r}: expected none, recorded, or a factor such as 0.5 or 2.")
    return pace


def _password() -> str:
    password = os.environ.get(PASSWORD)
    if password is None:
        raise UsageError(f"--login needs the password to accept in the environment variable {PASSWORD}.")
    return password


def _tls(
    made: str | None, save: Path | None, certificate: Path | None, key: Path | None, host: str | None
) -> ssl.SSLContext | None:
    if made and certificate:
        raise UsageError("--tls self-signed and --tls-cert: expected one of them.")
    if save is not None and not made:
        raise UsageError("--tls-save goes with --tls self-signed: it writes the certificate made there.")
    if key is not None and certificate is None:
        raise UsageError("--tls-key needs --tls-cert, the certificate that it belongs to.")
    if (made or certificate) and host is None:
        raise UsageError("TLS is for a port, and --unix alone listens on none; add --listen ADDR.")
    if certificate is None and not made:
        return None
    from xraytap.playback.tls import context_of, self_signed

    if certificate is not None:
        return context_of(certificate, key)
    context, text = self_signed(str(host))
    if save is not None:
        save.write_text(text, encoding="ascii")
    return context
