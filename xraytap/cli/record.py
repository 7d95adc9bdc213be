"""`xraytap record`: start a tap, print what goes through it, sum up."""

from __future__ import annotations

import sys
import time
from shlex import quote
from typing import TYPE_CHECKING

import click

from xraytap.cli.interrupt import ending_wished
from xraytap.cli.lines import call_line
from xraytap.cli.options import json_option, store_option
from xraytap.cli.out import EXIT_PEER, say
from xraytap.cli.screens import browse_live, require_terminal
from xraytap.errors import UsageError
from xraytap.protocol.about import NOTHING, About
from xraytap.protocol.jsonform import call_to_json, json_line
from xraytap.protocol.summary import decode_exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.cli.follow import Follower, Tally
    from xraytap.store import Store
    from xraytap.tap.process import TapEvent, TapProcess

_POLL_S = 0.05
# Past this many calls in one poll the lines carry no parameters: decoding them all would fall behind.
_FLOOD = 500
_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}


@click.command("record", epilog="Example: xraytap record --to http://xenhost:9363 --listen 127.0.0.1:9364")
@click.option(
    "--to",
    required=True,
    metavar="URL",
    help="The host to tap: http://xenhost:9363, https://xenhost, or unix:///var/run/xend/xen-api.sock.",
)
@click.option(
    "--listen",
    default="127.0.0.1:9363",
    show_default=True,
    metavar="ADDR",
    help="Address and port to listen on; port 0 takes a free one.",
)
@click.option("--capture", metavar="NAME", help="The capture's name; by default the date and time.")
@click.option(
    "--max-body", default="64M", show_default=True, metavar="SIZE", help="Record longer bodies cut."
)
@click.option("--keep-secrets", is_flag=True, help="Store passwords and other secrets as sent.")
@click.option(
    "--redact",
    multiple=True,
    metavar="PATTERN",
    help="Take out what is named so as well, e.g. '*licence*' or 'VM.set_other_config.*token*'; may be repeated "
    "(docs/security.md).",
)
@click.option("--fail-closed", is_flag=True, help="Refuse an answer that cannot be recorded.")
@click.option("--insecure", is_flag=True, help="Accept any certificate of an https host.")
@click.option("--tui", "on_screen", is_flag=True, help="Show the calls on the whole terminal as they come.")
@store_option
@json_option
def command(
    to: str,
    listen: str,
    capture: str | None,
    max_body: str,
    keep_secrets: bool,
    redact: tuple[str, ...],
    fail_closed: bool,
    insecure: bool,
    on_screen: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Tap a host: pass its traffic through, record every call, print a line for each. Ctrl-C ends it; with
    --tui, leaving the screen does."""
    from xraytap.store import open_store
    from xraytap.tap.process import TapConfig, TapProcess

    if on_screen:
        require_terminal("--tui")
        if as_json:
            raise UsageError("--tui shows the calls on the screen, --json prints them: choose one.")
    host, port = parse_address(listen)
    if keep_secrets and redact:
        raise UsageError("--keep-secrets keeps all, --redact takes out: give one of the two.")
    if keep_secrets:
        say("--keep-secrets: passwords will be stored as sent")
    if insecure:
        say("--insecure: the host's certificate is not checked")
    if host not in ("127.0.0.1", "::1", "localhost"):
        say(f"listening on {host}: everybody who reaches that address can use the host through this tap")
    with open_store(store, create=True) as opened:
        config = TapConfig(
            to=to,
            listen_host=host,
            listen_port=port,
            store=str(opened.path),
            capture=capture,
            max_body=parse_size(max_body),
            keep_secrets=keep_secrets,
            redact=redact,
            fail_closed=fail_closed,
            insecure=insecure,
        )
        with ending_wished() as wish, TapProcess.start(config) as tap:
            say(f"tapping {to} on {address(tap)} -> capture {tap.capture} (store {opened.path})")
            if on_screen:
                code = browse_live(opened, tap, wish)
                sum_up(tap, opened)
            else:
                code = watch(tap, opened, printer(opened, tap.capture, as_json), until=lambda: wish.asked)
            sys.exit(code)


def address(tap: TapProcess) -> str:
    """The URL that clients of the tap use."""
    host = f"[{tap.host}]" if ":" in tap.host else tap.host
    return f"http://{host}:{tap.port}"


def printer(store: Store, capture: str, as_json: bool) -> Callable[[Follower, Tally], None]:
    """A function that prints the calls ended since the last time, and counts them."""
    from xraytap.protocol.correlate.learning import Learning
    from xraytap.protocol.datamodel import load
    from xraytap.protocol.datamodel.guess import guess_api

    learning: Learning | None = None

    def show(follower: Follower, tally: Tally) -> None:
        nonlocal learning
        for number, row in enumerate(follower.ended()):
            tally.add(row)
            call, about = None, NOTHING
            if as_json or number < _FLOOD:
                call = decode_exchange(store.exchange(capture, row.seq))
                if learning is None and call.response is not None:
                    learning = Learning(About(model=load(guess_api([call]))))
                about = NOTHING if learning is None else learning.of(row, call)
            click.echo(json_line(call_to_json(row, call, about)) if as_json else call_line(row, call, about))
        sys.stdout.flush()

    return show


def watch(
    tap: TapProcess,
    store: Store,
    show: Callable[[Follower, Tally], None],
    *,
    until: Callable[[], bool],
) -> int:
    """Print until the tap's death or `until`; then stop the tap and sum up. The exit code."""
    from xraytap.cli.follow import Follower, Tally

    follower, tally = Follower(store, tap.capture), Tally()
    code = 0
    while not code and not until():
        for event in tap.poll_events():
            if event.text:
                say(event.text)
            if event.kind == "died":
                code = EXIT_PEER
        show(follower, tally)
        if not code:
            time.sleep(_POLL_S)
    stopped = tap.stop()
    show(follower, tally)
    _tell_sum(tap, store, follower, tally, stopped)
    return code


def sum_up(tap: TapProcess, store: Store) -> None:
    """Stop the tap and sum up what was recorded."""
    from xraytap.cli.follow import Follower, Tally

    follower, tally = Follower(store, tap.capture), Tally()
    stopped = tap.stop()
    for row in follower.ended():
        tally.add(row)
    _tell_sum(tap, store, follower, tally, stopped)


def _tell_sum(
    tap: TapProcess, store: Store, follower: Follower, tally: Tally, stopped: TapEvent | None
) -> None:
    for seq in sorted(follower.pending):
        tally.add(store.row(tap.capture, seq))
    lost = int(stopped.data.get("stats", {}).get("lost", 0)) if stopped is not None else 0
    say(tally.line(lost))
    if not tally.outcomes:
        say(f"no call came through: does the client speak to {address(tap)}?")
        return
    name = quote(tap.capture)
    say(f"look: xraytap tui {name}   freeze: xraytap golden {name} -o {quote(tap.capture + '.yaml')}")


def parse_address(text: str) -> tuple[str, int]:
    """`127.0.0.1:9363`, `[::1]:9363`, or a port alone (on loopback)."""
    host, colon, port = text.rpartition(":")
    if not colon:
        host = "127.0.0.1"
    if not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) <= 65535 and text.isascii()):
        raise UsageError(
            f"--listen {text!r}: expected address:port with a port from 0 to 65535, e.g. 127.0.0.1:9364."
        )
    return host.strip("[]") or "127.0.0.1", int(port)


def parse_size(text: str) -> int:
    """Bytes of `65536`, `64k`, `64M`, `1G`."""
    number, unit = (text[:-1], text[-1:].lower()) if text[-1:].lower() in _UNITS else (text, "")
    if not (number.isascii() and number.isdigit()):
        raise UsageError(f"--max-body {text!r}: expected a number of bytes, or one with k, M or G, e.g. 64M.")
    return min(int(number[:20]) * _UNITS.get(unit, 1), sys.maxsize)
