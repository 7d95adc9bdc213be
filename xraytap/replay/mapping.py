"""Which text of the new host stands for which text of the recording: references, uuids, session tokens.

A pair is learnt with a strength, and a stronger one replaces a weaker. Texts that merely hold references
(a console's URL, a task's result as XML) are translated part by part.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

from xraytap.protocol.correlate.objects import NULL_REFS
from xraytap.protocol.symbols.shapes import REF_INSIDE
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.values import Value

_TOKEN = re.compile(REF_INSIDE)
_TOKEN_BYTES = re.compile(REF_INSIDE.encode())


class Strength(IntEnum):
    """How sure a pair is. POSITION: the same place in a set, whose order says nothing. ALIKE: the records
    resemble each other. PLACE: the same place in corresponding answers. IDENTITY: the same uuid or name.
    EXPLICIT: the user said so."""

    POSITION = 0
    ALIKE = 1
    PLACE = 2
    IDENTITY = 3
    EXPLICIT = 4


class Mapping:
    """The pairs of one replay."""

    def __init__(self) -> None:
        self._new: dict[str, tuple[str, Strength]] = {}
        self._old: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._new)

    def __iter__(self) -> Iterator[tuple[str, str, Strength]]:
        return ((old, new, strength) for old, (new, strength) in self._new.items())

    def get(self, old: str) -> str | None:
        """The new host's text for `old`."""
        found = self._new.get(old)
        return None if found is None else found[0]

    def strength(self, old: str) -> Strength | None:
        """How sure the pair of `old` is; None without one."""
        found = self._new.get(old)
        return None if found is None else found[1]

    def claimed(self, new: str) -> bool:
        """Whether `new` stands for something of the recording for sure: not by its position alone."""
        old = self._old.get(new)
        return old is not None and self._new[old][1] > Strength.POSITION

    def learn(self, old: str, new: str, strength: Strength) -> None:
        """Take a pair in, unless one as strong is known. What `new` stood for by position it stands for no
        more."""
        known = self._new.get(old)
        if known is not None and (known[1] >= strength or known[0] == new):
            if known[0] == new and strength > known[1]:
                self._new[old] = (new, strength)
            return
        before = self._old.get(new)
        if before is not None and before != old and self._new[before][1] < strength:
            del self._new[before]
        if known is not None and self._old.get(known[0]) == old:
            del self._old[known[0]]
        self._new[old] = (new, strength)
        self._old[new] = old

    def learn_text(self, old: str, new: str, strength: Strength) -> None:
        """Learn from two texts at one place: references themselves, or texts that hold as many of them."""
        olds = refs_in(old)
        if not olds:
            return
        if olds == [old]:
            if new not in NULL_REFS:
                self.learn(old, new, strength)
            return
        news = refs_in(new)
        if len(news) == len(olds) and _TOKEN.split(old) == _TOKEN.split(new):
            for one, other in zip(olds, news, strict=True):
                self.learn(one, other, strength)

    def forget(self, old: str) -> None:
        """Take a pair out: the new host has nothing for `old`."""
        known = self._new.pop(old, None)
        if known is not None and self._old.get(known[0]) == old:
            del self._old[known[0]]

    def text(self, old: str) -> str:
        """`old` as the new host says it; what is unknown stays as it is."""
        found = self._new.get(old)
        if found is not None:
            return found[0]
        if len(old) < _SHORTEST:
            return old
        return _TOKEN.sub(lambda match: self.get(match[0]) or match[0], old)

    def value(self, old: Value) -> Value:
        """A whole value as the new host says it, wire types kept."""
        if isinstance(old, str):
            new = self.text(old)
            return old if new == old else type(old)(new)
        if isinstance(old, list):
            return [self.value(each) for each in old]
        if isinstance(old, dict):
            return {self.text(name): self.value(each) for name, each in old.items()}
        if isinstance(old, Struct):
            return Struct(tuple((self.text(name), self.value(each)) for name, each in old.items))
        return old


_SHORTEST = 36
"""Characters of a uuid."""


def refs_in(text: str) -> list[str]:
    """The references and uuids in a text, in order."""
    return [match[0] for match in _TOKEN.finditer(text)] if len(text) >= _SHORTEST else []


def refs_in_bytes(body: bytes) -> list[str]:
    """The references and uuids in a message as it went over the wire: quick, without decoding it."""
    return [match[0].decode("ascii") for match in _TOKEN_BYTES.finditer(body)]
