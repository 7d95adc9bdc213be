"""Settling: the writer files a call by what a scan of its bytes says; here the full decode has the last word.

A body that only looked well becomes `undecodable`, a call whose recorder died before the answer gets a note.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from xraytap.protocol.summary import full_row
from xraytap.store.rows import COLUMNS, INSERT_CALL, call_columns, exchange_of, row_of

if TYPE_CHECKING:
    import sqlite3

_GROUP = 200
ABANDONED = "the recording ended before the answer came"


def settle(
    db: sqlite3.Connection,
    capture_id: int,
    *,
    budget_s: float | None = None,
    ended: bool,
    group: int = _GROUP,
) -> bool:
    """Decode what is unsettled, `group` calls a transaction, until done or the time is up; whether all is
    settled. `ended`: nobody writes this capture any more, so calls without an end never get one."""
    until = None if budget_s is None else time.monotonic() + budget_s
    after = 0
    while True:
        pending = db.execute(
            f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND settled = 0 AND seq > ?"
            f" {'' if ended else 'AND elapsed_us IS NOT NULL'} ORDER BY seq LIMIT ?",
            (capture_id, after, group),
        ).fetchall()
        if not pending:
            return True
        done = []
        for columns in pending:
            row = row_of("", columns)
            after = row.seq
            exchange = exchange_of(row, db, capture_id)
            if row.elapsed_us is None and exchange.error is None:
                exchange = replace(exchange, error=ABANDONED)
            done.append(call_columns(capture_id, full_row(exchange, capture="", seq=row.seq), settled=True))
            if until is not None and time.monotonic() > until:
                break
        db.execute("BEGIN IMMEDIATE")
        try:
            db.executemany(INSERT_CALL, done)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        if until is not None and time.monotonic() > until:
            return False
