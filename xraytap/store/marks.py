"""What a person has put on single calls: marks and notes. They belong to the capture and go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.store.files import connect, translated

if TYPE_CHECKING:
    from xraytap.store.reader import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A person's sign on one call. `note` may stand without `marked`, and the other way round."""

    seq: int
    marked: bool
    note: str | None


class Marks:
    """The marks of one capture, held in memory and written through. For one thread."""

    def __init__(self, store: Store, name: str) -> None:
        self._path = store.path
        self._id = store.capture(name).id
        self._db = connect(store.path, create=False)
        self._all: dict[int, Mark] = {}
        with translated(self._path):
            for seq, mark, note in self._db.execute(
                "SELECT seq, mark, note FROM marks WHERE capture_id = ? ORDER BY seq", (self._id,)
            ):
                self._all[seq] = Mark(seq=seq, marked=mark is not None, note=note)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def all(self) -> list[Mark]:
        """Every mark and note, by seq."""
        return [self._all[seq] for seq in sorted(self._all)]

    def get(self, seq: int) -> Mark | None:
        """What stands on a call."""
        return self._all.get(seq)

    def toggle(self, seq: int) -> bool:
        """Set or take away the mark of a call; whether it is marked now. SourceError if it cannot be kept."""
        old = self._all.get(seq)
        new = Mark(seq=seq, marked=old is None or not old.marked, note=None if old is None else old.note)
        self._keep(new)
        return new.marked

    def annotate(self, seq: int, note: str | None) -> None:
        """Write a note on a call; an empty one takes it away. SourceError if it cannot be kept."""
        old = self._all.get(seq)
        self._keep(Mark(seq=seq, marked=old is not None and old.marked, note=note or None))

    def _keep(self, mark: Mark) -> None:
        with translated(self._path):
            if mark.marked or mark.note:
                self._db.execute(
                    "INSERT OR REPLACE INTO marks (capture_id, seq, mark, note) VALUES (?, ?, ?, ?)",
                    (self._id, mark.seq, "*" if mark.marked else None, mark.note),
                )
                self._all[mark.seq] = mark
            else:
                self._db.execute("DELETE FROM marks WHERE capture_id = ? AND seq = ?", (self._id, mark.seq))
                self._all.pop(mark.seq, None)
