"""One call with everything that the tabs need of it, read and decoded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.summary import decode_exchange

if TYPE_CHECKING:
    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.summary import DecodedCall
    from xraytap.store import Store
    from xraytap.tui.calls.loader import Knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A call as the tabs take it. `store` is for the thread that builds them."""

    row: CallRow
    exchange: Exchange
    call: DecodedCall
    about: About
    store: Store


def load(store: Store, capture: str, seq: int, knowing: Knowing) -> Loaded:
    """Read and decode. SourceError where the call is gone."""
    row = store.row(capture, seq)
    exchange = store.exchange(capture, seq)
    call = decode_exchange(exchange)
    knowing.see(row, call)
    return Loaded(row=row, exchange=exchange, call=call, about=knowing.about(row.session), store=store)
