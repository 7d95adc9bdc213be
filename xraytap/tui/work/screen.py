"""What the main screen does with the call under its cursor, and with those that are marked or shown.

A part of that screen, in a module of its own; each action asks what it must and hands over to the module that
knows how.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from xraytap.errors import UsageError, XraytapError
from xraytap.protocol.phrases import many
from xraytap.protocol.summary import decode_exchange
from xraytap.tui import clipboard
from xraytap.tui.detail.view import DetailView
from xraytap.tui.dialogs import Ask, Choice, Menu
from xraytap.tui.finding import FindingScreen
from xraytap.tui.guard import words
from xraytap.tui.work import copies, exports, related

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.store import Store
    from xraytap.tui.views.doors import Doors
    from xraytap.tui.work.pairs import Side


_LETTERS = "123456789abcdefghilmnopqrstuvwxyz"
"""Keys of a menu's choices; without j and k, which move in it."""


class WorkScreen(FindingScreen):
    """Marks, notes, copies, exports, comparisons, and the ways to related calls."""

    app: Doors

    # -- marks and notes ----------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the call, or take the mark away."""
        self.capture.marks.toggle(self._seq())
        self.table.refresh()

    def action_note(self) -> None:
        """Write a note on the call."""
        seq = self._seq()
        mark = self.capture.marks.get(seq)

        def check(text: str) -> str:
            self.capture.marks.annotate(seq, text.strip() or None)
            return text

        initial = "" if mark is None else mark.note or ""
        asked = Ask(
            f"note on #{seq}", "Enter keeps it; nothing written takes it away.", initial=initial, check=check
        )
        self.app.push_screen(asked, self._noted)

    def _noted(self, _note: str | None) -> None:
        self.table.refresh()

    def action_next_mark(self) -> None:
        """To the next call with a mark or a note."""
        self._to_mark(forward=True)

    def action_previous_mark(self) -> None:
        """To the one before."""
        self._to_mark(forward=False)

    def _to_mark(self, *, forward: bool) -> None:
        seq = self._seq()
        numbers = [each.seq for each in self.capture.marks.all()]
        found = [each for each in numbers if (each > seq if forward else each < seq)]
        if not found:
            side = "after" if forward else "before"
            raise UsageError(f"no call with a mark or a note {side} this one. Mark one with m.")
        self.table.select(found[0] if forward else found[-1])

    # -- copies and exports -------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the call in one of its forms."""
        self._copy(to_file=False)

    def _copy(self, *, to_file: bool) -> None:
        seq = self._seq()
        other = "to the clipboard" if to_file else "to a file"
        menu = [
            *copies.choices(self.capture, seq, self._line_under_cursor()),
            Choice("f", f"{other} instead", "", None),
        ]
        title = f"{'write' if to_file else 'copy'} #{seq} as"

        def chosen(choice: Choice | None) -> None:
            if choice is None:
                return
            if choice.of is None:
                self._copy(to_file=not to_file)
                return
            self._guarded(lambda: self._copied(choice, seq, to_file=to_file))

        self.app.push_screen(Menu(title, menu), chosen)

    def _copied(self, choice: Choice, seq: int, *, to_file: bool) -> None:
        text: str = choice.of()
        if not to_file:
            self.notify(clipboard.copy(self.app, text), markup=False)
            return

        def check(written: str) -> str:
            return clipboard.save(Path(clipboard.checked_path(written)), text)

        initial = f"{self.capture.name}-{seq}.txt"
        asked = Ask(f"write {choice.label} to", initial=initial, check=check)
        self.app.push_screen(asked, self._say)

    def _say(self, told: str | None) -> None:
        if told is not None:
            self.notify(told, markup=False)

    def _line_under_cursor(self) -> str | None:
        view = self.detail.view
        if isinstance(self.focused, DetailView) and view.count():
            return view.content.copied(view.cursor)
        return None

    def action_export(self) -> None:
        """Write calls to a file."""
        seq = self._seq()
        marked = [each.seq for each in self.capture.marks.all() if each.marked]
        shown = self.table.pages.filter
        which = [
            Choice(
                "t",
                "this call",
                f"#{seq}",
                lambda store: exports.rows_of(store, self.capture.name, seqs=[seq]),
            )
        ]
        if marked:
            which.append(
                Choice(
                    "m",
                    "the marked calls",
                    f"{len(marked)}",
                    lambda store: exports.rows_of(store, self.capture.name, seqs=marked),
                )
            )
        words = (
            f"{self.table.count():,} shown by the filter"
            if shown is not None
            else f"all {self.table.count():,}"
        )
        which.append(
            Choice(
                "a",
                "the calls of the list",
                words,
                lambda store: exports.rows_of(store, self.capture.name, filter=shown),
            )
        )

        def asked_which(choice: Choice | None) -> None:
            if choice is not None:
                self._ask_form(choice.of)

        self.app.push_screen(Menu("write to a file", which), asked_which)

    def _ask_form(self, rows: Callable[[Store], Iterator[CallRow]]) -> None:
        forms = [Choice(key, label, hint, key) for key, (label, hint, _) in exports.FORMATS.items()]

        def asked_form(choice: Choice | None) -> None:
            if choice is not None:
                self._ask_path(rows, choice)

        self.app.push_screen(Menu("in which form", forms), asked_form)

    def _ask_path(self, rows: Callable[[Store], Iterator[CallRow]], form: Choice) -> None:
        suffix = exports.FORMATS[form.key][2]
        asked = Ask(
            f"write {form.label} to", initial=self.capture.name + suffix, check=clipboard.checked_path
        )

        def asked_path(path: str | None) -> None:
            if path is not None:
                self._export(form.key, Path(path), rows)

        self.app.push_screen(asked, asked_path)

    @work(thread=True, group="export")
    def _export(self, form: str, path: Path, rows: Callable[[Store], Iterator[CallRow]]) -> None:
        about = self.capture.learner.about
        try:
            told = exports.write(form, path, self.capture.path, self.capture.name, rows, about)
        except Exception as error:  # noqa: BLE001  told; the application goes on
            self.app.call_from_thread(self.app.tell, words(error))
        else:
            self.app.call_from_thread(self.notify, told, markup=False)

    def action_replay_calls(self) -> None:
        """Replay the capture, or a part of it, onto a host."""
        from xraytap.tui.replay.asking import ask_which

        ask_which(self, [each.seq for each in self.capture.marks.all() if each.marked])

    # -- related calls and comparisons --------------------------------------------------------------

    def action_only(self) -> None:
        """Only the calls that share something with this one."""
        menu = Menu("only calls of", related.choices(self.capture, self._seq()))

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                self.filter_by(str(choice.of))

        self.app.push_screen(menu, chosen)

    def action_compare(self) -> None:
        """Two calls side by side: both marked ones, or the marked one and this."""
        seq = self._seq()
        marked = [each.seq for each in self.capture.marks.all() if each.marked]
        others = [each for each in marked if each != seq]
        if len(marked) == 2:
            self.compare(*map(self.side, marked))
        elif len(others) == 1:
            self.compare(*map(self.side, sorted((seq, others[0]))))
        else:
            found = many(len(marked), "call")
            raise UsageError(
                f"two calls are compared: mark two with m, or one and stand on the other; {found} marked."
            )

    def action_compare_captures(self) -> None:
        """This capture and another side by side."""
        from xraytap.tui.work.two_captures import TwoCapturesScreen

        here = self.capture.name
        others = [each for each in reversed(self.capture.store.captures()) if each.name != here]
        if not others:
            raise UsageError(f"'{here}' is the only capture in this store; there is none to compare it with.")
        menu = [
            Choice(key, each.name, many(each.calls, "call"), each.name)
            for key, each in zip_longest(_LETTERS, others, fillvalue=" ")
            if not isinstance(each, str)
        ]

        def chosen(choice: Choice | None) -> None:
            if choice is not None:
                self.app.push_screen(TwoCapturesScreen(self.capture.path, here, choice.of, self))

        self.app.push_screen(Menu(f"compare {here} with", menu), chosen)

    def side(self, seq: int) -> Side:
        """A call of this capture for a comparison."""
        from xraytap.tui.work.pairs import Side

        row = self.capture.row(seq)
        call = decode_exchange(self.capture.store.exchange(self.capture.name, seq))
        return Side(title=f"#{seq}", row=row, call=call)

    def compare(self, left: Side, right: Side, *, other_host: bool = False, what: str = "") -> None:
        """Show two calls side by side."""
        from xraytap.protocol.diff import Rules
        from xraytap.tui.work.compare import CompareScreen
        from xraytap.tui.work.pairs import side_by_side

        rules = Rules(model=self.capture.learner.about(left.row.session).model)
        lines = side_by_side(left, right, rules, other_host=other_host)
        title = what or f"{left.title} and {right.title}"
        self.app.push_screen(CompareScreen(title, left.title, right.title, lines))

    # -- inside -------------------------------------------------------------------------------------

    def _seq(self) -> int:
        """The call under the cursor. UsageError where there is none."""
        seq = self.table.pages.seq_at(self.table.cursor)
        if seq is None:
            raise UsageError("there is no call here.")
        return seq

    def _guarded(self, step: Callable[[], None]) -> None:
        """What a dialog's end sets going is not an action; its errors are told all the same."""
        try:
            step()
        except XraytapError as error:
            self.app.tell(str(error))
