"""Opening store files: where they lie, who may read them, and what is none.

Durability: WAL with `synchronous=NORMAL`. What is committed survives the death of any process (`kill -9`
included); a power cut may take the last moments, but never the file (docs/decisions/0001).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from xraytap.errors import SourceError
from xraytap.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_MS = 5000


def locate(location: str | Path | None) -> Path:
    """The path of the store: the one given, `$XRAYTAP_STORE`, or `captures.db` in the user's data directory."""
    location = location or os.environ.get("XRAYTAP_STORE")
    if location:
        return Path(location).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("xraytap", appauthor=False)) / "captures.db"


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """A connection in autocommit mode to a store of the newest version.

    Raises SourceError for a missing file (unless `create`), a file that is no store, one from a newer
    xraytap, and one that may not be read or written.
    """
    try:
        fresh = _prepare(path, create=create)
        db = sqlite3.connect(
            _uri(path, writable=create or is_writable(path)),
            uri=True,
            isolation_level=None,
            timeout=BUSY_TIMEOUT_MS / 1000,
            check_same_thread=False,
        )
        try:
            _check(db, path, fresh=fresh)
            if not create and not is_writable(path):
                _refuse_older(db, path)
                return db
            _make_private(path)
            if version_of(db) < len(MIGRATIONS):
                # Kept in the file; setting it again would have to wait for a writer.
                db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            migrate(db)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise unreadable(path, error) from None
    except OSError as error:
        raise SourceError(
            f"cannot open the store {path}: {error.strerror}. Name another with --store or XRAYTAP_STORE."
        ) from None
    return db


def is_writable(path: Path) -> bool:
    """Whether a store can be written where it lies. One that cannot (an archive, somebody else's) is read as
    it is: never migrated, never settled."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _uri(path: Path, *, writable: bool) -> str:
    uri = f"file:{quote(os.fsencode(path))}"
    if writable:
        return uri
    # SQLite wants to write side files even to read, unless nobody can be writing.
    alone = not path.with_name(path.name + "-wal").exists()
    return uri + ("?mode=ro&immutable=1" if alone else "?mode=ro")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Where SQLite's errors become ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: sqlite3.Error) -> SourceError:
    """What a failure of SQLite means to a person."""
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return SourceError(f"{path} is no xraytap store (or damaged): {text}. Name another with --store.")
    if "locked" in text or "busy" in text:
        return SourceError(
            f"the store {path} is locked by another program for more than {BUSY_TIMEOUT_MS // 1000} s. "
            "Close that program, or name another store with --store."
        )
    if "unable to open" in text:
        return SourceError(
            f"the store {path} cannot be opened for writing: may {path.parent} be written to? "
            "Name another with --store."
        )
    if "readonly" in text:
        return SourceError(
            f"the store {path} may only be read. Copy it to where you may write, and name that."
        )
    if "full" in text:
        return SourceError(
            f"the disk of the store {path} is full. Free some space, or name another with --store."
        )
    return SourceError(f"the store {path} cannot be used: {text}. Name another with --store.")


def _prepare(path: Path, *, create: bool) -> bool:
    """Make a new file private before anything is in it; whether it is new or empty."""
    if path.exists() and not path.is_file():
        kind = "a directory" if path.is_dir() else "no regular file"
        raise SourceError(f"{path} is {kind}, where a store file is expected. Name a file with --store.")
    if not path.exists():
        if not create:
            raise SourceError(
                f"there is no store at {path}. Record one with: xraytap record --to URL, or try: xraytap demo"
            )
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        # Never through a link that somebody put there, nor into a file that is not ours.
        with contextlib.suppress(FileExistsError):  # another xraytap was quicker; a dangling link fails below
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return path.stat().st_size == 0


def _make_private(path: Path) -> None:
    """Take a store's file from everybody else. Only now, for the mode of a file that is none is not ours to
    change. SQLite gives the -wal and -shm files the mode of the store."""
    if path.stat().st_mode & 0o077:
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            # somebody else's store, which we may read; or one without such a file
            with contextlib.suppress(PermissionError, FileNotFoundError):
                each.chmod(0o600)


def _refuse_older(db: sqlite3.Connection, path: Path) -> None:
    if version_of(db) < len(MIGRATIONS):
        raise SourceError(
            f"the store {path} has the older format {version_of(db)} and may only be read. Copy it to where "
            "you may write, and name that with --store."
        )


def _check(db: sqlite3.Connection, path: Path, *, fresh: bool) -> None:
    version = version_of(db)
    if fresh or (version == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]):
        return
    if int(db.execute("PRAGMA application_id").fetchone()[0]) != APPLICATION_ID:
        raise SourceError(
            f"{path} is an SQLite file of another program, no xraytap store. Name another with --store."
        )
    if version > len(MIGRATIONS):
        raise SourceError(
            f"the store {path} has format {version}; this xraytap knows formats up to {len(MIGRATIONS)}. "
            "Use the newer xraytap that wrote it, or name another with --store."
        )
