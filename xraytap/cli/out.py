"""The one owner of stderr, colours and exit codes. stdout is data, stderr is diagnostics."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from shutil import get_terminal_size
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

from xraytap.errors import FilterError, XraytapError
from xraytap.protocol.call import Outcome
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE, EXIT_PEER, EXIT_SOURCE = 0, 1, 2, 3, 4
EXIT_DEFECT, EXIT_INTERRUPTED = 70, 130  # as sysexits.h and shells number them

_AROUND = 60

COLOURS = {
    Outcome.SUCCESS: "green",
    Outcome.FAILURE: "red",
    Outcome.FAULT: "magenta",
    Outcome.HTTP_ERROR: "yellow",
    Outcome.NO_RESPONSE: "yellow",
    Outcome.UNDECODABLE: "cyan",
}


def say(text: str) -> None:
    """A diagnostic line for the person, on stderr; nothing where nobody is there to read it any more."""
    with suppress(OSError):
        click.echo(f"xraytap: {text}", err=True)


def fail(error: XraytapError) -> NoReturn:
    """Tell the error as the design writes it and leave with its exit code."""
    say(printable(str(error), lines=True))
    if isinstance(error, FilterError):
        # A window on the mistake: an expression may be longer than any screen.
        start = max(0, error.column - _AROUND)
        text = error.text[start : error.column + _AROUND]
        click.echo(f"    {printable(text)}", err=True)
        marks = "^" * min(error.length, max(1, len(text) - (error.column - start)))
        click.echo("    " + " " * len(printable(text[: error.column - start])) + marks, err=True)
    sys.exit(error.exit_code)


def screen_width() -> int | None:
    """The columns of the terminal that stdout is; None where it is none."""
    return get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def colour(text: str, outcome: Outcome) -> str:
    """`text` in the outcome's colour; plain with NO_COLOR (click drops colour when piped)."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=COLOURS[outcome])


def guarded(run: Callable[[], object]) -> None:
    """Run a command: whatever goes wrong becomes a sentence and an exit code, never a traceback."""
    try:
        run()
    except XraytapError as error:
        fail(error)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except OSError as error:
        where = f" ({printable(str(error.filename))})" if error.filename else ""
        what = "the disk is full" if error.errno == errno.ENOSPC else printable(error.strerror or str(error))
        say(f"{what}{where}")
        try:
            sys.stdout.flush()
        except OSError:  # it was stdout; what is left in it would fail again at exit
            close_quietly()
        sys.exit(EXIT_SOURCE)
    except Exception as error:
        if os.environ.get("XRAYTAP_TRACEBACK"):
            raise
        say(
            f"a defect of xraytap, not of yours: {type(error).__name__}: {printable(str(error))[:200]}. "
            "With XRAYTAP_TRACEBACK=1 it shows where, for a report."
        )
        sys.exit(EXIT_DEFECT)


def close_quietly(*streams: TextIO) -> None:
    """Nobody takes what these streams (stdout, if none is named) still hold: a reader (head, less) has seen enough,
    a disk is full, a terminal is gone. Without this, Python complains again at exit."""
    for stream in streams or (sys.stdout,):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
