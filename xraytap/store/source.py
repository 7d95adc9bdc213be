"""A capture as a source of calls: what commands, the TUI and replay read, wherever calls come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.summary import decode_exchange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store.reader import Store


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
