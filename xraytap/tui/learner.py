"""What a capture is about, learnt in a thread of its own: whose API it speaks, and what its objects are called.

The calls that may teach a name are read from the first on, in small pieces with rests between them, so that
the screen stays quick. Past MOST of them only what somebody looks at teaches more.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from xraytap.errors import XraytapError
from xraytap.protocol.about import NOTHING, About
from xraytap.protocol.correlate.learning import Learning
from xraytap.protocol.correlate.objects import TEACHERS
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.filter import bind, needs_names, parse
from xraytap.protocol.summary import decode_exchange
from xraytap.store import open_store
from xraytap.store.live import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store import Store

MOST = 20_000
_GUESS_FROM = 40
_WORK_S, _REST_S = 0.01, 0.03
_AGAIN_S = 1.0
_NEWEST = 200
_LONGEST = 1024 * 1024
"""Answers beyond this teach nothing here: decoding them would hold up the others."""


class Learner:
    """`told` is called in the learner's thread when more is known than before; `version` has then changed."""

    def __init__(self, store: Path, capture: str, capture_id: int, told: Callable[[], object]) -> None:
        self._path, self._capture, self._id, self._told = store, capture, capture_id, told
        self._learning: Learning | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._upto = self._last = 0
        self._read = 0
        self._known = 0
        self.api: str | None = None
        self.version = 0
        self.idle = False
        self._thread = threading.Thread(target=self._run, name="names", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()

    def about(self, session: str | None) -> About:
        """What is known in a session by now; for any thread."""
        learning = self._learning
        if learning is None:
            return NOTHING
        with self._lock:
            return learning.session(session)

    def bound(self, wanted: Expr) -> Expr:
        """A filter that asks for objects by name, bound to the names known by now; for any thread."""
        learning = self._learning
        if learning is None or not needs_names(wanted):
            return wanted
        with self._lock:
            return bind(wanted, learning.objects)

    def names(self) -> dict[str, list[str]]:
        """The names known by now, by class; for any thread."""
        learning = self._learning
        if learning is None:
            return {}
        with self._lock:
            return {name: sorted(those) for name, those in learning.objects.names_by_class().items()}

    def see(self, row: CallRow, call: DecodedCall) -> None:
        """Learn from a call that somebody looks at; for any thread."""
        learning = self._learning
        if learning is not None and row.seq > self._upto and row.message in TEACHERS:
            with self._lock:
                learning.of(row, call)

    # -- inside the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with open_store(self._path) as store:
                while not self._end.is_set():
                    if self._learning is None:
                        self._guess(store)
                    if self._learning is not None:
                        self._learn(store, self._learning)
                    self._settle(store)
                    self.idle = True
                    self._end.wait(_AGAIN_S)
        except XraytapError:
            return  # names are a courtesy; the table, which reads the same file, tells what is wrong with it

    def _guess(self, store: Store) -> None:
        first = store.calls(self._capture, limit=_GUESS_FROM, settled=False)
        rows = [row for row in first if row.response_bytes < _LONGEST]
        if not any(row.elapsed_us is not None for row in rows):
            return
        self.api = guess_api(decode_exchange(store.exchange(self._capture, row.seq)) for row in rows)
        self._learning = Learning(About(model=load(self.api)))
        self._tell()

    def _settle(self, store: Store) -> None:
        """Let the full decode have its word on what a recorder that died has left, piece by piece."""
        while not store.settle(self._capture, budget_s=_WORK_S):
            if self._end.wait(_REST_S) or is_live(store.path, self._id):
                return

    def _learn(self, store: Store, learning: Learning) -> None:
        last = store.last_seq(self._capture)
        if last == self._last:
            return
        until = time.monotonic() + _WORK_S
        for row in self._teachers(store):
            call = decode_exchange(store.exchange(self._capture, row.seq))
            with self._lock:
                learning.of(row, call)
            self._read += 1
            if time.monotonic() > until:
                if self._end.wait(_REST_S):
                    return
                until = time.monotonic() + _WORK_S
        # The newest are read again the next time: some of them have no answer yet.
        self._last, self._upto = last, max(self._upto, last - _NEWEST)
        known = sum(each.name is not None for each in learning.objects)
        if known != self._known:
            self._known = known
            self._tell()

    def _teachers(self, store: Store) -> Iterator[CallRow]:
        if self._read >= MOST:
            return
        wanted = parse(f"message:{','.join(TEACHERS)} outcome:success")
        for row in store.calls(
            self._capture, filter=wanted, after_seq=self._upto, limit=MOST - self._read, settled=False
        ):
            if row.response_bytes < _LONGEST:
                yield row

    def _tell(self) -> None:
        self.version += 1
        self._told()
