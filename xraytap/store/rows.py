"""Rows and messages to columns and back; bodies packed with zstd where that helps."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import zstandard

from xraytap.protocol.call import CallRow, Exchange, Message, Outcome

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

REQUEST, RESPONSE = 0, 1
_LEVEL = 1
_WORTH_PACKING = 200
_unpacker = threading.local()
"""A decompressor each thread: it keeps state, and making one costs more than a body."""

COLUMNS = (
    "started_at_us, elapsed_us, client, connection, protocol, http_method, path, method, is_async, session, "
    "outcome, error_code, http_status, request_bytes, response_bytes, decode_error, redacted, note"
)
_MARKS = ", ".join("?" * (COLUMNS.count(",") + 4))
INSERT_CALL = f"INSERT OR REPLACE INTO calls (capture_id, seq, {COLUMNS}, settled) VALUES ({_MARKS})"
INSERT_MESSAGE = (
    "INSERT OR REPLACE INTO messages (capture_id, seq, side, head, body, packed, size, cut)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def call_columns(capture_id: int, row: CallRow, *, settled: bool) -> tuple[Any, ...]:
    """The parameters of INSERT_CALL."""
    return (
        capture_id,
        row.seq,
        row.started_at_us,
        row.elapsed_us,
        row.client,
        row.connection,
        row.protocol,
        row.http_method,
        row.path,
        row.method,
        row.is_async,
        row.session,
        row.outcome.value,
        row.error_code,
        row.http_status,
        row.request_bytes,
        row.response_bytes,
        row.decode_error,
        "\n".join(row.redacted),
        row.note,
        settled,
    )


def row_of(capture: str, columns: tuple[Any, ...]) -> CallRow:
    """The row of `SELECT seq, COLUMNS`."""
    return CallRow(
        capture=capture,
        seq=columns[0],
        started_at_us=columns[1],
        elapsed_us=columns[2],
        client=columns[3],
        connection=columns[4],
        protocol=columns[5],
        http_method=columns[6],
        path=columns[7],
        method=columns[8],
        is_async=bool(columns[9]),
        session=columns[10],
        outcome=Outcome(columns[11]),
        error_code=columns[12],
        http_status=columns[13],
        request_bytes=columns[14],
        response_bytes=columns[15],
        decode_error=columns[16],
        redacted=tuple(columns[17].split("\n")) if columns[17] else (),
        note=columns[18],
    )


class Packer:
    """Packs bodies; one a thread, as its compressor keeps state."""

    def __init__(self) -> None:
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress

    def message_columns(self, capture_id: int, seq: int, side: int, message: Message) -> tuple[Any, ...]:
        """The parameters of INSERT_MESSAGE."""
        body, packed = message.body, False
        if len(body) > _WORTH_PACKING:
            small = self._compress(body)
            if len(small) < len(body):
                body, packed = small, True
        return (capture_id, seq, side, message.head, body, packed, message.size, message.cut)


def exchange_of(row: CallRow, db: sqlite3.Connection, capture_id: int) -> Exchange:
    """The kept bytes of a call."""
    return _exchange(
        row,
        db.execute(
            "SELECT side, head, body, packed, size, cut FROM messages WHERE capture_id = ? AND seq = ?",
            (capture_id, row.seq),
        ),
    )


def exchange_at(db: sqlite3.Connection, capture_id: int, seq: int) -> Exchange | None:
    """The kept bytes of a call, its row in the same question; None where there is no such call."""
    found = db.execute(
        f"SELECT seq, {COLUMNS}, side, head, body, packed, size, cut FROM calls"
        " LEFT JOIN messages USING (capture_id, seq) WHERE capture_id = ? AND seq = ?",
        (capture_id, seq),
    ).fetchall()
    if not found:
        return None
    return _exchange(row_of("", found[0]), (each[-6:] for each in found if each[-6] is not None))


def _exchange(row: CallRow, messages: Iterable[tuple[Any, ...]]) -> Exchange:
    found = {
        side: Message(head=head, body=_unpack(body) if packed else body, size=size, cut=bool(cut))
        for side, head, body, packed, size, cut in messages
    }
    return Exchange(
        started_at_us=row.started_at_us,
        elapsed_us=row.elapsed_us,
        client=row.client,
        connection=row.connection,
        request=found.get(REQUEST) or Message(head=b"", body=b"", size=row.request_bytes, cut=True),
        response=found.get(RESPONSE),
        error=row.note,
        redacted=row.redacted,
    )


def _unpack(body: bytes) -> bytes:
    decompress: Callable[[bytes], bytes] | None = getattr(_unpacker, "decompress", None)
    if decompress is None:
        decompress = _unpacker.decompress = zstandard.ZstdDecompressor().decompress
    return decompress(body)
