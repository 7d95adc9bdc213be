"""Whether bytes that we cannot decode may hold a secret for somebody more lenient.

Invariant: linear in the bytes, whatever they are; in doubt yes.
"""

from __future__ import annotations

import html
import re

from xraytap.protocol.secrets_table import PARAMETERS

_LAST_PARTS = tuple(
    sorted(
        {name.rpartition(".")[2] for name in PARAMETERS} - {"create", "join", "make"}
        | {"multicall", "pool_secret"}
    )
)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.\-]+)\s+["']([^"']{0,500})""")
_ENTITY_ROUNDS, _ENTITY_TEXT = 4, 1 << 16


def mentions_a_secret(body: bytes) -> bool:
    """Whether somebody more lenient than we are could read a call with secrets out of these bytes."""
    ascii_like = _with_entities(body.replace(b"\0", b"").decode("latin-1"))
    return any(map(_names_a_secret, (*ascii_like, body.decode("cp037"))))


def _names_a_secret(text: str) -> bool:
    for start, end in (("<!--", "-->"), ("<?", "?>")):
        text = _without(text, start, end)
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), html.unescape(text))
    return any(part in text for part in _LAST_PARTS) or re.search(r"(?i)authorization\s*:", text) is not None


def _without(text: str, start: str, end: str) -> str:
    """The text without what stands between the marks, in linear time whatever it is."""
    kept = []
    at = 0
    while (found := text.find(start, at)) >= 0 and (behind := text.find(end, found)) >= 0:
        kept.append(text[at:found])
        at = behind + len(end)
    return "".join([*kept, text[at:]])


def _with_entities(text: str) -> tuple[str, ...]:
    """The text, and what a host that reads a DTD, as xend does, would read for the entities declared in it
    where the method's name stands. Bounded: bombs are no calls."""
    declared = dict(_ENTITY.findall(text[:_ENTITY_TEXT]))
    if not declared:
        return (text,)
    expanded = text
    for _ in range(_ENTITY_ROUNDS):
        expanded = re.sub(
            r"&([\w.\-]+);", lambda match: declared.get(match[1], match[0]), expanded[:_ENTITY_TEXT]
        )
    return text, expanded
