"""SOURCE on the command line: a capture in the store, or a golden file."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from xraytap.protocol.summary import decode_exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store import Store


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


class CaptureSource:
    """A capture in a store."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.path: str | None = None
        info = store.capture(name)
        self.name, self.live, self.host = info.name, info.live, info.host

    def rows(self, filter_text: str | None = None) -> Iterable[CallRow]:
        """The rows in order, those that match."""
        expression = None
        if filter_text:
            from xraytap.protocol.filter import parse

            expression = parse(filter_text)
        return self._store.calls(self.name, filter=expression)

    def row(self, seq: int) -> CallRow:
        """One row."""
        return self._store.row(self.name, seq)

    def exchange(self, seq: int) -> Exchange:
        """The kept bytes."""
        return self._store.exchange(self.name, seq)

    def decode(self, seq: int) -> DecodedCall:
        """The decoded call."""
        return decode_exchange(self.exchange(seq))


@contextmanager
def open_source(source: str, store: str | None) -> Iterator[Source]:
    """The source named `source`: a path if it looks like one (a slash, or `.yaml`), else a capture."""
    if "/" in source or source.endswith((".yaml", ".yml")):
        from xraytap.cli.golden_source import GoldenSource

        yield GoldenSource(Path(source))
        return
    from xraytap.store import open_store

    with open_store(store) as opened:
        yield CaptureSource(opened, source)
