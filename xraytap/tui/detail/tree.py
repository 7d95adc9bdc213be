"""A tree of nodes as foldable lines. Only what is unfolded is ever laid out, a long list piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from xraytap.tui.detail.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xraytap.protocol.describe import Node
    from xraytap.tui.detail.content import Palette

AT_ONCE = 500
"""Children shown before a line `… 1,234 more` that opens the next so many."""
_OPEN_DEPTH, _OPEN_CHILDREN = 3, 60
_LONGEST = 10_000


@dataclass(slots=True, eq=False)
class Branch:
    """One node at its place in the tree. `shown`: how many children are laid out once it is open."""

    node: Node
    parent: Branch | None
    depth: int
    open: bool = False
    shown: int = AT_ONCE
    branches: list[Branch] = field(default_factory=list)

    def children(self) -> list[Branch]:
        """The children laid out by now."""
        wanted = min(self.shown, len(self.node.children))
        for child in self.node.children[len(self.branches) : wanted]:
            self.branches.append(Branch(child, self, self.depth + 1))
        return self.branches

    def __len__(self) -> int:
        return len(self.node.children)


@dataclass(frozen=True, slots=True)
class _Row:
    branch: Branch
    more: int = 0
    label_width: int = 0
    kind_width: int = 0


class TreeContent(Content):
    """The lines of some nodes and of what is unfolded under them."""

    foldable = True

    def __init__(self, nodes: Sequence[Node], *, open_depth: int = _OPEN_DEPTH) -> None:
        self.tops = [Branch(node, None, 0) for node in nodes]
        for branch in self.tops:
            _open(branch, open_depth)
        self._rows: list[_Row] = []
        self._lay_out()

    def count(self) -> int:
        """How many lines are unfolded."""
        return len(self._rows)

    def plain(self, index: int) -> str:
        """One line without styles."""
        return "".join(text for _, text in self._parts(self._rows[index]))

    def line(self, index: int, palette: Palette) -> Text:
        """One line with styles."""
        parts = ((text, palette(word)) for word, text in self._parts(self._rows[index]))
        return Text.assemble(*parts, end="", no_wrap=True)

    def node(self, index: int) -> Node:
        """The node on a line."""
        return self._rows[index].branch.node

    def toggle(self, index: int) -> int:
        """Fold or unfold a line, or show more of a long list."""
        row = self._rows[index]
        if row.more:
            row.branch.shown += AT_ONCE
        elif len(row.branch):
            row.branch.open = not row.branch.open
        self._lay_out()
        return index

    def fold(self, index: int) -> int:
        """Fold a line; one that is folded leads to its parent."""
        row = self._rows[index]
        branch = row.branch
        if not row.more and branch.open:
            branch.open = False
            self._lay_out()
            return index
        above = branch if row.more else branch.parent
        return index if above is None else self._index_of(above)

    def unfold(self, index: int) -> int:
        """Unfold a line; one that is unfolded leads to its first child."""
        row = self._rows[index]
        if row.more or (len(row.branch) and not row.branch.open):
            return self.toggle(index)
        return index + 1 if len(row.branch) else index

    def toggle_all(self) -> None:
        """Fold all but the first level if anything deeper is unfolded, else unfold all."""
        deep = any(row.branch.depth > 0 and row.branch.open for row in self._rows)
        for top in self.tops:
            top.open = True
            for child in top.children():
                if deep:
                    _close(child)
                else:
                    _open_all(child)
        self._lay_out()

    def find(self, needle: str, at: int, *, forward: bool = True) -> int | None:
        """The next node, folded or not, with `needle` in its label or text; it is unfolded."""
        wanted = needle.casefold()
        here = _path(self._rows[at].branch, self.tops) if 0 <= at < len(self._rows) else None
        every = list(self._every())
        begin = next((number for number, (path, _) in enumerate(every) if path == here), -1)
        step = 1 if forward else -1
        for offset in range(1, len(every) + 1):
            path, node = every[(begin + step * offset) % len(every)]
            if wanted in node.label.casefold() or wanted in node.text.casefold():
                return self._reveal(path)
        return None

    def copied(self, index: int) -> str:
        """The value of a leaf; a structure as its lines."""
        node = self.node(index)
        if not node.children:
            return node.text
        return "\n".join(_outline(node))

    def resume(self, before: Content) -> None:
        """Take over what was unfolded, as far as the trees are alike."""
        if isinstance(before, TreeContent):
            _alike(self.tops, before.tops)
            self._lay_out()

    # -- inside -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        rows: list[_Row] = []
        stack: list[tuple[Sequence[Branch], int, Branch | None]] = [(self.tops, 0, None)]
        widths = [_widths(self.tops)]
        while stack:
            branches, at, parent = stack.pop()
            label, kind = widths[len(stack)]
            del widths[len(stack) + 1 :]
            if at == len(branches):
                if parent is not None and parent.shown < len(parent):
                    rows.append(_Row(parent, more=len(parent) - parent.shown))
                continue
            branch = branches[at]
            rows.append(_Row(branch, 0, label, kind))
            stack.append((branches, at + 1, parent))
            if branch.open and len(branch):
                children = branch.children()
                stack.append((children, 0, branch))
                widths.append(_widths(children))
        self._rows = rows

    def _parts(self, row: _Row) -> Iterator[tuple[str, str]]:
        branch = row.branch
        indent = "  " * branch.depth
        if row.more:
            yield "dim", f"{indent}    … {row.more:,} more (Enter)"
            return
        node = branch.node
        sign = ("▾ " if branch.open else "▸ ") if node.children else "  "
        yield "dim", indent + sign
        yield "name", f"{node.label:<{row.label_width}}"
        if row.kind_width:
            yield "type", f"  {node.kind:<{row.kind_width}}"
        if node.text:
            text = node.text
            if len(text) > _LONGEST:
                text = f"{text[:_LONGEST]}… ({len(text):,} characters; the other tabs have all)"
            yield ("dim" if node.children else "value"), f"  {text}"

    def _index_of(self, branch: Branch) -> int:
        return next((at for at, row in enumerate(self._rows) if row.branch is branch and not row.more), 0)

    def _every(self) -> Iterator[tuple[tuple[int, ...], Node]]:
        """Every node in the order of the lines, with its path: places from the top."""
        stack: list[tuple[tuple[int, ...], Node]] = [
            ((at,), top.node) for at, top in reversed(list(enumerate(self.tops)))
        ]
        while stack:
            path, node = stack.pop()
            yield path, node
            stack.extend(((*path, at), child) for at, child in reversed(list(enumerate(node.children))))

    def _reveal(self, path: tuple[int, ...]) -> int:
        branch = self.tops[path[0]]
        for place in path[1:]:
            branch.open = True
            branch.shown = max(branch.shown, place + 1)
            branch = branch.children()[place]
        self._lay_out()
        return self._index_of(branch)


def _path(branch: Branch, tops: Sequence[Branch]) -> tuple[int, ...]:
    places: list[int] = []
    while branch.parent is not None:
        places.append(branch.parent.branches.index(branch))
        branch = branch.parent
    return (tops.index(branch), *reversed(places))


def _open(branch: Branch, depth: int) -> None:
    if depth and 0 < len(branch) <= _OPEN_CHILDREN:
        branch.open = True
        for child in branch.children():
            _open(child, depth - 1)
    elif depth and branch.depth == 0:
        branch.open = True


def _open_all(branch: Branch) -> None:
    stack = [branch]
    while stack:
        each = stack.pop()
        if len(each):
            each.open = True
            stack.extend(each.children())


def _close(branch: Branch) -> None:
    stack = [branch]
    while stack:
        each = stack.pop()
        each.open = False
        stack.extend(each.branches)


def _alike(branches: Sequence[Branch], others: Sequence[Branch]) -> None:
    stack = list(zip(branches, others, strict=False))
    while stack:
        branch, other = stack.pop()
        branch.open, branch.shown = other.open, other.shown
        if other.branches:
            stack.extend(zip(branch.children(), other.branches, strict=False))


def _widths(branches: Sequence[Branch]) -> tuple[int, int]:
    """Columns for labels and kinds, so that what belongs together stands in line."""
    label = max((len(each.node.label) for each in branches), default=0)
    kind = max((len(each.node.kind) for each in branches), default=0)
    return min(label, 28), min(kind, 24)


def _outline(node: Node) -> Iterator[str]:
    stack = [(node, 0)]
    while stack:
        each, depth = stack.pop()
        yield "  " * depth + "  ".join(part for part in (each.label, each.text) if part)
        stack.extend((child, depth + 1) for child in reversed(each.children))
