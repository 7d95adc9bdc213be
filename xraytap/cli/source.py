"""SOURCE on the command line: a capture in the store, or a golden file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.summary import DecodedCall


class Source(Protocol):
    """What commands need of a source, wherever it lies."""

    name: str
    live: bool
    """Whether it is being recorded."""
    host: str
    """The URL of the host that answered; empty where it is not known."""
    path: str | None
    """Where a file lies; None for what is in a store."""

    def rows(self, filter_text: str | None = None) -> Iterable[CallRow]:
        """The rows in order, those that match."""

    def row(self, seq: int) -> CallRow:
        """One row. SourceError if there is none."""

    def exchange(self, seq: int) -> Exchange:
        """The kept bytes."""

    def decode(self, seq: int) -> DecodedCall:
        """The decoded call."""


@contextmanager
def open_source(source: str, store: str | None) -> Iterator[Source]:
    """The source named `source`: a path if it looks like one (a slash, or `.yaml`), else a capture."""
    if reads_like_a_path(source):
        from xraytap.cli.golden_source import GoldenSource

        yield GoldenSource(Path(source))
        return
    from xraytap.store import CaptureSource, open_store

    with open_store(store) as opened:
        yield CaptureSource(opened, source)


def reads_like_a_path(source: str) -> bool:
    """Whether SOURCE means a file rather than a capture."""
    return "/" in source or source.endswith((".yaml", ".yml"))
