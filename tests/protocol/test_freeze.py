"""A capture frozen: which API, where from, what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.recorded import exchanges
from xraytap import __version__
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.symbols.freeze import freeze

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall


def recorded(folder: str) -> list[tuple[CallRow, DecodedCall]]:
    return [
        (full_row(each, capture=folder, seq=seq), decode_exchange(each))
        for seq, each in enumerate(exchanges(folder), 1)
    ]


def test_it_tells_the_day_and_the_program() -> None:
    frozen = freeze(recorded("py27-example-session"))
    assert frozen.left_out == ()
    assert frozen.golden.api == "xend 1.0"
    assert dict(frozen.golden.recorded) == {"at": "2023-11-14", "with": f"xraytap {__version__}"}


@pytest.mark.parametrize("transport", ["xmlrpc", "jsonrpc 2.0"])
def test_it_knows_xapi(transport: str) -> None:
    talk = conversation(transport)
    numbers = range(1, len(talk.exchanges) + 1)
    assert freeze((talk.row(seq), talk.decode(seq)) for seq in numbers).golden.api == "XAPI"


def test_what_is_left_out_is_told() -> None:
    frozen = freeze(recorded("raw-requests"), api="xapi")
    assert [seq for seq, _ in frozen.left_out] == [3, 4, 5, 6, 7, 9]
    assert frozen.left_out[3] == (6, "it is no RPC call")
    assert len(frozen.golden.calls) == 3
    assert frozen.golden.api == "XAPI"


def test_of_no_calls_it_makes_an_empty_golden() -> None:
    frozen = freeze([], timed=True)
    assert (frozen.golden.calls, frozen.left_out) == ((), ())
