"""What the bar offers while something is written: saved filters, completions, what was written before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.filter import completions
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xraytap.store.seen import Seen

_MOST = 50
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-/@+*?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`text` takes the place of what stands between `start` and the cursor; `shown` and `about` are for the
    eye. `saved`: the name of the filter that this is."""

    text: str
    start: int
    shown: str
    about: str
    saved: str | None = None


def offers(
    written: str, cursor: int, seen: Seen, names: Mapping[str, Sequence[str]], saved: Mapping[str, str]
) -> list[Offer]:
    """What fits at the cursor, the best first."""
    found = []
    wanted = written.strip().casefold()
    if cursor == len(written):
        for name, text in saved.items():
            if wanted in name.casefold() and text != written:
                shown = f"★ {printable(name)}"
                found.append(Offer(text=text, start=0, shown=shown, about=printable(text), saved=name))
    for each in completions(
        written, cursor, methods=seen.methods, classes=seen.classes, errors=seen.errors, names=names
    ):
        if each.text != written[each.start : cursor]:
            shown = printable(each.text)
            found.append(Offer(text=quoted(each.text), start=each.start, shown=shown, about=each.description))
    return found[:_MOST]


def quoted(text: str) -> str:
    """A value as a filter takes it: in quotes where a plain word would not do, and it has none."""
    if text.startswith('"') or all(each in _PLAIN for each in text.rstrip(" ")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
