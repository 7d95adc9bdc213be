"""Whether somebody is recording into a capture right now: a lock that dies with its process.

Beside the store, `captures.db-live-7` exists and is locked while capture 7 is being written. A file that
nobody holds is what a killed recorder left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def _path(store: Path, capture_id: int) -> Path:
    return store.with_name(f"{store.name}-live-{capture_id}")


class LiveMark:
    """Held by the writer of a capture for as long as it lives."""

    def __init__(self, store: Path, capture_id: int) -> None:
        self._path = _path(store, capture_id)
        self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        """The capture is complete."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                self._path.unlink()
            os.close(self._file)
            self._file = -1


def is_live(store: Path, capture_id: int) -> bool:
    """Whether a writer is at work. Removes the mark of one that died."""
    path = _path(store, capture_id)
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        with contextlib.suppress(OSError):
            path.unlink()
        return False
    finally:
        os.close(file)
