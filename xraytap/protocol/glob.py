"""Patterns with `*` and `?`: any run of characters, any one character. Nothing else is special.

Two rules make a pattern mean here exactly what LIKE means in SQLite, so that the store may answer: only the
letters A to Z are matched whatever their case, and a text ends at its first NUL.
"""

from __future__ import annotations

from functools import lru_cache

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def glob_matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` fits. Time grows at worst with the product of the lengths, whatever the
    pattern: a regular expression of many `.*` would not stop at that."""
    segments = _segments(pattern)
    text = fold(text)
    first = segments[0]
    if len(segments) == 1:
        return len(text) == len(first) and _at(first, text, 0)
    last = segments[-1]
    end = len(text) - len(last)
    if end < len(first) or not _at(first, text, 0) or not _at(last, text, end):
        return False
    at = len(first)
    for segment in segments[1:-1]:
        # The leftmost fit leaves the most room for what follows.
        found = _find(segment, text, at, end)
        if found < 0:
            return False
        at = found + len(segment)
    return True


def fold(text: str) -> str:
    """The text as patterns see it."""
    if "\0" in text:
        text = text[: text.index("\0")]
    return text.lower() if text.isascii() else text.translate(_LOWER)


@lru_cache(maxsize=256)
def _segments(pattern: str) -> tuple[str, ...]:
    segments = fold(pattern).split("*")
    return (segments[0], *(each for each in segments[1:-1] if each), *segments[1:][-1:])


def _at(segment: str, text: str, at: int) -> bool:
    if "?" not in segment:
        return text.startswith(segment, at)
    return all(want in ("?", got) for want, got in zip(segment, text[at : at + len(segment)], strict=True))


def _find(segment: str, text: str, at: int, end: int) -> int:
    if "?" not in segment:
        return text.find(segment, at, end)
    for start in range(at, end - len(segment) + 1):
        if _at(segment, text, start):
            return start
    return -1
