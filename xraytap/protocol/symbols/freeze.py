"""A whole capture as a golden: which API it speaks, where it comes from, and what of it cannot stand in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xraytap import __version__
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.symbols.make import golden_of, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.golden import Golden
    from xraytap.protocol.summary import DecodedCall

APIS = {"xend": "xend", "xapi": "XAPI"}
"""The API's name in a golden, by its data model's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """`left_out` has number and reason of each call that is not in the golden."""

    golden: Golden
    left_out: tuple[tuple[int, str], ...]


def freeze(
    calls: Iterable[tuple[CallRow, DecodedCall]], *, api: str = "auto", about: str = "", timed: bool = False
) -> Frozen:
    """`api` is `xend`, `xapi`, or `auto` for what the calls look like. `timed` keeps how long each took."""
    known = list(calls)
    left_out = [(row.seq, reason) for row, call in known if (reason := unfit(row, call)) is not None]
    if api == "auto":
        api = guess_api(call for _, call in known)
    recorded = {"with": f"xraytap {__version__}"}
    if known:
        day = datetime.fromtimestamp(known[0][0].started_at_us / 1e6, UTC)
        recorded = {"at": f"{day:%Y-%m-%d}", **recorded}
    golden = golden_of(known, api=APIS[api], about=about, recorded=recorded, timed=timed)
    return Frozen(golden=golden, left_out=tuple(left_out))
