"""Trackers fed with the calls of a capture, in a thread that tells how far it is and can be stopped.

Whoever looks at the trackers does so inside `looking`: the thread then waits. A call without an answer is fed
once it has one, or once nobody records any more.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from xraytap.errors import XraytapError
from xraytap.protocol.about import About
from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.filter import parse
from xraytap.protocol.summary import decode_exchange
from xraytap.store import open_store
from xraytap.store.live import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate import Tracker
    from xraytap.store import Store

    Trackers = Mapping[str, Tracker]

_TELL_EVERY_S = 0.1
_GUESS_FROM = 40
_PENDING_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the reading is: numbers of calls. `error` says why it ended before its time."""

    read: int
    last: int
    done: bool = False
    stopped: bool = False
    error: str = ""


class Reading:
    """Reads one capture. `make` gives the trackers, in the order in which they are fed, once it is known whose
    API the capture speaks; `only` is a filter for calls that the others need not see. `told` is called in the
    thread."""

    def __init__(
        self,
        store: Path,
        capture: str,
        capture_id: int,
        make: Callable[[About, Store], Trackers],
        told: Callable[[Progress], object],
        *,
        only: str = "",
    ) -> None:
        self._path, self._capture, self._id = store, capture, capture_id
        self._make = make
        self.told = told
        self._only = parse(only) if only else None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._after = 0
        self._pending: list[int] = []
        self.trackers: Trackers = {}
        self.about = About()
        self.progress = Progress(read=0, last=0)

    def start(self) -> None:
        """Read on from where it stopped, or what is new; nothing if it is at work."""
        if self.running:
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """Leave off; `start` goes on from there."""
        self._stop.set()

    def close(self) -> None:
        """Leave off for good."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def looking(self) -> Iterator[Trackers]:
        """The trackers while nothing changes them. Empty before the first call is read."""
        with self._lock:
            yield self.trackers

    # -- inside the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            with open_store(self._path) as store:
                self._read(store)
        except XraytapError as error:
            self._tell(done=True, error=str(error))
        except Exception as error:  # noqa: BLE001  shown where the list would be; the application goes on
            self._tell(done=True, error=f"reading the calls failed: {type(error).__name__}: {error}")

    def _read(self, store: Store) -> None:
        last = store.last_seq(self._capture)
        self.progress = Progress(read=self._after, last=last)
        if not self.trackers:
            self._begin(store)
        until = monotonic()
        for row in self._rows(store):
            self._take(store, row)
            if monotonic() > until:
                self.progress = Progress(read=self._after, last=max(last, self._after))
                self._tell()
                until = monotonic() + _TELL_EVERY_S
            if self._stop.is_set():
                break
        if not self._stop.is_set():
            self._after = max(self._after, last)
        self.progress = Progress(read=self._after, last=max(last, self._after))
        self._tell(done=True, stopped=self._stop.is_set())

    def _begin(self, store: Store) -> None:
        first = store.calls(self._capture, limit=_GUESS_FROM)
        api = guess_api(decode_exchange(store.exchange(self._capture, row.seq)) for row in first)
        self.about = About(model=load(api))
        made = self._make(self.about, store)
        with self._lock:
            self.trackers = made

    def _rows(self, store: Store) -> Iterator[CallRow]:
        """Those that waited for their answer and have it now, then the new ones."""
        waiting, self._pending = self._pending, []
        live = is_live(self._path, self._id)
        for row in (store.row(self._capture, seq) for seq in waiting):
            if live and _is_pending(row):
                self._pending.append(row.seq)
            else:
                yield row
        for row in store.calls(self._capture, filter=self._only, after_seq=self._after):
            self._after = row.seq
            if live and _is_pending(row) and len(self._pending) < _PENDING_KEPT:
                self._pending.append(row.seq)
            else:
                yield row

    def _take(self, store: Store, row: CallRow) -> None:
        every = tuple(self.trackers.values())
        wanted = any(each.wants(row) for each in every)
        call = decode_exchange(store.exchange(self._capture, row.seq)) if wanted else None
        with self._lock:
            for each in every:
                each.add(row, call)

    def _tell(self, *, done: bool = False, stopped: bool = False, error: str = "") -> None:
        now = self.progress
        self.progress = Progress(read=now.read, last=now.last, done=done, stopped=stopped, error=error)
        self.told(self.progress)


def _is_pending(row: CallRow) -> bool:
    return row.outcome is Outcome.NO_RESPONSE and row.elapsed_us is None and row.note is None
