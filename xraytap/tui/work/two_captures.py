"""Two captures side by side, call by call: what is the same, answered or asked otherwise, on one side only.

Both are compared as goldens are, so that sessions and references of two recordings count as the same objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from xraytap.errors import UsageError
from xraytap.protocol.describe import params_line
from xraytap.protocol.diff import Rules, describe_change
from xraytap.protocol.diff.align import Pair, Verdict, compare_calls
from xraytap.protocol.phrases import many
from xraytap.protocol.summary import decode_exchange
from xraytap.protocol.symbols import model_of
from xraytap.protocol.symbols.freeze import freeze
from xraytap.store import open_store
from xraytap.tui.guard import words
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Cell, Column, Entry
from xraytap.tui.work.compare import DifferencesScreen
from xraytap.tui.work.pairs import Side

if TYPE_CHECKING:
    from pathlib import Path
    from typing import ClassVar

    from textual.binding import BindingType

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.golden import Golden
    from xraytap.store import Store
    from xraytap.tui.lines import LinesView
    from xraytap.tui.views.doors import Doors
    from xraytap.tui.work.screen import WorkScreen

MOST = 20_000
"""Calls of a capture that are compared on a screen: both are held in memory."""

_SIGNS = {
    Verdict.SAME: "=",
    Verdict.ANSWER: "≠",
    Verdict.PARAMS: "≠",
    Verdict.MOVED: "↕",
    Verdict.LEFT: "<",
    Verdict.RIGHT: ">",
    Verdict.POLL: "~",
}
_NO_DIFFERENCE = frozenset({Verdict.SAME, Verdict.POLL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One capture as a golden, with the row of each of its calls."""

    name: str
    golden: Golden
    rows: tuple[CallRow, ...]
    words: tuple[str, ...]
    """The parameters of each call on one line."""


def take(store: Store, name: str) -> Taken:
    """Read a capture. UsageError for one too long."""
    calls = store.capture(name).calls
    if calls > MOST:
        raise UsageError(
            f"capture '{name}' has {calls:,} calls; up to {MOST:,} are compared on a screen. "
            "Narrow both on the command line: xraytap diff A B --filter EXPR"
        )
    known = [(row, decode_exchange(store.exchange(name, row.seq))) for row in store.calls(name)]
    frozen = freeze(known)
    out = {seq for seq, _ in frozen.left_out}
    fit = [(row, params_line(call, 80)) for row, call in known if row.seq not in out]
    return Taken(
        name=name,
        golden=frozen.golden,
        rows=tuple(row for row, _ in fit),
        words=tuple(words for _, words in fit),
    )


