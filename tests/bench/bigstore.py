"""A store with a million calls, for measuring whatever must not slow down with size.

    python -m tests.bench.bigstore PATH [--calls 1000000]    make it (about 1 GB, about half a minute)
    python -m tests.bench.bigstore PATH --feed 500           record on into it, so many calls a second, until
                                                             stdin ends: the capture is live meanwhile

The calls are those of `tests/wire`, each as often as a client that polls makes it; sessions, connections, times
and durations are made up from a fixed seed. Rows are prepared once and written straight into the tables.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.recorded import exchanges  # noqa: E402
from xraytap.protocol.redact import redact_request  # noqa: E402
from xraytap.protocol.summary import full_row  # noqa: E402
from xraytap.store.files import connect  # noqa: E402
from xraytap.store.live import LiveMark  # noqa: E402
from xraytap.store.rows import (  # noqa: E402
    INSERT_CALL,
    INSERT_MESSAGE,
    REQUEST,
    RESPONSE,
    Packer,
    call_columns,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from xraytap.protocol.call import Exchange, Message

CAPTURE = "million"
STARTED_US = 1_795_000_000_000_000
_FOLDERS = ("py27-survey", "py27-example-session", "py3-xenapi", "py27-legacy", "raw-requests")
_GROUP = 20_000
_SESSIONS = 400
# How a client's traffic is made up: by the last part of the method, how many times as often as once.
_OFTEN = {
    "get_power_state": 40,
    "get_status": 25,
    "get_name_label": 20,
    "get_record": 12,
    "next": 10,
    "get_all": 8,
}
_SEED = 20261124


class Templates:
    """The recorded calls as column values, with what varies left to fill in."""

    def __init__(self) -> None:
        packer = Packer()
        self._calls: list[tuple[list[Any], list[tuple[Any, ...]], float]] = []
        weights = []
        for folder in _FOLDERS:
            for each in exchanges(folder):
                self._calls.append(self._template(each, packer))
                message = (self._calls[-1][0][9] or "").rpartition(".")[2]
                weights.append(_OFTEN.get(message, 3 if message.startswith("get_") else 1))
        random_ = random.Random(_SEED)
        # Drawing a million times by weight is slow; a shuffled deck of the right mix is not.
        self._deck = random_.choices(range(len(self._calls)), weights, k=65_537)
        self._durations = [random_.lognormvariate(0, 0.9) for _ in range(65_539)]
        self._sessions = [f"{random_.getrandbits(128):032x}" for _ in range(_SESSIONS)]

    def rows(
        self, capture_id: int, first: int, last: int, started_us: int
    ) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """The columns of each call from number `first` to `last`, and those of its messages."""
        deck, durations, sessions = self._deck, self._durations, self._sessions
        for seq in range(first, last + 1):
            columns, messages, ms = self._calls[deck[seq % len(deck)]]
            made = columns.copy()
            made[1] = seq
            made[2] = started_us + (seq - first) * 2_000
            if made[3] is not None:
                made[3] = int(durations[seq % len(durations)] * ms * 1000)
            if made[11] is not None:
                token = sessions[seq // 5_000 % _SESSIONS]
                made[11] = f"{token[:8]}-{token[8:12]}-{token[12:16]}-{token[16:20]}-{token[20:]}"
            made[5] = 1 + seq // 900 % 500
            yield tuple(made), ((capture_id, seq, *each[2:]) for each in messages)

    def sessions(self, capture_id: int, calls: int) -> list[tuple[int, str, int]]:
        """The rows of the table of sessions."""
        tokens: dict[str, int] = {}
        for row, _ in self.rows(capture_id, 1, min(calls, 5_000 * _SESSIONS), 0):
            if row[11] is not None:
                tokens.setdefault(row[11], row[1])
        return [(capture_id, token, seq) for token, seq in tokens.items()]

    @staticmethod
    def _template(each: Exchange, packer: Packer) -> tuple[list[Any], list[tuple[Any, ...]], float]:
        kept = redact_request(each.request.head, each.request.body)
        row = full_row(each, capture=CAPTURE, seq=0)
        columns = list(call_columns(0, row, settled=True))
        columns[18] = "\n".join(kept.names)
        messages: list[tuple[int, Message]] = [(REQUEST, _replaced(each.request, kept.head, kept.body))]
        if each.response is not None:
            messages.append((RESPONSE, each.response))
        made = [packer.message_columns(0, 0, side, message) for side, message in messages]
        slow = 20.0 if row.is_async or (row.message or "") in ("next", "get_all_records", "start") else 0.8
        return columns, made, slow


def _replaced(message: Message, head: bytes, body: bytes) -> Message:
    from dataclasses import replace

    return replace(message, head=head, body=body, size=len(body))


def make(path: Path, calls: int) -> None:
    """A store at `path` with one capture of so many calls. An old file there is replaced."""
    for old in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        old.unlink(missing_ok=True)
    db = connect(path, create=True)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -200000")
        capture_id = _capture(db)
        templates = Templates()
        for first in range(1, calls + 1, _GROUP):
            last = min(first + _GROUP - 1, calls)
            _insert(db, templates, capture_id, first, last, STARTED_US + first * 2_000)
        db.executemany(
            "INSERT OR IGNORE INTO sessions VALUES (?, ?, ?)", templates.sessions(capture_id, calls)
        )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def feed(path: Path, rate: int) -> None:
    """Record on into the capture until stdin ends: a group each 10 ms, as the writer commits."""
    db = connect(path, create=False)
    try:
        capture_id, seq = db.execute(
            "SELECT id, (SELECT max(seq) FROM calls WHERE capture_id = id) FROM captures WHERE name = ?",
            (CAPTURE,),
        ).fetchone()
        ended = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
        templates = Templates()
        mark = LiveMark(path, capture_id)
        print(seq, flush=True)
        start, begin = time.monotonic(), seq
        while not ended.wait(0.01):
            due = begin + int((time.monotonic() - start) * rate)
            if due > seq:
                _insert(db, templates, capture_id, seq + 1, due, time.time_ns() // 1000)
                seq = due
        mark.release()
    finally:
        db.close()


def _capture(db: sqlite3.Connection) -> int:
    cursor = db.execute(
        "INSERT INTO captures (name, created_at_us, host) VALUES (?, ?, ?)",
        (CAPTURE, STARTED_US, "http://xenhost:9363"),
    )
    return int(cursor.lastrowid or 0)


def _insert(
    db: sqlite3.Connection, templates: Templates, capture_id: int, first: int, last: int, started_us: int
) -> None:
    calls, messages = [], []
    for row, bodies in templates.rows(capture_id, first, last, started_us):
        calls.append((capture_id, *row[1:]))
        messages.extend(bodies)
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(INSERT_CALL, calls)
        db.executemany(INSERT_MESSAGE, messages)
        db.execute("UPDATE captures SET calls = calls + ? WHERE id = ?", (last - first + 1, capture_id))
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def main() -> int:
    """As the module says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("path", type=Path)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--feed", type=int, metavar="RATE")
    options = parser.parse_args()
    if options.feed:
        feed(options.path, options.feed)
        return 0
    began = time.monotonic()
    make(options.path, options.calls)
    size = options.path.stat().st_size / 1e6
    print(f"{options.calls} calls in {time.monotonic() - began:.1f} s, {size:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
