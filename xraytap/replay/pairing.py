"""What two corresponding answers teach: which reference of the new host stands where the recording has one.

Order says nothing in a set; there records pair by uuid, by name, by likeness, and only what is left by
position. References in a set without anything beside them make a `Pool`, settled when more is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.correlate.objects import NULL_REFS
from xraytap.protocol.symbols.shapes import is_ref
from xraytap.protocol.values import members
from xraytap.replay.mapping import Strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.datamodel.types import Type
    from xraytap.protocol.values import Value
    from xraytap.replay.mapping import Mapping

    type Record = dict[str, Value]

_AFFORDABLE = 10_000
"""Pairs of records whose likeness is looked at for one answer."""


@dataclass(slots=True, kw_only=True)
class Pool:
    """The references of one set: `olds` in the recording, `news` on the host, each in the order of its answer."""

    class_name: str
    olds: list[str]
    news: list[str] = field(default_factory=list)


class Pairing:
    """Learns into `mapping`. `pools` are the sets seen, by each reference of the recording that they hold."""

    def __init__(self, mapping: Mapping, model: Model | None) -> None:
        self._mapping = mapping
        self._model = model
        self.pools: dict[str, Pool] = {}

    def learn(self, old: Value, new: Value, type_: Type | None, strength: Strength = Strength.PLACE) -> None:
        """Take in two values of one place; `type_` is what the data model says of it, None for unknown."""
        kind = "" if type_ is None else type_.kind
        if type_ is not None and kind in ("option", "union"):
            self.learn(old, new, type_.of[0], strength)
        elif isinstance(old, str):
            if isinstance(new, str):
                self._mapping.learn_text(str(old), str(new), strength)
        elif isinstance(old, list) and isinstance(new, list):
            inner = type_.of[0] if type_ is not None and kind == "set" else None
            self._array(old, new, inner, strength, as_set=kind == "set")
        else:
            mine, theirs = members(old), members(new)
            if mine is not None and theirs is not None:
                self._struct(dict(mine), dict(theirs), type_, strength)

    def events(self, old: Sequence[Record], new: Sequence[Record]) -> None:
        """Take in two batches of events: those of one class and operation pair as records do."""
        groups: dict[tuple[str, str], tuple[dict[str, Record], dict[str, Record]]] = {}
        for side, batch in enumerate((old, new)):
            for event in batch:
                ref = str(event.get("ref") or "")
                key = (str(event.get("class", "")).lower(), str(event.get("operation", "")))
                snapshot = dict(members(event.get("snapshot")) or ())
                if ref and snapshot:
                    groups.setdefault(key, ({}, {}))[side][ref] = snapshot
        for (name, _), (mine, theirs) in groups.items():
            self._records(mine, theirs, self._record_type(name))

    def likeness(self, old: Value, new: Value) -> float:
        """How alike two answers about objects of one class are; 0 and less for not at all."""
        mine, theirs = members(old), members(new)
        if mine is not None and theirs is not None:
            return self._likeness(dict(mine), dict(theirs), exact=True)
        return float(isinstance(old, str) and old == new)

    # -- inside -------------------------------------------------------------------------------------

    def _array(
        self, old: list[Value], new: list[Value], inner: Type | None, strength: Strength, *, as_set: bool
    ) -> None:
        if _all_refs(old) and _all_refs(new):
            olds, news = [str(each) for each in old], [str(each) for each in new]
            if len(olds) == len(news) == 1:
                self._mapping.learn(olds[0], news[0], strength)
            elif as_set or inner is not None:
                self._pool(inner.name if inner is not None else "", olds, news)
            else:
                for one, other in zip(olds, news, strict=False):
                    self._mapping.learn(one, other, strength)
        elif as_set and all(isinstance(each, dict) for each in (*old, *new)):
            mine = {str(number): dict(members(each) or ()) for number, each in enumerate(old)}
            theirs = {str(number): dict(members(each) or ()) for number, each in enumerate(new)}
            for one, other, sure in self._matched(mine, theirs):
                self._struct(mine[one], theirs[other], inner, min(strength, sure))
        else:
            for one_value, other_value in zip(old, new, strict=False):
                self.learn(one_value, other_value, inner, strength)

    def _struct(self, old: Record, new: Record, type_: Type | None, strength: Strength) -> None:
        kind = "" if type_ is None else type_.kind
        by_ref = (kind == "map" and type_ is not None and type_.of[0].kind == "ref") or (
            bool(old) and all(map(is_ref, old))
        )
        if by_ref and old and new:
            inner = type_.of[1] if kind == "map" and type_ is not None else None
            mine = {ref: dict(members(each) or ()) for ref, each in old.items()}
            theirs = {ref: dict(members(each) or ()) for ref, each in new.items()}
            self._records(mine, theirs, inner)
            return
        fields = (
            self._model.fields(kind, type_.name)
            if self._model is not None and type_ is not None and kind in ("record", "struct")
            else {}
        )
        for name, value in old.items():
            if name in new:
                inner = fields.get(name)
                if inner is None and kind == "map" and type_ is not None:
                    inner = type_.of[1]
                self.learn(value, new[name], inner, strength)

    def _records(self, old: dict[str, Record], new: dict[str, Record], inner: Type | None) -> None:
        for one, other, sure in self._matched(old, new):
            self._mapping.learn(one, other, sure)
            if sure > Strength.POSITION:
                # What hangs on an object is as sure as the object itself is.
                self._struct(old[one], new[other], inner, min(sure, Strength.PLACE))

    def _matched(self, old: dict[str, Record], new: dict[str, Record]) -> list[tuple[str, str, Strength]]:
        """Which record is which: known already, by uuid, by name, by likeness, by position."""
        found: list[tuple[str, str, Strength]] = []
        mine, theirs = dict(old), dict(new)

        def pair(one: str, other: str, sure: Strength) -> None:
            found.append((one, other, sure))
            del mine[one], theirs[other]

        for one in old:
            other, sure = self._mapping.get(one), self._mapping.strength(one)
            if sure is not None and sure > Strength.ALIKE:
                if other in theirs:
                    pair(one, str(other), sure)
                else:
                    del mine[one]  # it is known, and not among these
        for name in ("uuid", "name_label"):
            there = _unique(theirs, name)
            for text, one in _unique(mine, name).items():
                if text in there and not self._mapping.claimed(there[text]):
                    pair(one, there[text], Strength.IDENTITY)
        if len(mine) * len(theirs) <= _AFFORDABLE:
            exact = len(old) == len(new)
            ranked = sorted(
                (
                    (self._likeness(mine[one], theirs[other], exact=exact), -i, -j, one, other)
                    for i, one in enumerate(mine)
                    for j, other in enumerate(theirs)
                ),
                reverse=True,
            )
            for score, _, _, one, other in ranked:
                if score > 0 and one in mine and other in theirs:
                    pair(one, other, Strength.ALIKE)
        if len(mine) == len(theirs):
            found += [(one, other, Strength.POSITION) for one, other in zip(mine, theirs, strict=True)]
        return found

    def _likeness(self, old: Record, new: Record, *, exact: bool) -> float:
        """How many plain fields agree; positive if enough do. Where one side has more records than the other
        (not `exact`), another name is another object."""
        score = 0.0
        for name, value in old.items():
            other = new.get(name)
            if name == "name_label" and value != other:
                if not exact:
                    return 0.0
                score -= 1
            elif isinstance(value, str) and is_ref(value):
                score += 2 if self._mapping.get(value) == other else 0
            elif isinstance(value, str | int | float):
                score += 1 if value == other else -0.25
        return score

    def _pool(self, class_name: str, olds: list[str], news: list[str]) -> None:
        pool = Pool(class_name=class_name, olds=olds, news=news)
        for each in olds:
            self.pools[each] = pool
        taken = {self._mapping.get(each) for each in olds if self._sure(each)}
        free = [each for each in news if each not in taken and not self._mapping.claimed(each)]
        open_ones = [each for each in olds if not self._sure(each)]
        for one, other in zip(open_ones, free, strict=False):
            self._mapping.learn(one, other, Strength.POSITION)

    def _sure(self, old: str) -> bool:
        strength = self._mapping.strength(old)
        return strength is not None and strength > Strength.POSITION

    def _record_type(self, name: str) -> Type | None:
        from xraytap.protocol.datamodel.types import Type

        if self._model is None:
            return None
        known = next((each for each in self._model.classes() if each.lower() == name), None)
        return None if known is None else Type(kind="record", name=known)


def _all_refs(values: list[Value]) -> bool:
    return bool(values) and all(
        isinstance(each, str) and (is_ref(str(each)) or each in NULL_REFS) for each in values
    )


def _unique(records: dict[str, Record], name: str) -> dict[str, str]:
    """Each text that exactly one record has in a field, with the record that has it."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for ref, record in records.items():
        text = record.get(name)
        if isinstance(text, str) and text:
            if str(text) in found:
                twice.add(str(text))
            found[str(text)] = ref
    return {text: ref for text, ref in found.items() if text not in twice}
