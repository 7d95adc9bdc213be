"""Calls written to files: one call, the marked ones, or those that the table shows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from xraytap.errors import SourceError, UsageError
from xraytap.protocol.jsonform import call_to_json, json_line
from xraytap.protocol.phrases import many
from xraytap.protocol.summary import decode_exchange
from xraytap.store import open_store
from xraytap.tui.clipboard import write_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.store import Store

FORMATS = {
    "j": ("JSON Lines", "a call a line, as docs/json.md has it", ".jsonl"),
    "g": ("golden", "reviewable, for playback and tests", ".yaml"),
    "h": ("raw HTTP", "a folder with two files a call", ".http"),
}


def rows_of(
    store: Store, capture: str, *, seqs: Iterable[int] | None = None, filter: Expr | None = None
) -> Iterator[CallRow]:
    """The rows with these numbers, or those that match."""
    if seqs is None:
        return store.calls(capture, filter=filter)
    return (store.row(capture, seq) for seq in seqs)


def write(
    form: str,
    path: Path,
    store_path: Path,
    capture: str,
    rows: Callable[[Store], Iterator[CallRow]],
    about: Callable[[str | None], About],
) -> str:
    """Write the calls in a form of FORMATS; a sentence about it. For a worker's thread. SourceError where it
    cannot be written; UsageError where there is nothing to write."""
    with open_store(store_path) as store:
        if form == "j":
            count = _json_lines(path, store, capture, rows(store), about)
        elif form == "g":
            count = _golden(path, store, capture, rows(store))
        else:
            count = _raw(path, store, capture, rows(store))
    return f"{many(count, 'call')} written to {path}"


def _json_lines(
    path: Path, store: Store, capture: str, rows: Iterator[CallRow], about: Callable[[str | None], About]
) -> int:
    count = 0
    write_new(path, b"")
    try:
        with path.open("a", encoding="ascii") as file:
            for row in rows:
                call = decode_exchange(store.exchange(capture, row.seq))
                file.write(json_line(call_to_json(row, call, about(row.session))) + "\n")
                count += 1
    except OSError as error:
        path.unlink(missing_ok=True)
        raise SourceError(f"cannot write {path}: {error.strerror}.") from None
    if not count:
        path.unlink(missing_ok=True)
        raise UsageError("no call to write.")
    return count


def _golden(path: Path, store: Store, capture: str, rows: Iterator[CallRow]) -> int:
    from xraytap.protocol.symbols.freeze import freeze
    from xraytap.store.golden import save_golden

    frozen = freeze((row, decode_exchange(store.exchange(capture, row.seq))) for row in rows)
    if not frozen.golden.calls:
        raise UsageError("none of these calls is one that a golden can hold.")
    save_golden(path, frozen.golden)
    return len(frozen.golden.calls)


def _raw(folder: Path, store: Store, capture: str, rows: Iterator[CallRow]) -> int:
    count = 0
    try:
        for row in rows:
            exchange = store.exchange(capture, row.seq)
            parts = {"request": exchange.request, "response": exchange.response}
            for name, message in parts.items():
                data = b"" if message is None else message.head + message.body
                write_new(folder / f"{row.seq:06d}.{name}", data)
            count += 1
    except SourceError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not count:
        raise UsageError("no call to write.")
    return count
