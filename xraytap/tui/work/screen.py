"""What the main screen does with the call under its cursor, and with those that are marked or shown.

A part of that screen, in a module of its own; each action asks what it must and hands over to the module that
knows how.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from xraytap.errors import UsageError, XraytapError
from xraytap.protocol.phrases import many
from xraytap.tui.finding import FindingScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.tui.dialogs import Choice
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
        from xraytap.tui.dialogs import Ask

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
        from xraytap.tui.work import copying

        copying.ask(self, self._seq())

    def action_export(self) -> None:
        """Write calls to a file."""
        from xraytap.tui.work import exporting

        exporting.ask(self, self._seq())

    def action_replay_calls(self) -> None:
        """Replay the capture, or a part of it, onto a host."""
        from xraytap.tui.replay.asking import ask_which

        ask_which(self, [each.seq for each in self.capture.marks.all() if each.marked])

    # -- related calls and comparisons --------------------------------------------------------------

    def action_only(self) -> None:
        """Only the calls that share something with this one."""
        from xraytap.tui.dialogs import Menu
        from xraytap.tui.work import related

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
        from xraytap.tui.dialogs import Choice, Menu
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
        from xraytap.protocol.summary import decode_exchange
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
