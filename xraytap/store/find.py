"""The next call that matches, from one call on: forwards or backwards, stride by stride."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.filter import matches
from xraytap.protocol.summary import decode_exchange
from xraytap.store.files import connect, translated
from xraytap.store.query import compile_filter
from xraytap.store.rows import COLUMNS, exchange_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.protocol.summary import DecodedCall

_STRIDE, _BODIES_STRIDE = 20_000, 200


def find_call(
    path: Path,
    capture_id: int,
    wanted: Expr,
    seq: int,
    *,
    forward: bool = True,
    go_on: Callable[[], bool] = lambda: True,
) -> int | None:
    """The number of the nearest call after `seq` (or before it) that matches; None if there is none, or when
    `go_on`, asked between two strides, says no. For any thread: it has a connection of its own."""
    compiled = compile_filter(wanted)
    stride = _STRIDE if compiled.exact else _BODIES_STRIDE
    db = connect(path, create=False)

    def holds(row: CallRow) -> bool:
        def bodies() -> DecodedCall:
            return decode_exchange(exchange_of(row, db, capture_id))

        return compiled.exact or matches(wanted, row, bodies)

    turn = "ASC" if forward else "DESC"
    statement = (
        f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq >= ? AND seq <= ? AND ({compiled.where})"
        f" ORDER BY seq {turn}{' LIMIT 1' if compiled.exact else ''}"
    )
    try:
        with translated(path):
            last = db.execute("SELECT max(seq) FROM calls WHERE capture_id = ?", (capture_id,)).fetchone()[0]
            for low, high in _strides(seq, last or 0, stride, forward=forward):
                if not go_on():
                    return None
                for columns in db.execute(statement, (capture_id, low, high, *compiled.params)).fetchall():
                    if holds(row_of("", columns)):
                        return int(columns[0])
    finally:
        db.close()
    return None


def _strides(seq: int, last: int, stride: int, *, forward: bool) -> Iterator[tuple[int, int]]:
    if forward:
        for low in range(max(0, seq) + 1, last + 1, stride):
            yield low, min(low + stride - 1, last)
    else:
        for high in range(min(seq - 1, last), 0, -stride):
            yield max(1, high - stride + 1), high
