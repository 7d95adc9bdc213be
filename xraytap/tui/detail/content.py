"""What a tab shows: lines by number, made when they are looked at. No widget; may be built in any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style

    Palette = Callable[[str], Style]
    """From a word for a part of a line (`name`, `type`, `tag` ...) to its style."""


class Content:
    """A list of lines. All text that it gives is safe to show."""

    foldable = False

    def count(self) -> int:
        """How many lines there are now."""
        raise NotImplementedError

    def plain(self, index: int) -> str:
        """One line without styles; what a search looks through and a copy takes."""
        raise NotImplementedError

    def line(self, index: int, palette: Palette) -> Text:  # noqa: ARG002
        """One line with styles."""
        return Text(self.plain(index), end="", no_wrap=True)

    def widest(self) -> int:
        """The width of the longest line in cells, as far as it is known."""
        return max((cell_len(self.plain(index)) for index in range(min(self.count(), 2000))), default=0)

    def find(self, needle: str, at: int, *, forward: bool = True) -> int | None:
        """The next line after line `at` (or before it) with `needle` in it, case aside, around the end, `at`
        itself last; None if there is none. `at` may be -1, to begin with the first."""
        wanted, count = needle.casefold(), self.count()
        step = 1 if forward else -1
        for offset in range(1, count + 1):
            index = (at + step * offset) % count
            if wanted in self.plain(index).casefold():
                return index
        return None

    def toggle(self, index: int) -> int:
        """Fold or unfold a line; where the cursor should stand."""
        return index

    def fold(self, index: int) -> int:
        """Fold a line, or go to the one that it belongs to."""
        return index

    def unfold(self, index: int) -> int:
        """Unfold a line."""
        return index

    def toggle_all(self) -> None:
        """Fold all if anything is unfolded, else unfold all."""

    def copied(self, index: int) -> str:
        """What copying a line gives."""
        return self.plain(index)

    def resume(self, before: Content) -> None:
        """Fold as the content of the same call and tab that was shown before."""


class Lines(Content):
    """Some lines that are there already: `(style word, text)` parts, or plain text."""

    def __init__(self, lines: Sequence[str | Sequence[tuple[str, str]]]) -> None:
        self._lines = lines

    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def plain(self, index: int) -> str:
        """One line without styles."""
        line = self._lines[index]
        return line if isinstance(line, str) else "".join(text for _, text in line)

    def line(self, index: int, palette: Palette) -> Text:
        """One line with styles."""
        line = self._lines[index]
        if isinstance(line, str):
            return Text(line, end="", no_wrap=True)
        return Text.assemble(*((text, palette(word)) for word, text in line), end="", no_wrap=True)
