"""A whole capture as a golden: which API it speaks, where it comes from, and what of it cannot stand in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xraytap import __version__
from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.symbols.make import golden_of, unfit
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.golden import Golden
    from xraytap.protocol.summary import DecodedCall

APIS = {"xend": "xend 1.0", "xapi": "XAPI"}
"""The API's name in a golden, by its data model's. xend never had another release of it."""
_VERSION = ("API_version_major", "API_version_minor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """`left_out` has number and reason of each call that is not in the golden."""

    golden: Golden
    left_out: tuple[tuple[int, str], ...]


def freeze(
    calls: Iterable[tuple[CallRow, DecodedCall]],
    *,
    api: str = "auto",
    about: str = "",
    host: str = "",
    timed: bool = False,
) -> Frozen:
    """`api` is `xend`, `xapi`, or `auto` for what the calls look like. `host` is the URL that they were recorded
    from, for the header. `timed` keeps how long each took."""
    known = list(calls)
    left_out = [(row.seq, reason) for row, call in known if (reason := unfit(row, call)) is not None]
    if api == "auto":
        api = guess_api(call for _, call in known)
    recorded = {"with": f"xraytap {__version__}"}
    if known:
        day = datetime.fromtimestamp(known[0][0].started_at_us / 1e6, UTC)
        recorded = {"at": f"{day:%Y-%m-%d}", **recorded}
    if host:
        recorded = {"from": host, **recorded}
    title = APIS[api] if api == "xend" else f"{APIS[api]} {_version(known)}".rstrip()
    golden = golden_of(known, api=title, about=about, recorded=recorded, timed=timed)
    return Frozen(golden=golden, left_out=tuple(left_out))


def _version(calls: list[tuple[CallRow, DecodedCall]]) -> str:
    """The release of the API, `2.21`, where the host was asked for it; else nothing."""
    found: dict[str, str] = {}
    for row, call in calls:
        if row.class_name != "host" or row.outcome is not Outcome.SUCCESS or call.answer is None:
            continue
        parts = members(call.answer.value)
        for name in _VERSION:
            told = dict(parts).get(name) if parts is not None else call.answer.value
            if isinstance(told, str | int) and (parts is not None or row.message == f"get_{name}"):
                found.setdefault(name, str(told))
    return ".".join(found[name] for name in _VERSION) if len(found) == len(_VERSION) else ""
