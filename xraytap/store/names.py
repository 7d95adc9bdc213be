"""Names of captures: which are allowed, how a new one is chosen, what somebody may have meant."""

from __future__ import annotations

import difflib
import itertools
from datetime import datetime
from typing import TYPE_CHECKING

from xraytap.errors import SourceError, UsageError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

_LONGEST = 200


def checked(name: str) -> str:
    """`name` if a capture may bear it. UsageError if it would be taken for a file, or cannot be typed."""
    if not name or len(name) > _LONGEST or not name.isprintable() or name != name.strip():
        raise UsageError(
            f"capture name {name!r}: expected 1 to {_LONGEST} printable characters without blanks around them."
        )
    if "/" in name or name.endswith((".yaml", ".yml")):
        raise UsageError(f"capture name {name!r} reads like a golden's path; leave out '/' and '.yaml'.")
    return name


def by_time(now_us: int) -> str:
    """`2026-11-24-0901`, in local time: the name of a recording that was given none."""
    return f"{datetime.fromtimestamp(now_us / 1_000_000).astimezone():%Y-%m-%d-%H%M}"


def free(db: sqlite3.Connection, wanted: str) -> str:
    """`wanted`, or `wanted-2`, `wanted-3` ... where it is taken. Inside the transaction that inserts it."""
    for number in itertools.count(1):
        name = wanted if number == 1 else f"{wanted}-{number}"
        if db.execute("SELECT 1 FROM captures WHERE name = ?", (name,)).fetchone() is None:
            return name
    raise AssertionError  # count() never ends


def missing(name: str, known: Iterable[str], path: Path) -> SourceError:
    """No capture of that name: what comes nearest, and how to see them all."""
    names = list(known)
    if not names:
        return SourceError(
            f"no capture named '{name}': the store {path} is empty. Record one with: xraytap record --to URL"
        )
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    hint = " Nearest: " + ", ".join(f"'{each}'" for each in near) + "." if near else ""
    return SourceError(
        f"no capture named '{name}' in the store {path}.{hint} List them with: xraytap captures"
    )
