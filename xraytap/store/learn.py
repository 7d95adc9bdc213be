"""What the calls of one capture teach about names, kept up as the capture grows.

Every call is decoded once, so learning takes as long as a search through all bodies. What was learnt is good
for any number of filters: keep a `Learnt` for as long as the capture is looked at. For one thread at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.summary import decode_exchange
from xraytap.store.rows import COLUMNS, exchange_of, row_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall

_PAGE = 200
_SIGNS = 30


class Learnt:
    """`objects` is what is known; None while the capture is empty. `api` is `xend`, `xapi`, or `auto`: what the
    first calls look like."""

    def __init__(self, api: str = "auto") -> None:
        self.objects: Objects | None = None
        self._api = api
        self._seq = 0
        self._open: list[int] = []

    @property
    def upto(self) -> int:
        """The newest call that was learnt from."""
        return self._seq

    def catch_up(self, db: sqlite3.Connection, capture_id: int) -> Iterator[None]:
        """Learn from the calls that are new; yields now and then, so that the caller may leave."""
        if self.objects is None and not self._begin(db, capture_id):
            return
        unanswered, self._open = self._open, []
        for seq in unanswered:
            self._take(db, capture_id, "seq = ?", seq)
        while self._take(db, capture_id, "seq > ?", self._seq):
            yield

    def _begin(self, db: sqlite3.Connection, capture_id: int) -> bool:
        from xraytap.protocol.datamodel import load
        from xraytap.protocol.datamodel.guess import guess_api

        first = self._rows(db, capture_id, "seq <= ?", _SIGNS)
        if not first:
            return False
        api = self._api
        if api == "auto":
            api = guess_api(self._decode(db, capture_id, row) for row in first)
        self.objects = Objects(About(model=load(api)))
        return True

    def _take(self, db: sqlite3.Connection, capture_id: int, which: str, seq: int) -> bool:
        """Learn from a page of calls; whether there was one."""
        rows = self._rows(db, capture_id, which, seq)
        for row in rows:
            self._seq = max(self._seq, row.seq)
            if row.elapsed_us is None and row.note is None:
                self._open.append(row.seq)
            elif self.objects is not None and self.objects.wants(row):
                self.objects.add(row, self._decode(db, capture_id, row))
        return bool(rows)

    @staticmethod
    def _rows(db: sqlite3.Connection, capture_id: int, which: str, value: int) -> list[CallRow]:
        statement = f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND {which} ORDER BY seq LIMIT ?"
        return [row_of("", each) for each in db.execute(statement, (capture_id, value, _PAGE))]

    @staticmethod
    def _decode(db: sqlite3.Connection, capture_id: int, row: CallRow) -> DecodedCall:
        return decode_exchange(exchange_of(row, db, capture_id))
