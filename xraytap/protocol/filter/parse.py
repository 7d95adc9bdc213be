"""From a filter's text to its meaning. Grammar, loosest first:

either  = every ("or" every)*
every   = one (["and"] one)*
one     = "not" one | "(" either ")" | word
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from xraytap.errors import FilterError
from xraytap.protocol.filter.ast import And, Not, Or
from xraytap.protocol.filter.lex import tokens
from xraytap.protocol.filter.terms import Terms

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from xraytap.protocol.filter.ast import Expr
    from xraytap.protocol.filter.lex import Token

MAX_LENGTH = 20_000
MAX_DEPTH = 50
"""Parentheses and `not` inside one another: far beyond what anybody writes, far below Python's stack."""


def parse(text: str, *, today: date | None = None, tz: tzinfo | None = None) -> Expr:
    """The meaning of a filter; empty text matches every call. Raises FilterError and nothing else.

    `tz` is where times without a zone are at home, the machine's zone by default; with `today` a time alone
    means that day instead of every day.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"a filter has at most {MAX_LENGTH} characters, this one has {len(text)}",
            text=text,
            column=MAX_LENGTH,
        )
    return _Parser(text, tokens(text), Terms(text, today, tz)).whole()


class _Parser:
    def __init__(self, text: str, words: list[Token], terms: Terms) -> None:
        self._text = text
        self._tokens = words
        self._terms = terms
        self._at = 0

    def whole(self) -> Expr:
        if not self._tokens:
            return And(())
        found = self._either(0)
        if self._peek(")"):
            self._fail("there is no ( for this )")
        return found

    def _either(self, depth: int) -> Expr:
        parts = [self._every(depth)]
        while self._peek("or"):
            self._at += 1
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _every(self, depth: int) -> Expr:
        parts = [self._one(depth)]
        while self._at < len(self._tokens) and not self._peek("or", ")"):
            if self._peek("and"):
                self._at += 1
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Expr:
        if self._at == len(self._tokens) or self._peek("and", "or", ")"):
            self._missing()
        if depth == MAX_DEPTH:
            self._fail(f"more than {MAX_DEPTH} parentheses and nots inside one another")
        token = self._tokens[self._at]
        self._at += 1
        if token.is_bare("not"):
            return Not(self._one(depth + 1))
        if not token.is_bare("("):
            return self._terms.read(token)
        if self._peek(")"):
            self._fail("nothing stands between the parentheses")
        found = self._either(depth + 1)
        if not self._peek(")"):
            raise FilterError("this parenthesis is never closed; add )", text=self._text, column=token.start)
        self._at += 1
        return found

    def _peek(self, *words: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].is_bare(*words)

    def _missing(self) -> NoReturn:
        """A place where a condition is due: blame the word before it, else the word that stands there."""
        before = self._tokens[self._at - 1] if self._at else None
        if before is not None and before.is_bare("and", "or", "not", "("):
            self._at -= 1
            if before.is_bare("("):
                # `(` at the end was never closed; before `and` it is that word which lacks something.
                if self._at + 1 == len(self._tokens):
                    self._fail("this parenthesis is never closed; add a condition and )")
                self._at += 1
                self._fail(f"'{self._tokens[self._at].text}' needs a condition before it")
            self._fail(f"'{before.text}' needs a condition after it")
        token = self._tokens[self._at]
        if token.is_bare(")"):
            self._fail("there is no ( for this )")
        self._fail(f"'{token.text}' needs a condition before it")

    def _fail(self, reason: str) -> NoReturn:
        token = self._tokens[self._at]
        raise FilterError(reason, text=self._text, column=token.start, length=token.end - token.start)
