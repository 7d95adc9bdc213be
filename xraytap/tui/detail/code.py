"""Long text as lines: XML and JSON lit up, HTTP heads; bytes in hex. Each line is made when it is seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from xraytap.protocol.printable import printable
from xraytap.tui.detail.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xraytap.tui.detail.content import Palette

LONGEST = 20_000
"""Of one line not more characters are shown; a notice tells how many there are."""
MOST_LINES = 500_000

_XML = re.compile(
    r"(?P<comment><!--.*?-->)|(?P<tag></?[^\s<>/]+|/?>|\?>)|(?P<string>\"[^\"<>]*\")|(?P<value>[^<>\"]+)"
)
_JSON = re.compile(
    r"(?P<name>\"(?:[^\"\\]|\\.)*\"(?=\s*:))|(?P<string>\"(?:[^\"\\]|\\.)*\"?)"
    r"|(?P<number>-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b)|(?P<dim>[{}\[\],:])"
)
_HEAD = re.compile(r"(?P<name>^[^\s:]+:)|(?P<value>.+)")
_SHAPES = {"xml": _XML, "json": _JSON, "head": _HEAD}
_WORDS = {"comment": "dim"}


class Code(Content):
    """`lines` are `(shape, text)`: `xml`, `json`, `head`, `title`, `trouble`, or `` for plain text. The texts
    are as on the wire: made safe here."""

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        self._lines = lines
        self._widest = 0

    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def plain(self, index: int) -> str:
        """One line, safe to show, cut if it is enormous."""
        text = self._lines[index][1]
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}… ({len(text):,} characters in this line)"
        return printable(text.expandtabs(4))

    def line(self, index: int, palette: Palette) -> Text:
        """One line with styles."""
        shape, plain = self._lines[index][0], self.plain(index)
        text = Text(plain, end="", no_wrap=True)
        pattern = _SHAPES.get(shape)
        if pattern is None:
            if shape:
                text.stylize(palette(shape))
            return text
        for match in pattern.finditer(plain):
            word = match.lastgroup or ""
            text.stylize(palette(_WORDS.get(word, word)), *match.span())
        return text

    def widest(self) -> int:
        """Measured once."""
        if not self._widest:
            self._widest = max((_width(text) for _, text in self._lines), default=0)
        return self._widest

    def find(self, needle: str, at: int, *, forward: bool = True) -> int | None:
        """The next line with `needle` in it."""
        wanted, count, step = needle.casefold(), len(self._lines), 1 if forward else -1
        for offset in range(1, count + 1):
            index = (at + step * offset) % count
            if wanted in self._lines[index][1].casefold():
                return index
        return None

    def copied(self, index: int) -> str:
        """The line as it is."""
        return self._lines[index][1].strip()


def _width(text: str) -> int:
    """In cells; of what is longer than is shown, as much as is shown with its notice."""
    if len(text) > LONGEST:
        return LONGEST + 40
    return len(text) if text.isascii() and "\t" not in text else cell_len(printable(text.expandtabs(4)))


def cut_lines(shape: str, text: str) -> Iterator[tuple[str, str]]:
    """The lines of a text, at most MOST_LINES of them and then a notice."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for line in lines[:MOST_LINES]:
        yield shape, line.rstrip("\r")
    if len(lines) > MOST_LINES:
        yield "dim", f"… {len(lines) - MOST_LINES:,} more lines"


class Hex(Content):
    """Blocks of bytes, sixteen a line, each block under its title."""

    def __init__(self, blocks: Sequence[tuple[str, bytes]]) -> None:
        self._blocks = blocks
        self._starts: list[int] = []
        at = 0
        for _, data in blocks:
            self._starts.append(at)
            at += 1 + (len(data) + 15) // 16
        self._count = at

    def count(self) -> int:
        """One line for each title, one for sixteen bytes."""
        return self._count

    def plain(self, index: int) -> str:
        """Offset, bytes, and those that are ASCII as letters."""
        block, line = self._place(index)
        title, data = self._blocks[block]
        if line < 0:
            return f"{title}, {len(data):,} bytes"
        part = data[line * 16 : line * 16 + 16]
        letters = "".join(chr(each) if 0x20 <= each < 0x7F else "·" for each in part)
        halves = f"{part[:8].hex(' '):<23}  {part[8:].hex(' '):<23}"
        return f"{line * 16:08x}  {halves}  {letters}"

    def line(self, index: int, palette: Palette) -> Text:
        """One line with styles."""
        plain = self.plain(index)
        text = Text(plain, end="", no_wrap=True)
        if self._place(index)[1] < 0:
            text.stylize(palette("title"))
        else:
            text.stylize(palette("dim"), 0, 8)
            text.stylize(palette("string"), 60)
        return text

    def widest(self) -> int:
        """Always the same."""
        return 76

    def find(self, needle: str, at: int, *, forward: bool = True) -> int | None:
        """The next line where the bytes of `needle` begin: text, or hex digits in pairs as `0d 0a`."""
        found = sorted(self._occurrences(needle))
        if not found:
            return None
        beyond = [each for each in found if (each > at if forward else each < at)]
        if forward:
            return beyond[0] if beyond else found[0]
        return beyond[-1] if beyond else found[-1]

    # -- inside -------------------------------------------------------------------------------------

    def _occurrences(self, needle: str) -> Iterator[int]:
        wanted = [needle.encode().lower()]
        digits = needle.replace(" ", "")
        if len(digits) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", digits):
            wanted.append(bytes.fromhex(digits))
        for start, (_, data) in zip(self._starts, self._blocks, strict=True):
            small = data.lower()
            for each, where in zip(wanted, (small, data), strict=False):
                place = where.find(each)
                while place >= 0:
                    yield start + 1 + place // 16
                    place = where.find(each, place + 16)

    def _place(self, index: int) -> tuple[int, int]:
        block = max(number for number, start in enumerate(self._starts) if start <= index)
        return block, index - self._starts[block] - 1
