"""The plainest HTTP there is, without h11: the same head sent again, an answer that came whole in one piece.

Invariant: nothing is taken for plain that h11 would read in another way, or refuse.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import h11

_HEADS = 128
_LONGEST = 4096
_HEAD = re.compile(
    rb"HTTP/1\.1 [2-5]\d\d [\x20-\x7e]*\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\r\n)*\r\n"
)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d{1,9})\r\n")
_BODILESS = (b"204", b"304")


class Plain(NamedTuple):
    """An answer: its head with the empty line, its body."""

    head: bytes
    body: bytes


@lru_cache(maxsize=_HEADS)
def written(target: str, headers: tuple[tuple[str, str], ...]) -> tuple[h11.Request, bytes]:
    """The head of a POST for h11, and as it goes over the wire. Raises h11.LocalProtocolError for one that
    cannot be written."""
    request = h11.Request(method="POST", target=target, headers=list(headers))
    return request, h11.Connection(h11.CLIENT).send(request) or b""


def plain_answer(data: bytes) -> Plain | None:
    """The answer that `data` is, no byte more or less; None where that is not plain."""
    end = data.find(b"\r\n\r\n", 0, _LONGEST) + 4
    if end < 4:
        return None
    length = _length(data[:end])
    if length is None or len(data) != end + length:
        return None
    return Plain(data[:end], data[end:])


@lru_cache(maxsize=_HEADS)
def _length(head: bytes) -> int | None:
    """How long the body is, where the head says that and nothing else of how the answer goes on."""
    if _HEAD.fullmatch(head) is None or head[9:12] in _BODILESS:
        return None
    low = head.lower()
    if b"\r\ntransfer-encoding:" in low or b"\r\nupgrade:" in low:
        return None
    if low.count(b"\r\nconnection:") != low.count(b"\r\nconnection: keep-alive\r\n"):
        return None
    found = _LENGTH.search(low)
    if found is None or low.count(b"\r\ncontent-length:") != 1:
        return None
    return int(found[1])