class TwoCapturesScreen(DifferencesScreen):
    """`browse` is the main screen: it shows two calls side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("two-captures")]
    app: Doors

    class Compared(Message):
        """The comparison is done."""

        def __init__(self, left: Taken, right: Taken, pairs: tuple[Pair, ...]) -> None:
            super().__init__()
            self.left, self.right, self.pairs = left, right, pairs

    class Failed(Message):
        """It cannot be done."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(self, store: Path, left: str, right: str, browse: WorkScreen) -> None:
        super().__init__()
        self._store, self._names, self._browse = store, (left, right), browse
        self._sides: tuple[Taken, Taken] | None = None
        self._pairs: tuple[Pair, ...] = ()
        self.settled = False

    def columns(self) -> tuple[Column, ...]:
        """A number for each side."""
        return (
            Column(title="", least=1),
            Column(title=self._names[0], right=True),
            Column(title=self._names[1], right=True),
            Column(title="method", least=16),
            Column(title="parameters", least=10, leaves=1),
            Column(title="what differs", least=20),
        )

    def on_mount(self) -> None:
        """Compare, in a thread."""
        title = self.title_line
        title.what = f"{self._names[0]} and {self._names[1]}"
        title.word = "comparing ..."
        self.grid.focus()
        self._compare()

    @work(thread=True, exclusive=True, group="two-captures")
    def _compare(self) -> None:
        try:
            with open_store(self._store) as store:
                left, right = (take(store, name) for name in self._names)
            rules = Rules(model=model_of(left.golden.api))
            compared = compare_calls(left.golden.calls, right.golden.calls, rules)
        except Exception as error:  # noqa: BLE001  shown where the list would be
            self.post_message(self.Failed(words(error)))
        else:
            self.post_message(self.Compared(left, right, compared.pairs))

    def on_two_captures_screen_failed(self, message: Failed) -> None:
        """Say why."""
        self.title_line.trouble = message.why
        self.settled = True

    def on_two_captures_screen_compared(self, message: Compared) -> None:
        """Show it."""
        self._sides, self._pairs = (message.left, message.right), message.pairs
        self.fill()
        self.settled = True

    def fill(self) -> None:
        """Show the calls that differ, or all."""
        differ = [each for each in self._pairs if each.verdict not in _NO_DIFFERENCE]
        same = len(self._pairs) - len(differ)
        self.title_line.word = f"{many(len(differ), 'difference')}, {many(same, 'call')} the same"
        self.grid.fill([self._entry(each) for each in (self._pairs if self.all else differ)])
        self.head.refresh()

    def differs(self, entry: Entry) -> bool:
        """Whether a call is not the same on both sides."""
        return entry.of.verdict not in _NO_DIFFERENCE

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A second click."""
        message.stop()
        self.action_look()

    def action_look(self) -> None:
        """The two calls side by side."""
        chosen = self.grid.chosen
        pair: Pair | None = None if chosen is None else chosen.of
        if pair is None or self._sides is None:
            return
        if pair.left is None or pair.right is None:
            raise UsageError("only one of the captures has this call.")
        with open_store(self._store) as store:
            left, right = (
                _side(store, taken, index)
                for taken, index in zip(self._sides, (pair.left, pair.right), strict=True)
            )
        self._browse.compare(left, right, other_host=True)

    def _entry(self, pair: Pair) -> Entry:
        if self._sides is None:
            return Entry(cells=("",) * 6, of=pair)
        left, right = self._sides
        taken, index = (left, pair.left) if pair.left is not None else (right, pair.right or 0)
        row = taken.rows[index]
        method = ("Async." if row.is_async else "") + (row.method or "")
        numbers = [
            "" if at is None else Cell(f"#{side.rows[at].seq}", side.rows[at].seq)
            for side, at in ((left, pair.left), (right, pair.right))
        ]
        return Entry(
            cells=(_SIGNS[pair.verdict], *numbers, method, taken.words[index], self._words(pair)),
            of=pair,
            word="dim" if pair.verdict in _NO_DIFFERENCE else "failure",
        )

    def _words(self, pair: Pair) -> str:
        left, right = self._sides or (None, None)
        if left is None or right is None or pair.verdict is Verdict.SAME:
            return ""
        if pair.left is None or pair.right is None:
            more = "asked once more, " if pair.verdict is Verdict.POLL else ""
            return f"{more}only in {right.name if pair.left is None else left.name}"
        told = ["stands elsewhere"] if pair.moved else []
        if pair.outcome and pair.left is not None and pair.right is not None:
            told.append(
                " became ".join(
                    _outcome(side.rows[at]) for side, at in ((left, pair.left), (right, pair.right))
                )
            )
        changes = [describe_change(each, root="parameter") for each in pair.params]
        changes += [describe_change(each, root="answer") for each in pair.answer]
        told += changes[:1]
        if len(changes) > 1:
            told.append(f"and {len(changes) - 1} more")
        return "; ".join(told)


def _outcome(row: CallRow) -> str:
    return f"{row.outcome.value} {row.error_code or ''}".strip()


def _side(store: Store, taken: Taken, index: int) -> Side:
    row = taken.rows[index]
    call = decode_exchange(store.exchange(taken.name, row.seq))
    return Side(title=f"#{row.seq} of {taken.name}", row=row, call=call)
