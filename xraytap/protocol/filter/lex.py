"""A filter's text as tokens: parentheses and words. Each character remembers its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from xraytap.errors import FilterError


class Char(NamedTuple):
    """One character of a word. A `quoted` one never separates anything."""

    text: str
    column: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Token:
    """`(`, `)` or a word. The word's characters stand without quotes and backslashes; `start` and `end`
    enclose it in the text, quotes included."""

    chars: tuple[Char, ...]
    start: int
    end: int
    quoted: bool = False

    @property
    def text(self) -> str:
        """What the characters say."""
        return "".join(each.text for each in self.chars)

    def is_bare(self, *words: str) -> bool:
        """Whether the token is one of these words, unquoted, in any case."""
        return not self.quoted and self.text.lower() in words


def tokens(text: str) -> list[Token]:
    """The tokens of a whole expression. FilterError for a quote that is never closed."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in "()":
            found.append(Token((Char(text[at], at, quoted=False),), at, at + 1))
            at += 1
        else:
            found.append(_word(text, at))
            at = found[-1].end
    return found


def _word(text: str, start: int) -> Token:
    chars: list[Char] = []
    quoted = False
    at = start
    while at < len(text) and not text[at].isspace() and text[at] not in "()":
        if text[at] == '"':
            quoted = True
            at = _quote(text, at, chars)
        else:
            chars.append(Char(text[at], at, quoted=False))
            at += 1
    return Token(tuple(chars), start, at, quoted)


def _quote(text: str, start: int, chars: list[Char]) -> int:
    """Read from an opening quote; where the text goes on behind the closing one."""
    at = start + 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\":
            at += 1
            if at == len(text):
                break
        chars.append(Char(text[at], at, quoted=True))
        at += 1
    if at >= len(text):
        raise FilterError(
            'this quote is never closed; add " after the last word', text=text, column=start, length=1
        )
    return at + 1
