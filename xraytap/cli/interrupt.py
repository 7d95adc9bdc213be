"""Ctrl-C or a closed terminal as a wish, read between two calls, so that no call is taken and then not printed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Wish:
    """Whether the person asked to end."""

    asked: bool = False


@contextmanager
def ending_wished() -> Iterator[Wish]:
    """Within, the first SIGINT, SIGTERM or SIGHUP only sets `asked`; a second one raises `KeyboardInterrupt`.
    A signal that is ignored, as SIGHUP is under nohup, stays so.

    For the main thread alone, as signal handlers are.
    """
    wish = Wish()

    def note(number: int, frame: FrameType | None) -> None:
        if wish.asked:
            signal.default_int_handler(number, frame)
        wish.asked = True
        if number == signal.SIGINT and sys.stderr.isatty():
            os.write(2, b"\n")  # the terminal has just shown ^C; what follows begins on its own line

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = [(number, signal.signal(number, note)) for number in heeded]
    try:
        yield wish
    finally:
        for number, handler in before:
            signal.signal(number, handler)
