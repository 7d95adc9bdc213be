"""The store as readers see it: captures, rows, exchanges. A reader never waits for the writer.

Every method raises SourceError where the file cannot be read, in words for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from xraytap.errors import SourceError
from xraytap.protocol.summary import decode_exchange
from xraytap.store.files import connect, is_writable, locate, translated
from xraytap.store.live import is_live
from xraytap.store.names import checked, missing
from xraytap.store.rows import COLUMNS, exchange_at, exchange_of, row_of
from xraytap.store.settle import settle

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.correlate.objects import Objects
    from xraytap.protocol.filter import Expr
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store.learn import Learnt

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureInfo:
    """One capture. `calls` counts what is stored; `gaps` counts calls that passed but could not be stored;
    `sessions` counts the tokens that calls carried."""

    id: int
    name: str
    created_at_us: int
    host: str
    live: bool
    calls: int
    sessions: int
    failures: int
    gaps: int
    first_us: int | None
    last_us: int | None
    note: str | None


def open_store(location: str | Path | None = None, *, create: bool = False) -> Store:
    """Open the store at `location`, `$XRAYTAP_STORE`, or in the user's data directory.

    Raises SourceError where there is none (unless `create`) or it cannot be used.
    """
    path = locate(location)
    return Store(path, connect(path, create=create))


class Store:
    """An open store; a context manager. For one thread at a time."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._ids: dict[str, int] = {}
        self._learnt: dict[str, Learnt] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- captures -----------------------------------------------------------------------------------

    def captures(self) -> list[CaptureInfo]:
        """All captures, oldest first."""
        with translated(self.path):
            found = self._db.execute(
                "SELECT id, name, created_at_us, host, calls, note FROM captures ORDER BY id"
            )
            return [self._info(columns) for columns in found.fetchall()]

    def capture(self, name: str) -> CaptureInfo:
        """One capture. SourceError names the nearest where there is none."""
        with translated(self.path):
            found = self._db.execute(
                "SELECT id, name, created_at_us, host, calls, note FROM captures WHERE id = ?",
                (self._id(name),),
            ).fetchone()
            if found is None:
                raise self._missing(name)
            return self._info(found)

    def rename(self, name: str, new: str) -> None:
        """Give a capture another name. SourceError if that one is taken, UsageError if it is no name."""
        capture_id = self._id(name)
        checked(new)
        with translated(self.path):
            if self._db.execute(
                "SELECT 1 FROM captures WHERE name = ? AND id <> ?", (new, capture_id)
            ).fetchone():
                raise SourceError(f"there is a capture named '{new}' already in the store {self.path}.")
            self._db.execute("UPDATE captures SET name = ? WHERE id = ?", (new, capture_id))
        self._ids.clear()
        self._learnt.clear()

    def delete(self, name: str) -> None:
        """Remove a capture and all its calls. SourceError while it is being recorded."""
        info = self.capture(name)
        if info.live:
            raise SourceError(f"capture '{name}' is being recorded; end the recording before deleting it.")
        with translated(self.path):
            self._db.execute("DELETE FROM captures WHERE id = ?", (info.id,))
        self._ids.clear()
        self._learnt.clear()

    def set_note(self, name: str, note: str | None) -> None:
        """Write a person's note on a capture."""
        with translated(self.path):
            self._db.execute("UPDATE captures SET note = ? WHERE id = ?", (note, self._id(name)))

    def gaps(self, name: str) -> list[tuple[int, int, str]]:
        """Where calls are missing: after which seq, how many, and why."""
        with translated(self.path):
            return self._db.execute(
                "SELECT after_seq, lost, reason FROM gaps WHERE capture_id = ? ORDER BY after_seq",
                (self._id(name),),
            ).fetchall()

    # -- calls --------------------------------------------------------------------------------------

    def last_seq(self, name: str) -> int:
        """The highest seq of a capture, 0 while it is empty."""
        with translated(self.path):
            found = self._db.execute(
                "SELECT max(seq) FROM calls WHERE capture_id = ?", (self._id(name),)
            ).fetchone()
            return int(found[0] or 0)

    def calls(
        self,
        name: str,
        *,
        filter: Expr | None = None,
        after_seq: int = 0,
        limit: int | None = None,
        settled: bool = True,
    ) -> Iterator[CallRow]:
        """Rows in order of seq, read page by page, so that a long list never holds the file.

        A capture that is no longer recorded is settled first (xraytap.store.settle), which takes a while where its
        recorder died; not with `settled=False`, for who cannot wait. A filter that asks for
        names is bound to those of the whole capture, unless it is bound already.
        """
        capture_id = self._id(name)
        if settled:
            self.settle(name)
        where, values, exact, bound = "1", (), True, filter
        if filter is not None:
            from xraytap.protocol.filter import bind, needs_names
            from xraytap.store.query import compile_filter

            objects = self.objects(name) if needs_names(filter) else None
            bound = filter if objects is None else bind(filter, objects)
            compiled = compile_filter(bound)
            where, values, exact = compiled.where, compiled.params, compiled.exact
        statement = (
            f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq > ? AND ({where})"
            " ORDER BY seq LIMIT ?"
        )
        found = 0
        while limit is None or found < limit:
            with translated(self.path):
                page = self._db.execute(statement, (capture_id, after_seq, *values, _PAGE)).fetchall()
            for columns in page:
                row = row_of(name, columns)
                after_seq = row.seq
                if exact or bound is None or self._matches(bound, row, capture_id):
                    yield row
                    found += 1
                    if found == limit:
                        return
            if len(page) < _PAGE:
                return

    def objects(self, name: str) -> Objects | None:
        """The objects that the calls of a capture speak of; None where it is empty. Learnt once, and kept up."""
        from xraytap.store.learn import Learnt

        learnt = self._learnt.setdefault(name, Learnt())
        with translated(self.path):
            for _ in learnt.catch_up(self._db, self._id(name)):
                pass
        return learnt.objects

    def row(self, name: str, seq: int) -> CallRow:
        """One row. SourceError if the capture has no such call."""
        with translated(self.path):
            found = self._db.execute(
                f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq = ?", (self._id(name), seq)
            ).fetchone()
        if found is None:
            raise self._no_call(name, seq)
        return row_of(name, found)

    def exchange(self, name: str, seq: int) -> Exchange:
        """The kept bytes of one call."""
        with translated(self.path):
            found = exchange_at(self._db, self._id(name), seq)
        if found is None:
            raise self._no_call(name, seq)
        return found

    def settle(self, name: str, *, budget_s: float | None = None) -> bool:
        """Let the full decode have its word on a capture that nobody records any more; whether it had."""
        capture_id = self._id(name)
        with translated(self.path):
            pending = self._db.execute(
                "SELECT 1 FROM calls WHERE capture_id = ? AND settled = 0 LIMIT 1", (capture_id,)
            ).fetchone()
            if pending is None:
                return True
            if is_live(self.path, capture_id) or not is_writable(self.path):
                return False
            return settle(self._db, capture_id, budget_s=budget_s, ended=True)

    # -- inside -------------------------------------------------------------------------------------

    def _id(self, name: str) -> int:
        if name not in self._ids:
            with translated(self.path):
                # What is no text (an argument that is no UTF-8) cannot even be asked for.
                named = (
                    name.isprintable()
                    and self._db.execute("SELECT id FROM captures WHERE name = ?", (name,)).fetchone()
                )
            if not named:
                raise self._missing(name)
            self._ids[name] = named[0]
        return self._ids[name]

    def _no_call(self, name: str, seq: int) -> SourceError:
        last = self.last_seq(name)
        has = f"its calls are numbered 1 to {last}" if last else "it is empty"
        return SourceError(f"capture '{name}' has no call {seq}; {has}.")

    def _missing(self, name: str) -> SourceError:
        return missing(name, (row[0] for row in self._db.execute("SELECT name FROM captures")), self.path)

    def _matches(self, expression: Expr, row: CallRow, capture_id: int) -> bool:
        from xraytap.protocol.filter import matches

        def bodies() -> DecodedCall:
            with translated(self.path):
                return decode_exchange(exchange_of(row, self._db, capture_id))

        return matches(expression, row, bodies)

    def _info(self, columns: tuple[int, str, int, str, int, str | None]) -> CaptureInfo:
        capture_id, name, created_at_us, host, calls, note = columns

        def one(statement: str) -> int | None:
            found = self._db.execute(statement, (capture_id,)).fetchone()
            return None if found is None else found[0]

        return CaptureInfo(
            id=capture_id,
            name=name,
            created_at_us=created_at_us,
            host=host,
            live=is_live(self.path, capture_id),
            calls=calls,
            sessions=one("SELECT count(*) FROM sessions WHERE capture_id = ?") or 0,
            failures=one(
                "SELECT count(*) FROM calls WHERE capture_id = ? AND outcome = 'failure' AND outcome <> 'success'"
            )
            or 0,
            gaps=one("SELECT sum(lost) FROM gaps WHERE capture_id = ?") or 0,
            first_us=one("SELECT started_at_us FROM calls WHERE capture_id = ? ORDER BY seq LIMIT 1"),
            last_us=one("SELECT started_at_us FROM calls WHERE capture_id = ? ORDER BY seq DESC LIMIT 1"),
            note=note,
        )
