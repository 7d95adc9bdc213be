"""The columns of the table: what each shows, how wide it is, which go first where room is short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.store.pages import SortKey

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`least` and `most` are widths in cells; `share` is what it gets of the room that is left. Where the
    room is too short, those with the highest `leaves` go first; 0 stays, and may get half of
    `least`. `sort`: what a list can be ordered by."""

    id: str
    title: str
    help: str
    least: int
    most: int
    share: int = 0
    right: bool = False
    leaves: int = 0
    sort: SortKey | None = None


COLUMNS = {
    each.id: each
    for each in (
        Column(
            id="mark", title="", help="Your mark or note", least=1, most=1, leaves=7
        ),
        Column(
            id="seq", title="seq", help="Number in the capture", least=5, most=8, right=True, sort=SortKey.SEQ
        ),
        Column(id="time", title="time", help="When the request began", least=12, most=12, right=True, leaves=4),
        Column(id="sign", title="", help="Outcome as a sign", least=1, most=1),
        Column(
            id="method",
            title="method",
            help="Class.message",
            least=28,
            most=38,
            share=4,
            sort=SortKey.METHOD,
        ),
        Column(
            id="params", title="parameters", help="The parameters that matter", least=14, most=200, share=4, leaves=6
        ),
        Column(id="outcome", title="outcome", help="What came back", least=22, most=120, share=3),
        Column(id="task", title="task", help="Asynchronous call: its task", least=9, most=9, leaves=8),
        Column(
            id="ms",
            title="ms",
            help="Milliseconds to the answer",
            least=7,
            most=8,
            right=True,
            sort=SortKey.ELAPSED,
        ),
        Column(id="out", title="B out", help="Bytes of the request", least=7, most=8, right=True, leaves=9),
        Column(
            id="back",
            title="B back",
            help="Bytes of the answer",
            least=7,
            most=8,
            right=True,
            leaves=5,
            sort=SortKey.SIZE,
        ),
        Column(id="session", title="session", help="The session's token", least=8, most=8, leaves=10),
        Column(id="client", title="client", help="Address and port of the client", least=15, most=21, leaves=11),
        Column(id="connection", title="conn", help="Number of the connection", least=4, most=6, right=True, leaves=12),
        Column(id="protocol", title="proto", help="xmlrpc, jsonrpc, http or tcp", least=7, most=7, leaves=13),
    )
}  # fmt: skip

CHOSEN = ("mark", "seq", "time", "sign", "method", "params", "outcome", "ms", "back")
"""What the table shows until somebody chooses."""

GAP = 1


def fit(chosen: Sequence[str], width: int, digits: int = 0) -> list[tuple[Column, int]]:
    """The columns that there is room for in `width` cells, each with its width; `digits`: of the highest seq."""
    columns = [COLUMNS[each] for each in chosen if each in COLUMNS]
    widths = {each.id: max(each.least, digits if each.id == "seq" else 0) for each in columns}

    def room() -> int:
        return width - sum(widths[each.id] for each in columns) - GAP * (len(columns) - 1)

    while room() < 0:
        going = max(columns, key=lambda each: each.leaves)
        if not going.leaves:
            widths.update({each.id: each.least // 2 for each in columns if each.share})
            break
        columns.remove(going)
    while (left := room()) > 0:
        growing = [each for each in columns if each.share and widths[each.id] < each.most]
        if not growing:
            break
        shares = sum(each.share for each in growing)
        for each in growing:
            more = max(1, left * each.share // shares)
            widths[each.id] += min(more, each.most - widths[each.id], max(0, room()))
    return [(each, widths[each.id]) for each in columns]
