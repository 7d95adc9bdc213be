"""The tables, as a list of migrations. Each runs once, in order, in one transaction with its number.

`user_version` is the count of migrations done. Never edit one that has shipped: append another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

APPLICATION_ID = 0x78726179
"""`xray`: tells our files from other SQLite files."""


def _first(db: sqlite3.Connection) -> None:
    db.execute("""
        CREATE TABLE captures (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created_at_us INTEGER NOT NULL,
            host TEXT NOT NULL,
            calls INTEGER NOT NULL DEFAULT 0,
            note TEXT
        )""")
    db.execute("""
        CREATE TABLE calls (
            capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            started_at_us INTEGER NOT NULL,
            elapsed_us INTEGER,
            client TEXT NOT NULL,
            connection INTEGER NOT NULL,
            protocol TEXT NOT NULL,
            http_method TEXT NOT NULL,
            path TEXT NOT NULL,
            method TEXT,
            is_async INTEGER NOT NULL,
            session TEXT,
            outcome TEXT NOT NULL,
            error_code TEXT,
            http_status INTEGER,
            request_bytes INTEGER NOT NULL,
            response_bytes INTEGER NOT NULL,
            decode_error TEXT,
            redacted TEXT NOT NULL,
            note TEXT,
            settled INTEGER NOT NULL,
            PRIMARY KEY (capture_id, seq)
        ) WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE messages (
            capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            side INTEGER NOT NULL,
            head BLOB NOT NULL,
            body BLOB NOT NULL,
            packed INTEGER NOT NULL,
            size INTEGER NOT NULL,
            cut INTEGER NOT NULL
        )""")
    db.execute("CREATE UNIQUE INDEX messages_of_call ON messages (capture_id, seq, side)")
    db.execute("CREATE INDEX unsettled ON calls (capture_id, seq) WHERE settled = 0")
    db.execute("CREATE INDEX troubled ON calls (capture_id, outcome, seq) WHERE outcome <> 'success'")
    db.execute("""
        CREATE TABLE sessions (
            capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
            token TEXT NOT NULL,
            first_seq INTEGER NOT NULL,
            PRIMARY KEY (capture_id, token)
        ) WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE gaps (
            capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
            after_seq INTEGER NOT NULL,
            at_us INTEGER NOT NULL,
            lost INTEGER NOT NULL,
            reason TEXT NOT NULL
        )""")


def _marks(db: sqlite3.Connection) -> None:
    db.execute("""
        CREATE TABLE marks (
            capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            mark TEXT,
            note TEXT,
            PRIMARY KEY (capture_id, seq)
        ) WITHOUT ROWID""")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first, _marks)


def migrate(
    db: sqlite3.Connection, migrations: tuple[Callable[[sqlite3.Connection], None], ...] = MIGRATIONS
) -> None:
    """Bring a connection in autocommit mode to the newest version. Safe against a second process doing so."""
    while version_of(db) < len(migrations):
        db.execute("BEGIN IMMEDIATE")
        try:
            done = version_of(db)
            if done < len(migrations):
                migrations[done](db)
                db.execute(f"PRAGMA user_version = {done + 1}")
                db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


def version_of(db: sqlite3.Connection) -> int:
    """The format of a store: how many migrations it has seen."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])
