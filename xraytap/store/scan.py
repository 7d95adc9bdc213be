"""The numbers of the calls that match a filter, or all in another order, found piece by piece.

For a worker thread: a `Scan` has its own connection, gives back what it has after every piece, so that the
first page shows at once, and can be left between two pieces.
"""

from __future__ import annotations

from array import array
from time import monotonic
from typing import TYPE_CHECKING

from xraytap.protocol.summary import decode_exchange
from xraytap.store.files import connect, translated
from xraytap.store.pages import Chunk, Order, SortKey
from xraytap.store.rows import COLUMNS, exchange_of, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store.learn import Learnt

_FIRST_STRIDE, _STRIDE = 4_000, 100_000
_BODIES_STRIDE = 200
_WORD_EVERY_S = 0.1
_LEARNT_IN_A_MOMENT = 2_000
"""Calls from which names are learnt before anybody waits."""
_BY = {
    SortKey.SEQ: "seq",
    SortKey.ELAPSED: "elapsed_us",
    SortKey.SIZE: "request_bytes + response_bytes",
    SortKey.METHOD: "method",
}


class Scan:
    """A scan of one capture; a context manager. `learnt` are the names for filters that ask for them: hand the
    same to every scan of a capture, and each call is learnt from once."""

    def __init__(
        self,
        path: Path,
        capture_id: int,
        filter: Expr | None,
        order: Order | None = None,
        *,
        learnt: Learnt | None = None,
    ) -> None:
        self._path = path
        self._id = capture_id
        self._asked = filter
        self._order = order or Order()
        self._learnt = learnt
        self._shown = False
        self._use(filter)
        self._db = connect(path, create=False)
        self.resume = 0
        """Where the next `chunks` begins: all up to here is final."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def chunks(self, after: int = 0) -> Iterator[Chunk]:
        """What is found above number `after`; the last chunk says that it is done.

        Where the filter asks for names they are learnt first, from all calls; chunks without calls say that it
        goes on. What it finds without names is handed over before that; if names add to it, all comes again.
        """
        if self._order.key is not SortKey.SEQ:
            yield from self._names()
            with translated(self._path):
                yield self._sorted()
            return
        if self._names_will_take_time():
            yield from self._found(after)
        before = self._filter
        yield from self._names()
        if self._shown and self._filter == before:
            yield Chunk(seqs=array("q"), after=None, done=True)
            return
        yield from self._found(after)
        yield Chunk(seqs=array("q"), after=None, done=True)

    # -- inside -------------------------------------------------------------------------------------

    def _found(self, after: int) -> Iterator[Chunk]:
        """Everything above `after`, the first chunk saying so."""
        with translated(self._path):
            last = self._db.execute(
                "SELECT max(seq) FROM calls WHERE capture_id = ?", (self._id,)
            ).fetchone()[0]
            # A call without its answer may match once it has one, so it is looked at again.
            open_seq = self._db.execute(
                "SELECT min(seq) FROM calls WHERE capture_id = ? AND settled = 0 AND elapsed_us IS NULL AND seq > ?",
                (self._id, after),
            ).fetchone()[0]
        last = last or 0
        self.resume = last if open_seq is None else open_seq - 1
        found = self._by_columns(after, last) if self._exact else self._by_bodies(after, last)
        first: int | None = after
        for seqs in found:
            yield Chunk(seqs=seqs, after=first)
            first = None
        if first is not None:
            yield Chunk(seqs=array("q"), after=first)

    def _names_will_take_time(self) -> bool:
        """Whether to look without names first: there is much to learn, and names can only add."""
        self._shown = False
        if self._asked is None:
            return False
        from xraytap.protocol.filter import adds_only, needs_names

        if not needs_names(self._asked) or not adds_only(self._asked):
            return False
        with translated(self._path):
            last = self._db.execute(
                "SELECT max(seq) FROM calls WHERE capture_id = ?", (self._id,)
            ).fetchone()[0]
        known = 0 if self._learnt is None else self._learnt.upto
        self._shown = (last or 0) - known > _LEARNT_IN_A_MOMENT
        return self._shown

    def _use(self, filter: Expr | None) -> None:
        self._filter = filter
        self._where, self._values, self._exact = "1", (), True
        if filter is not None:
            from xraytap.store.query import compile_filter

            compiled = compile_filter(filter)
            self._where, self._values, self._exact = compiled.where, compiled.params, compiled.exact

    def _names(self) -> Iterator[Chunk]:
        if self._asked is None:
            return
        from xraytap.protocol.filter import bind, needs_names

        if not needs_names(self._asked):
            return
        from xraytap.store.learn import Learnt

        self._learnt = self._learnt or Learnt()
        until = monotonic() + _WORD_EVERY_S
        with translated(self._path):
            for _ in self._learnt.catch_up(self._db, self._id):
                if monotonic() > until:
                    yield Chunk(seqs=array("q"), after=None)
                    until = monotonic() + _WORD_EVERY_S
        if self._learnt.objects is not None:
            self._use(bind(self._asked, self._learnt.objects))

    def _sorted(self) -> Chunk:
        turn = "DESC" if self._order.descending else "ASC"
        statement = (
            f"SELECT seq FROM calls WHERE capture_id = ? AND ({self._where})"
            f" ORDER BY {_BY[self._order.key]} {turn}, seq"
        )
        rows = self._db.execute(statement, (self._id, *self._values))
        if self._exact:
            return Chunk(seqs=array("q", (row[0] for row in rows)), done=True)
        return Chunk(seqs=array("q", (seq for (seq,) in rows.fetchall() if self._holds(seq))), done=True)

    def _by_columns(self, after: int, last: int) -> Iterator[array[int]]:
        where = f"capture_id = ? AND seq > ? AND seq <= ? AND ({self._where})"
        statement = f"SELECT seq FROM calls WHERE {where} ORDER BY seq"
        stride = _FIRST_STRIDE
        while after < last:
            upto = min(after + stride, last)
            with translated(self._path):
                found = self._db.execute(statement, (self._id, after, upto, *self._values)).fetchall()
            yield array("q", (row[0] for row in found))
            after, stride = upto, min(stride * 4, _STRIDE)

    def _by_bodies(self, after: int, last: int) -> Iterator[array[int]]:
        statement = (
            f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq > ? AND seq <= ? AND ({self._where})"
            " ORDER BY seq"
        )
        found = array("q")
        until = monotonic() + _WORD_EVERY_S
        while after < last:
            upto = min(after + _BODIES_STRIDE, last)
            with translated(self._path):
                rows = self._db.execute(statement, (self._id, after, upto, *self._values)).fetchall()
            found.extend(columns[0] for columns in rows if self._matches(row_of("", columns)))
            after = upto
            if monotonic() > until:
                yield found
                found = array("q")
                until = monotonic() + _WORD_EVERY_S
        yield found

    def _holds(self, seq: int) -> bool:
        with translated(self._path):
            columns = self._db.execute(
                f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq = ?", (self._id, seq)
            ).fetchone()
        return columns is not None and self._matches(row_of("", columns))

    def _matches(self, row: CallRow) -> bool:
        from xraytap.protocol.filter import matches

        def bodies() -> DecodedCall:
            with translated(self._path):
                return decode_exchange(exchange_of(row, self._db, self._id))

        return self._filter is None or matches(self._filter, row, bodies)
