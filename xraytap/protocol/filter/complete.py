"""What may come next while a filter is being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.filter.classes import class_fields
from xraytap.protocol.filter.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST = 50
_KEYWORDS = {"and": "both must hold", "or": "one must hold", "not": "must not hold"}
_FLAGS = ("yes", "no")
_PLAIN = re.compile(r"[^\s()\",]+")


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
    names: Mapping[str, Iterable[str]] | None = None,
) -> list[Completion]:
    """What fits at the cursor: fields and keywords, or values of the field that is being written.

    `methods`, `classes` and `errors` are those met so far, `names` the names of objects by class
    (`Objects.names_by_class`). At most MOST, those that begin with what is
    written before those that contain it; nothing inside quotes.
    """
    written = text[: max(0, cursor)]
    if written.replace('\\"', "").count('"') % 2:
        return []
    start = 1 + max(written.rfind(each) for each in " \t\n()")
    name, colon, value = written[start:].partition(":")
    if not colon:
        return list(_fields(written[start:], start, names or {}))[:MOST]
    field = FIELDS.get(name.lower())
    if field is None or name.lower() == "ref":
        return _objects(name, value, len(written), names or {})
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


def _objects(name: str, value: str, end: int, names: Mapping[str, Iterable[str]]) -> list[Completion]:
    """Names learnt, of one class or for `ref:` of all; in quotes where they need them."""
    ref = name.lower() == "ref"
    class_name = None if ref else class_fields().get(name.lower())
    if not ref and class_name is None:
        return []
    known = {each: class_ for class_, those in names.items() if ref or class_ == class_name for each in those}
    last = value.rpartition(",")[2]
    found = [
        Completion(_quoted(each), end - len(last), f"{known[each]} of this name")
        for each in _near(sorted(known), last)
    ]
    if found or value:
        return found[:MOST]
    example = FIELDS["ref"].example.partition(":")[2] if ref else "guest002"
    about = FIELDS["ref"].description if ref else f"{class_name} by name, uuid or reference"
    return [Completion(example, end, f"{about}, for example")]


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _fields(word: str, start: int, names: Mapping[str, Iterable[str]]) -> Iterator[Completion]:
    for name in _near(FIELDS, word):
        yield Completion(f"{name}:", start, FIELDS[name].description)
    classes = class_fields() if word else {each.lower(): each for each in names if each.lower() not in FIELDS}
    for name in _near(sorted(classes), word):
        yield Completion(f"{name}:", start, f"{classes[name]} by name, uuid or reference")
    for keyword, description in _KEYWORDS.items():
        if word and keyword.startswith(word.lower()):
            yield Completion(f"{keyword} ", start, description)


def _near(known: Iterable[str], word: str) -> list[str]:
    wanted = word.lower()
    holding = [each for each in known if wanted in each.lower()]
    return sorted(holding, key=lambda each: not each.lower().startswith(wanted))
