"""A capture as a list of any length: rows by position, read a page at a time and kept for a while.

While a capture is shown whole and in order, and nothing was lost, the row at position n is call n + 1: no
list is made and a million calls open as fast as ten. A filter, another order or a gap needs the list of
their numbers; `Scan` (xraytap.store.scan) makes it in another thread and hands it over in chunks.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.store.files import connect, translated
from xraytap.store.rows import COLUMNS, row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.store.reader import Store

PAGE = 128
_PAGES_KEPT = 64
_TROUBLE = tuple(each.value for each in Outcome if each is not Outcome.SUCCESS)


class SortKey(StrEnum):
    """What a list may be ordered by."""

    SEQ = "seq"
    ELAPSED = "elapsed"
    SIZE = "size"
    METHOD = "method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a list is ordered; equal calls stand in order of seq."""

    key: SortKey = SortKey.SEQ
    descending: bool = False

    @property
    def natural(self) -> bool:
        """Whether this is the order of the wire."""
        return self.key is SortKey.SEQ and not self.descending


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Numbers found by a scan, ascending where the list is by seq. They go to the end of the list; where
    `after` is given they replace every number above it. `done`: the scan has seen the whole capture."""

    seqs: array[int]
    after: int | None = None
    done: bool = False


class Pages:
    """The rows of one capture by position. For one thread; it has a connection of its own.

    Raises SourceError if the capture is not there.
    """

    def __init__(
        self, store: Store, name: str, filter: Expr | None = None, order: Order | None = None
    ) -> None:
        self.path = store.path
        self.name = name
        self.capture_id = store.capture(name).id
        self._db = connect(store.path, create=False)
        self._filter: Expr | None = None
        self.order = Order()
        self._seqs: array[int] | None = None
        self._kept: OrderedDict[int, list[CallRow | None]] = OrderedDict()
        self._version = -1
        self._calls = self._last = 0
        self.scanned = True
        self.refresh()
        self.show(filter, order or Order())

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @property
    def filter(self) -> Expr | None:
        """What the list is narrowed to."""
        return self._filter

    @property
    def listed(self) -> bool:
        """Whether the list needs a scan, which `extend` hands over."""
        return self._seqs is not None

    @property
    def last_seq(self) -> int:
        """The newest call of the capture, shown or not."""
        return self._last

    @property
    def total(self) -> int:
        """How many calls the capture has, shown or not."""
        return self._calls

    def show(self, filter: Expr | None, order: Order) -> None:
        """Narrow and order anew. The list is empty until the first `extend` where it needs a scan."""
        self._filter, self.order = filter, order
        needs = filter is not None or order.key is not SortKey.SEQ or self._calls != self._last
        self._seqs = array("q") if needs else None
        self.scanned = not needs
        self._kept.clear()

    def count(self) -> int:
        """How many rows the list has now."""
        return self._last if self._seqs is None else len(self._seqs)

    def refresh(self) -> bool:
        """Look whether the store has changed; whether it has. Rows are then read anew as they are shown."""
        with translated(self.path):
            version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
            if version == self._version:
                return False
            self._version = version
            found = self._db.execute(
                "SELECT calls, (SELECT max(seq) FROM calls WHERE capture_id = id) FROM captures WHERE id = ?",
                (self.capture_id,),
            ).fetchone()
        self._calls, self._last = (0, 0) if found is None else (found[0], found[1] or 0)
        self._kept.clear()
        if self._seqs is None and self._calls != self._last:
            self.show(self._filter, self.order)
        return True

    def extend(self, chunk: Chunk) -> None:
        """Take over what a scan found."""
        if self._seqs is None:
            return
        at = len(self._seqs)
        if self.order.key is not SortKey.SEQ and chunk.done:
            at = 0  # a sorted list comes in one piece
            del self._seqs[:]
        elif chunk.after is not None:
            at = bisect_right(self._seqs, chunk.after)
            del self._seqs[at:]
        self._seqs.extend(chunk.seqs)
        self.scanned = self.scanned or chunk.done
        for page in [page for page in self._kept if page >= at // PAGE]:
            del self._kept[page]

    def seq_at(self, index: int) -> int | None:
        """The number of the call at a position, None outside the list."""
        if not 0 <= index < self.count():
            return None
        if self._seqs is not None:
            return self._seqs[self._turned(index)]
        return self._turned(index) + 1

    def index_of(self, seq: int) -> int | None:
        """Where a call stands in the list, None if it is not in it."""
        if self._seqs is None:
            return self._turned(seq - 1) if 1 <= seq <= self._last else None
        if self.order.key is not SortKey.SEQ:
            try:
                return self._seqs.index(seq)
            except ValueError:
                return None
        at = bisect_left(self._seqs, seq)
        return self._turned(at) if at < len(self._seqs) and self._seqs[at] == seq else None

    def nearest(self, seq: int) -> int:
        """The position of a call, or in a list by seq of the one that follows it; 0 in an empty list."""
        found = self.index_of(seq)
        if found is not None:
            return found
        if self._seqs is None or self.order.key is SortKey.SEQ:
            at = seq - 1 if self._seqs is None else bisect_left(self._seqs, seq)
            last = self.count() - 1
            return self._turned(max(0, min(at, last))) if last >= 0 else 0
        return 0

    def row_at(self, index: int) -> CallRow | None:
        """The row at a position; None outside the list, or where the call is gone."""
        if not 0 <= index < self.count():
            return None
        return self._page(index // PAGE)[index % PAGE]

    def window(self, start: int, height: int) -> list[CallRow]:
        """The rows at `height` positions from `start`."""
        found = (self.row_at(index) for index in range(start, min(start + height, self.count())))
        return [row for row in found if row is not None]

    def error_near(self, seq: int, *, forward: bool) -> int | None:
        """The next call after `seq` (or before) that did not succeed, in the list as it is narrowed."""
        if self._seqs is not None and self._filter is not None:
            return self._error_listed(seq, forward=forward)
        end, sign = ("min", ">") if forward else ("max", "<")
        with translated(self.path):
            found = [
                self._db.execute(
                    f"SELECT {end}(seq) FROM calls WHERE capture_id = ? AND outcome = ? AND seq {sign} ?"
                    " AND outcome <> 'success'",
                    (self.capture_id, outcome, seq),
                ).fetchone()[0]
                for outcome in _TROUBLE
            ]
        numbers = [each for each in found if each is not None]
        return (min if forward else max)(numbers, default=None)

    # -- inside -------------------------------------------------------------------------------------

    def _error_listed(self, seq: int, *, forward: bool) -> int | None:
        """Call by call of those in the whole capture, until one is in the list."""
        whole, self._filter = self._filter, None
        try:
            found = self.error_near(seq, forward=forward)
            while found is not None and self.index_of(found) is None:
                found = self.error_near(found, forward=forward)
            return found
        finally:
            self._filter = whole

    def _turned(self, index: int) -> int:
        turned = self.order.key is SortKey.SEQ and self.order.descending
        return self.count() - 1 - index if turned else index

    def _page(self, number: int) -> list[CallRow | None]:
        page = self._kept.get(number)
        if page is None:
            start = number * PAGE
            seqs = [self.seq_at(index) for index in range(start, min(start + PAGE, self.count()))]
            page = self._read([seq for seq in seqs if seq is not None])
            self._kept[number] = page
            if len(self._kept) > _PAGES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(number)
        return page

    def _read(self, seqs: Sequence[int]) -> list[CallRow | None]:
        marks = ", ".join("?" * len(seqs))
        with translated(self.path):
            found = self._db.execute(
                f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq IN ({marks})",
                (self.capture_id, *seqs),
            ).fetchall()
        rows = {columns[0]: row_of(self.name, columns) for columns in found}
        return [rows.get(seq) for seq in seqs]
