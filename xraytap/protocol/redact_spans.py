"""Replacing values in XML-RPC bytes without touching the rest: spans of `<value>` elements.

Only for the plain layout that real peers write; `is_plain` says whether a body has it. What it does not
follow to its end it cuts there: a cut body tells less, a missed secret tells all.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from xraytap.protocol.redact_rules import NEEDLES, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLACE = b"<value><string>&lt;redacted&gt;</string></value>"
CUT = b"<!-- redacted: the rest of this body -->"

_VALUE = re.compile(rb"<value>|<value/>|</value>")
_PARAM = re.compile(rb"<param>\s*+(?=<value>)")
_MEMBER_NAME = re.compile(rb"<name>([^<]*+)</name>\s*+(?=<value>)")
_TEXT = re.compile(rb"<value>\s*+(?:<string>(?!</string>)|[^<\s])")
_LONGEST_NAME = 300
_MEMBER = re.compile(rb"<name>([^<&]*+)</name>\s*+(?=<value>)")
# CDATA, comments and declarations; references to characters; tags with attributes, blanks or prefixes.
_ODD = re.compile(rb"<!|&#|<\?(?!xml )|</?[\w.]+[\s:]|</?(?:param|value|name|member|struct|methodName)\s")
_EMPTY = re.compile(
    rb"<value>\s*+(?:<struct>\s*+</struct>|<struct/>|<array>\s*+<data>\s*+</data>\s*+</array>)\s*+</value>"
)


def is_plain(body: bytes) -> bool:
    """Whether tags can be found by their bytes."""
    return _ODD.search(body) is None


def value_end(body: bytes, start: int) -> int | None:
    """Where the `<value>` that begins at `start` ends; None if it does not."""
    depth = 0
    for match in _VALUE.finditer(body, start):
        token = match[0]
        if token == b"<value>":
            depth += 1
        elif token == b"</value>":
            depth -= 1
        if depth == 0:
            return match.end()
    return None


def parameter(body: bytes, position: int) -> int | None:
    """Where the value of the parameter at `position` (from 0) begins."""
    at = 0
    for _ in range(position + 1):
        match = _PARAM.search(body, at)
        if match is None:
            return None
        start = match.end()
        end = value_end(body, start)
        at = len(body) if end is None else end
    return start


def members(
    body: bytes, names: frozenset[bytes], start: int = 0, end: int | None = None
) -> list[tuple[int, bytes]]:
    """Where the values of members so named begin, at any depth, with the name."""
    return [
        (match.end(), match[1].strip())
        for match in _MEMBER.finditer(body, start, len(body) if end is None else end)
        if match[1].strip() in names
    ]


def named_members(body: bytes, judge: Callable[[str], Verdict], *, every: bool) -> list[tuple[int, str]]:
    """Where the values of members begin that `judge` takes for secret, with the name. Only names that hold a
    needle are looked at, unless `every` name may be one."""
    found: dict[int, str] = {}
    for match in _MEMBER_NAME.finditer(body) if every else _with_needles(body):
        name = html.unescape(match[1].strip().decode("utf-8", "replace"))
        verdict = judge(name)
        if verdict is Verdict.WHOLE or (verdict is Verdict.TEXT and _TEXT.match(body, match.end())):
            found[match.end()] = name
    return sorted(found.items())


def _with_needles(body: bytes) -> Iterator[re.Match[bytes]]:
    lower = body.lower()
    for needle in NEEDLES:
        at = lower.find(needle)
        while at >= 0:
            tag = lower.rfind(b"<", max(0, at - _LONGEST_NAME), at)
            match = _MEMBER_NAME.match(body, tag) if tag >= 0 else None
            if match is not None:
                yield match
            at = lower.find(needle, at + len(needle) if match is None else match.end())


def replace_values(body: bytes, starts: list[int]) -> bytes:
    """`body` with the values that begin at `starts` (ascending) replaced; empty containers stay."""
    out: list[bytes] = []
    done = 0
    for start in starts:
        if start < done:  # inside one that is gone already
            continue
        end = value_end(body, start)
        if end is None:
            return b"".join([*out, body[done:start], CUT])
        if _EMPTY.fullmatch(body, start, end):
            continue
        out += (body[done:start], PLACE)
        done = end
    return b"".join([*out, body[done:]]) if out else body
