"""`xraytap demo`: host, tap and client on loopback, and the documented session through all three."""

from __future__ import annotations

import sys
import threading

import click

from xraytap.cli.options import json_option, store_option
from xraytap.cli.out import say
from xraytap.errors import PeerError


@click.command("demo", epilog="Example: xraytap demo")
@store_option
@json_option
def command(store: str | None, as_json: bool) -> None:
    """See the whole product in one go: a stand-in host played back from the shipped example session, the tap
    before it, and a real client (Python's xmlrpc.client) that runs the session through both. On a terminal the
    screens show it, as `record --tui` does; piped, a line for each call."""
    import xraytap.protocol.xmlrpc_decode  # noqa: F401  the stand-in host's first answer should not wait for it
    from xraytap.cli.demo_client import run_example_session
    from xraytap.cli.interrupt import ending_wished
    from xraytap.cli.record import address, printer, sum_up, watch
    from xraytap.cli.screens import browse_live, on_terminal
    from xraytap.playback.server import PlaybackServer
    from xraytap.shipped import shipped_capture
    from xraytap.store import open_store
    from xraytap.store.golden import load_golden
    from xraytap.tap.process import TapConfig, TapProcess

    golden = load_golden(shipped_capture("example-session.yaml"))
    with (
        ending_wished() as wish,
        open_store(store, create=True) as opened,
        PlaybackServer(golden) as host,
        TapProcess.start(TapConfig(to=host.url, store=str(opened.path), capture="demo")) as tap,
    ):
        say(f"a stand-in host plays the documented example session on {host.url}")
        say(f"tapping {host.url} on {address(tap)} -> capture {tap.capture} (store {opened.path})")
        failed: list[Exception] = []

        def run_client() -> None:
            try:
                run_example_session(address(tap))
            except Exception as problem:  # noqa: BLE001  told below, if nobody ended the demo under it
                failed.append(problem)

        client = threading.Thread(target=run_client, daemon=True)
        if on_terminal() and not as_json:
            code = browse_live(opened, tap, wish, ready=client.start)
            sum_up(tap, opened)
        else:
            client.start()
            code = watch(
                tap,
                opened,
                printer(opened, tap.capture, as_json),
                until=lambda: wish.asked or not client.is_alive(),
            )
        if failed and not wish.asked:
            raise PeerError(f"the demo's client did not get through: {failed[0]}")
        sys.exit(code)
