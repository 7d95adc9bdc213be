"""Handing the terminal to the screens, and taking it back: for `tui`, `record --tui` and `demo`."""

from __future__ import annotations

import gc
import select
import sys
from typing import TYPE_CHECKING

from xraytap.cli.interrupt import ending_wished
from xraytap.cli.out import EXIT_DONE, EXIT_PEER, close_quietly, say
from xraytap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.cli.interrupt import Wish
    from xraytap.store import Store
    from xraytap.tap.process import TapProcess
    from xraytap.tui.app import XraytapApp
    from xraytap.tui.profile import Profile


def on_terminal() -> bool:
    """Whether a person sits there: keys come from a terminal and the screen is one."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def require_terminal(what: str) -> None:
    """UsageError where there is none."""
    if not on_terminal():
        raise UsageError(f"{what} needs a terminal; stdin or stdout is none here. Try: xraytap calls SOURCE")


def browse(store: Store, name: str) -> None:
    """The screens over a capture, until the person leaves."""
    from xraytap.tui.app import XraytapApp

    _quicken()
    with ending_wished() as wish:
        app = XraytapApp(store.path, name, until=_until(wish), profile=_profile())
        _run(app)
    _part(app)


def browse_live(store: Store, tap: TapProcess, wish: Wish, ready: Callable[[], object] | None = None) -> int:
    """The screens over what a tap records; the exit code. `ready` is called once they stand; the tap is left
    running."""
    from xraytap.tui.app import XraytapApp

    _quicken()
    app = XraytapApp(store.path, tap.capture, tap=tap, ready=ready, until=_until(wish), profile=_profile())
    _run(app)
    _part(app)
    return EXIT_PEER if app.tap_died else EXIT_DONE


def _run(app: XraytapApp) -> None:
    """Run the screens. A terminal that goes away meanwhile ends them, and nothing is said to it any more."""
    try:
        app.run()
    except OSError:
        if not _hung_up():
            raise
    if _hung_up():
        close_quietly(sys.stdout, sys.stderr)


def _until(wish: Wish) -> Callable[[], bool]:
    """Whether to leave: somebody asked for it, or the terminal is gone. A closed window need not send a SIGHUP
    (not to a process that the terminal does not control), and the screens would stay for ever."""
    return lambda: wish.asked or _hung_up()


def _hung_up() -> bool:
    terminal = select.poll()
    terminal.register(sys.stdin.fileno(), 0)  # POLLHUP is told without being asked for
    return any(event & select.POLLHUP for _, event in terminal.poll(0))


def _quicken() -> None:
    """Keys are to be answered while other threads decode megabytes: the screen waits less long for its turn, and
    the collector does not go through a large decoded body again and again (a third of a second at a time)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(0.001)


def _profile() -> Profile:
    """The user's keys, theme and layout."""
    from textual.theme import BUILTIN_THEMES

    from xraytap.tui.profile import Profile

    return Profile.of(BUILTIN_THEMES)


def _part(app: XraytapApp) -> None:
    if app.parting:
        say(app.parting)
