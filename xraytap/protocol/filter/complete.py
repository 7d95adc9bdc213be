"""What may come next while a filter is being typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.filter.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST = 50
_KEYWORDS = {"and": "both must hold", "or": "one must hold", "not": "must not hold"}
_FLAGS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` replaces what stands between `start` and the cursor."""

    text: str
    start: int
    description: str


def completions(
    text: str,
    cursor: int,
    *,
    methods: Iterable[str] = (),
    classes: Iterable[str] = (),
    errors: Iterable[str] = (),
) -> list[Completion]:
    """What fits at the cursor: fields and keywords, or values of the field that is being written.

    `methods`, `classes` and `errors` are those met so far. At most MOST, those that begin with what is
    written before those that contain it; nothing inside quotes.
    """
    written = text[: max(0, cursor)]
    if written.replace('\\"', "").count('"') % 2:
        return []
    start = 1 + max(written.rfind(each) for each in " \t\n()")
    name, colon, value = written[start:].partition(":")
    if not colon:
        return list(_fields(written[start:], start))[:MOST]
    field = FIELDS.get(name.lower())
    if field is None:
        return []
    known: Iterable[str]
    match name.lower():
        case "method":
            known = methods
        case "class":
            known = classes
        case "message":
            known = {each.rpartition(".")[2] for each in methods}
        case "error":
            known = errors
        case _:
            known = field.words or (_FLAGS if field.kind == "flag" else ())
    last = value.rpartition(",")[2]
    at = len(written) - len(last)
    if known:
        if not field.words and field.kind != "flag":
            known = sorted(known)
        return [Completion(each, at, field.description) for each in _near(known, last)][:MOST]
    example = field.example.partition(":")[2]
    return [] if value else [Completion(example, at, f"{field.description}, for example")]


def _fields(word: str, start: int) -> Iterator[Completion]:
    for name in _near(FIELDS, word):
        yield Completion(f"{name}:", start, FIELDS[name].description)
    for keyword, description in _KEYWORDS.items():
        if word and keyword.startswith(word.lower()):
            yield Completion(f"{keyword} ", start, description)


def _near(known: Iterable[str], word: str) -> list[str]:
    wanted = word.lower()
    holding = [each for each in known if wanted in each.lower()]
    return sorted(holding, key=lambda each: not each.lower().startswith(wanted))
