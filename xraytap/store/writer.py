"""The writer of one capture: one thread, one connection, commits in groups.

Invariants: `on_commit(True)` comes after the commit, never before; every call gets exactly one word; what
could not be written is counted and stands as a gap in the capture as soon as writing works again.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from xraytap.errors import SourceError
from xraytap.protocol.summary import quick_row
from xraytap.store.files import connect, locate, translated
from xraytap.store.live import LiveMark
from xraytap.store.names import by_time, checked, free
from xraytap.store.rows import INSERT_CALL, INSERT_MESSAGE, REQUEST, RESPONSE, Packer, call_columns
from xraytap.store.settle import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.protocol.call import Exchange, Message

_GROUP = 512
_PATIENCE_S = 0.002
"""How long a group of requests alone waits for their answers: a call that a host answers at once is then
written once, not twice."""
_IDLE_S = 0.25
_SETTLE_AT_CLOSE_S = 2.0
_MEND_EVERY_S = 1.0


class Ticket:
    """One call on its way into the store. `written`: the request as it stands there, None while it does not;
    `opening` tells in which of the stores that this writer has had open."""

    __slots__ = ("opening", "seq", "written")

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.opening = 0
        self.written: Message | None = None


class _Item(NamedTuple):
    ticket: Ticket
    exchange: Exchange
    on_commit: Callable[[bool], None] | None
    ended: bool


class Writer:
    """Records into a new capture. `begin` and `finish` come from one thread and never block.

    `capture` is the name that the capture got: the one asked for (by default the local time), with `-2`,
    `-3` ... where that is taken. Raises SourceError if the store cannot be opened.
    """

    def __init__(
        self,
        location: str | Path | None,
        capture: str | None = None,
        *,
        host: str,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._path = locate(location)
        self._host = host
        self._now_us = now_us
        self.capture = checked(capture) if capture else by_time(now_us())
        self.lost = 0
        self.problem = ""
        """Why the last loss happened."""
        self._opening = 0
        self._open()
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._seq = 0
        self._gap = 0
        self._gap_reason = ""
        self._mend_after = 0.0
        self._settled = True
        self._packer = Packer()
        self._settle_s = _SETTLE_AT_CLOSE_S
        self._thread = threading.Thread(target=self._run, name="xraytap-writer", daemon=True)
        self._thread.start()

    def begin(self, exchange: Exchange) -> Ticket:
        """A request is complete: the call gets its number and will be written at once, as `no-response`."""
        self._seq += 1
        ticket = Ticket(self._seq)
        self._queue.put(_Item(ticket, exchange, None, ended=False))
        return ticket

    def finish(
        self, ticket: Ticket, exchange: Exchange, on_commit: Callable[[bool], None] | None = None
    ) -> None:
        """The call ended. `on_commit` is told from the writer's thread whether it is stored."""
        self._queue.put(_Item(ticket, exchange, on_commit, ended=True))

    def close(self, *, settle_s: float = _SETTLE_AT_CLOSE_S) -> None:
        """Write what is queued, settle for so many seconds at most (a reader does the rest), give the capture
        free."""
        self._settle_s = settle_s
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    # -- the thread ---------------------------------------------------------------------------------

    def _open(self) -> None:
        self._db = connect(self._path, create=True)
        with translated(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self.capture = free(self._db, self.capture)
                cursor = self._db.execute(
                    "INSERT INTO captures (name, created_at_us, host) VALUES (?, ?, ?)",
                    (self.capture, self._now_us(), self._host),
                )
                self._id = int(cursor.lastrowid or 0)
                self._mark = LiveMark(self._path, self._id)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.close()
                raise
        self._inode = self._path.stat().st_ino
        self._opening += 1
        self._sessions: set[str] = set()

    def _run(self) -> None:
        idle = False
        while True:
            try:
                first = self._queue.get(timeout=None if idle else _IDLE_S)
            except Empty:
                self._settle(0.05)
                idle = self._settled
                continue
            idle = False
            group, ended = self._group(first)
            if group:
                self._write(group)
            if ended:
                break
        if self._gap:
            self._write([])
        self._settle(self._settle_s)
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._mark.release()

    def _group(self, first: _Item | None) -> tuple[list[_Item], bool]:
        """What is queued, up to a limit, and whether the end has come."""
        group = []
        item, answered, patient = first, False, True
        while item is not None:
            group.append(item)
            answered = answered or item.ended
            if len(group) >= _GROUP:
                return group, False
            try:
                if answered or not patient:
                    item = self._queue.get_nowait()
                else:
                    patient = False
                    item = self._queue.get(timeout=_PATIENCE_S)
            except Empty:
                return group, False
        return group, True

    def _write(self, group: list[_Item]) -> None:
        try:
            written = self._commit(group)
        except (sqlite3.Error, SourceError, OSError) as error:
            self._lose(group, str(error))
            return
        for ticket, message in written:
            ticket.written, ticket.opening = message, self._opening
        for item in group:
            if item.on_commit is not None:
                item.on_commit(True)

    def _commit(self, group: list[_Item]) -> list[tuple[Ticket, Message]]:
        self._reopen_if_gone()
        latest = {item.ticket.seq: item for item in group}
        calls, messages, sessions, written = [], [], [], []
        new = 0
        for seq, (ticket, exchange, _, _) in latest.items():
            row = quick_row(exchange, capture=self.capture, seq=seq)
            calls.append(call_columns(self._id, row, settled=False))
            if ticket.opening != self._opening:  # it stood in one that is gone
                ticket.written = None
            if ticket.written != exchange.request:
                messages.append(self._packer.message_columns(self._id, seq, REQUEST, exchange.request))
                new += ticket.written is None
                written.append((ticket, exchange.request))
            if exchange.response is not None:
                messages.append(self._packer.message_columns(self._id, seq, RESPONSE, exchange.response))
            if row.session is not None and row.session not in self._sessions:
                sessions.append((self._id, row.session, seq))
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(INSERT_CALL, calls)
            db.executemany(INSERT_MESSAGE, messages)
            if sessions:
                db.executemany("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?)", sessions)
            if new:
                db.execute("UPDATE captures SET calls = calls + ? WHERE id = ?", (new, self._id))
            if self._gap:
                db.execute(
                    "INSERT INTO gaps VALUES (?, ?, ?, ?, ?)",
                    (
                        self._id,
                        min(latest, default=self._seq + 1) - 1,
                        self._now_us(),
                        self._gap,
                        self._gap_reason,
                    ),
                )
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self._gap = 0
        self._settled = False
        self._sessions.update(token for _, token, _ in sessions)
        return written

    def _lose(self, group: list[_Item], reason: str) -> None:
        ended = [item.on_commit for item in group if item.ended]
        self.lost += len(ended)
        self._gap += len(ended)
        self._gap_reason = self.problem = reason
        for on_commit in ended:
            if on_commit is not None:
                on_commit(False)

    def _reopen_if_gone(self) -> None:
        """SQLite goes on writing into a file that was deleted or replaced; nobody would ever see it."""
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._inode:
                return
        if time.monotonic() < self._mend_after:
            raise SourceError(f"the store {self._path} is gone")
        self._mend_after = time.monotonic() + _MEND_EVERY_S
        self._db.close()
        self._mark.release()
        self._open()

    def _settle(self, budget_s: float) -> None:
        try:
            self._settled = settle(self._db, self._id, budget_s=budget_s, ended=False, group=20)
        except sqlite3.Error:
            self._settled = True  # a reader will see to it
