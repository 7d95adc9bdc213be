"""What texts look like: references, uuids, dates; also inside longer texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.golden import Symbol

UUID_PATTERN = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_REF = re.compile(rf"(?:OpaqueRef:|Ref:)?{UUID_PATTERN}|DummyRef:\|{UUID_PATTERN}\|.*", re.DOTALL)
_OPAQUE = re.compile(rf"(?:OpaqueRef|Ref):{UUID_PATTERN}|DummyRef:.*", re.DOTALL)
REF_INSIDE = rf"(?:OpaqueRef:|Ref:)?(?<![0-9a-fA-F]){UUID_PATTERN}(?![0-9a-fA-F])"
"""The pattern of a reference or uuid inside a text."""
_INSIDE = re.compile(REF_INSIDE)
_TIME = re.compile(r"[0-9]{8}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?")
_NEVER = "19700101T00:00:00"


def is_ref(text: str) -> bool:
    """Whether `text` is shaped like a reference or a uuid (the null reference is a constant, not one)."""
    return _REF.fullmatch(text) is not None


def is_opaque(text: str) -> bool:
    """Whether `text` is a reference as XAPI writes them, which no uuid is."""
    return _OPAQUE.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Whether `text` is a date as xend or XAPI write their own; the epoch, which means never, is a constant."""
    return _TIME.fullmatch(text) is not None and not text.startswith(_NEVER)


def refs_inside(text: str) -> list[str]:
    """The references within a longer text, in order."""
    # Most texts are shorter than any uuid.
    return _INSIDE.findall(text) if len(text) > 36 and "-" in text else []


def split_text(text: str, symbol: Callable[[str], Symbol | None]) -> tuple[str | Symbol, ...]:
    """A longer text in parts: the references that have a `symbol` as such, what stands between them as text."""
    parts: list[str | Symbol] = []
    at = 0
    for match in _INSIDE.finditer(text):
        found = symbol(match[0])
        if found is None:
            continue
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append(found)
        at = match.end()
    if at < len(text) or not parts:
        parts.append(text[at:])
    return tuple(parts)
