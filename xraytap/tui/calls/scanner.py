"""A filter or an order at work: scans in a thread of its own, handed over chunk by chunk."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.errors import XraytapError
from xraytap.store.learn import Learnt
from xraytap.store.scan import Scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.protocol.filter import Expr
    from xraytap.store.pages import Chunk, Order

_DRAWING_S = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan found; of the list numbered `turn`, which may have been given up since. Or why it failed."""

    turn: int
    chunk: Chunk | None = None
    error: str = ""


class Scanner:
    """Scans for one list at a time. `found` is called in the scanner's thread."""

    def __init__(self, store: Path, capture_id: int, found: Callable[[Found], object]) -> None:
        self._path, self._id, self._found = store, capture_id, found
        self._change = threading.Condition()
        self.turn = 0
        self._job: tuple[Expr | None, Order] | None = None
        self._again = self._closed = False
        self._busy = False
        self._learnt = Learnt()
        self._thread = threading.Thread(target=self._run, name="scan", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether nothing is left to scan."""
        return not self._busy and not self._again

    def start(self, filter: Expr | None, order: Order) -> int:
        """Begin a new list and give up the one before; the new list's turn."""
        with self._change:
            self.turn += 1
            self._job, self._again = (filter, order), True
            self._change.notify()
        return self.turn

    def stop(self) -> None:
        """Give up."""
        with self._change:
            self.turn += 1
            self._job, self._again = None, False
            self._change.notify()

    def more(self) -> None:
        """The capture has grown: look at what is new."""
        with self._change:
            if self._job is not None:
                self._again = True
                self._change.notify()

    def close(self) -> None:
        """End the thread."""
        with self._change:
            self._closed = True
            self.turn += 1
            self._change.notify()
        self._thread.join()

    # -- inside the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._change:
                self._busy = False
                while (not self._again or self._job is None) and not self._closed:
                    self._change.wait()
                if self._closed or self._job is None:
                    return
                turn, (filter_, order) = self.turn, self._job
                self._busy = True
            try:
                with Scan(self._path, self._id, filter_, order, learnt=self._learnt) as scan:
                    self._list(scan, turn)
            except XraytapError as error:
                self._found(Found(turn, error=str(error)))
                self._forget(turn)

    def _list(self, scan: Scan, turn: int) -> None:
        """Scan, and again from where all is final whenever there is more, until another list is wanted."""
        after, first = 0, True
        while True:
            with self._change:
                self._again = False
            for chunk in scan.chunks(after):
                if self.turn != turn:
                    return
                self._found(Found(turn, chunk))
                if first and chunk.seqs:
                    # Going on at once would hold up the drawing of the first page.
                    first = False
                    with self._change:
                        self._change.wait_for(lambda: self.turn != turn, _DRAWING_S)
            after = scan.resume
            with self._change:
                self._busy = False
                while not self._again and self.turn == turn:
                    self._change.wait()
                if self.turn != turn:
                    return
                self._busy = True

    def _forget(self, turn: int) -> None:
        with self._change:
            if self.turn == turn:
                self._job, self._again = None, False
