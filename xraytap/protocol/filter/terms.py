"""One word of a filter to its meaning: a field with its values, or text to search for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, cast

from xraytap.errors import FilterError
from xraytap.protocol.filter.ast import And, Flag, Glob, Named, OneOf, Or, Text
from xraytap.protocol.filter.classes import class_fields
from xraytap.protocol.filter.fields import FIELDS
from xraytap.protocol.filter.quantities import moment, number_range
from xraytap.protocol.glob import fold
from xraytap.protocol.messages import ASYNC_PREFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from xraytap.protocol.filter.ast import Expr
    from xraytap.protocol.filter.lex import Char, Token

_HEAD = re.compile(r"([A-Za-z_-]+)(:|>=|<=|>|<|=)")
_SIGNS_ONLY = re.compile(r"[<>=:]+")
_REF_MARK = "opaqueref"
_FLAGS = {"yes": True, "no": False, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class _Item:
    """One value of a list, and where it stands."""

    text: str
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Reads words; keeps what all of them need."""

    text: str
    today: date | None
    tz: tzinfo | None

    def read(self, token: Token) -> Expr:
        """The meaning of one word. FilterError where it has none."""
        bare = "".join("\0" if each.quoted else each.text for each in token.chars)
        head = _HEAD.match(bare)
        # `OpaqueRef:...` is how XAPI writes references: people paste them to search for them.
        if head is None or head[1].lower() == _REF_MARK:
            if _SIGNS_ONLY.fullmatch(bare):
                raise self._error(
                    f"'{_cut(token.text)}' stands alone; write field, sign and value without blanks: ms>500",
                    token.start,
                    token.end - token.start,
                )
            return Text(token.text)
        name, sign = head[1].lower(), head[2]
        class_name = None if name in FIELDS else class_fields().get(name)
        if name not in FIELDS and class_name is None:
            raise self._unknown(head[1], token.start)
        if class_name is not None:
            if sign not in (":", "="):
                raise self._error(
                    f"'{sign}' compares numbers; {name} takes a colon and a name: {name}:guest002",
                    token.start + head.end(1),
                    len(sign),
                )
            items = self._items(f"{name}:guest002", token.chars[head.end() :], token)
            named = tuple(Named(class_name, each.text) for each in items)
            return named[0] if len(named) == 1 else Or(named)
        if FIELDS[name].kind != "number" and sign not in (":", "="):
            numeric = " ".join(each for each, field in FIELDS.items() if field.kind == "number")
            raise self._error(
                f"'{sign}' compares numbers ({numeric}); {name} takes a colon: {FIELDS[name].example}",
                token.start + head.end(1),
                len(sign),
            )
        # For a number the sign is a part of its value: ms>5 is ms:>5.
        skip = head.end(1) if sign not in (":", "=") else head.end()
        return self._field(name, token.chars[skip:], token)

    def _field(self, name: str, chars: Sequence[Char], token: Token) -> Expr:
        kind = FIELDS[name].kind
        items = self._items(FIELDS[name].example, chars, token)
        if kind == "time":
            return self._time(name, items)
        if kind == "word":
            return OneOf(name, frozenset(self._word(name, each) for each in items))
        parts: list[Expr] = []
        for item in items:
            if kind == "flag":
                parts.append(self._flag(name, item))
            elif kind == "number":
                try:
                    parts.append(number_range(name, item.text))
                except ValueError as error:
                    raise self._error(str(error), item.column, item.length) from None
            else:
                parts.append(_glob(name, item.text))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _items(self, example: str, chars: Sequence[Char], token: Token) -> list[_Item]:
        """The values between commas."""
        groups: list[list[Char]] = [[]]
        ends: list[int] = []
        for each in chars:
            if each.text == "," and not each.quoted:
                ends.append(each.column)
                groups.append([])
            else:
                groups[-1].append(each)
        ends.append(token.end)
        items = []
        for group, end in zip(groups, ends, strict=True):
            if not group and not (token.quoted and len(groups) == 1):
                # An empty pair of quotes is a value too, if a strange one; nothing at all is a slip.
                raise self._error(f"a value is missing; for example {example}", end, 1)
            text = "".join(each.text for each in group)
            column = group[0].column if group else end - 1
            last = group[-1].column + 1 if group else end
            items.append(_Item(text, column, last - column))
        return items

    def _word(self, name: str, item: _Item) -> str:
        words = FIELDS[name].words
        word = item.text.lower()
        if word in words:
            return word
        raise self._error(
            f"'{_cut(item.text)}' is no {name}; one of {' '.join(words)}", item.column, item.length
        )

    def _flag(self, name: str, item: _Item) -> Flag:
        wanted = _FLAGS.get(item.text.lower())
        if wanted is None:
            raise self._error(
                f"'{_cut(item.text)}' is neither yes nor no; {name} takes one of them",
                item.column,
                item.length,
            )
        return Flag(name, wanted)

    def _time(self, name: str, items: list[_Item]) -> Expr:
        if len(items) > 1:
            raise self._error(f"{name} takes one time, no list", items[1].column, items[1].length)
        item = items[0]
        try:
            side = cast("Literal['after', 'before']", name)
            return moment(side, item.text, today=self.today, tz=self.tz)
        except ValueError as error:
            raise self._error(str(error), item.column, item.length) from None

    def _unknown(self, name: str, column: int) -> FilterError:
        near: list[str] = []
        for known, cutoff in ((FIELDS, 0.6), (class_fields(), 0.6), (FIELDS, 0.5)):
            near = near or get_close_matches(name.lower(), known, n=1, cutoff=cutoff)
        hint = f"; did you mean {near[0]}?" if near else "."
        return self._error(
            f"there is no field '{_cut(name)}'{hint} There are {' '.join(FIELDS)}, "
            "and classes, which take a name: vm:guest002. "
            "To search for it as text, put it in quotes",
            column,
            len(name),
        )

    def _error(self, reason: str, column: int, length: int) -> FilterError:
        return FilterError(reason, text=self.text, column=column, length=length)


def _glob(name: str, pattern: str) -> Expr:
    """A pattern for a method may spell Async. out, which rows keep apart."""
    if name == "method":
        for prefix in ASYNC_PREFIXES:
            if fold(pattern).startswith(fold(prefix)):
                return And((Flag("async", wanted=True), Glob(name, pattern[len(prefix) :])))
    return Glob(name, pattern)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
