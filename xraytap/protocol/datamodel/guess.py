"""Which API a capture speaks, from what only one of the two hosts writes (wire facts, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.values import Bare, members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

ENOUGH = 30
"""Calls after which a guess is made even without a sure sign."""


def guess_api(calls: Iterable[DecodedCall]) -> str:
    """`xapi` or `xend`. Stops at the first sure sign; xend where none comes, as its traffic is the plainer."""
    for number, call in enumerate(calls):
        sign = _sign(call)
        if sign is not None:
            return sign
        if number >= ENOUGH:
            break
    return "xend"


def _sign(call: DecodedCall) -> str | None:
    request, response = call.request, call.response
    if request is not None:
        if request.protocol == "jsonrpc" or request.name == "event.from":
            return "xapi"
        if request.name.startswith("xend."):
            return "xend"
        if any(isinstance(each, str) and each.startswith("OpaqueRef:") for each in request.params):
            return "xapi"
    if response is None or response.fault is not None:
        return None
    status = next((value for name, value in members(response.value) or () if name == "Status"), None)
    if isinstance(status, Bare):
        return "xapi"
    return "xend" if isinstance(status, str) and _plain(status) else None


def _plain(value: Value) -> bool:
    return type(value) is str
