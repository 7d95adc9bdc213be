"""Finding calls: the filter, the search, the next one like this. The main screen's part that looks for things.

The store is searched in a worker's thread, which a new search ends; the cursor moves when there is something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import get_current_worker

from xraytap.errors import XraytapError
from xraytap.protocol.filter import And, Glob, Not, Or, parse
from xraytap.protocol.filter import Text as Words
from xraytap.protocol.messages import takes_session
from xraytap.protocol.printable import printable
from xraytap.store.find import find_call
from xraytap.tui.bar import Bar
from xraytap.tui.calls.table import CallsTable
from xraytap.tui.detail.pane import DetailPane
from xraytap.tui.detail.view import DetailView
from xraytap.tui.guard import Guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.filter import Expr
    from xraytap.tui.capture import Capture


class FindingScreen(Guarded, Screen[None]):
    """`search` is what `n` goes to, None while it goes to calls that did not succeed."""

    def __init__(self, capture: Capture) -> None:
        super().__init__(id="browse")
        self.capture = capture
        self.search: Expr | None = None
        self.search_text = ""
        self.looking = ""
        """What is said while the store is searched."""

    @property
    def table(self) -> CallsTable:
        """The calls."""
        return self.query_one(CallsTable)

    @property
    def detail(self) -> DetailPane:
        """The close look."""
        return self.query_one(DetailPane)

    @property
    def bar(self) -> Bar:
        """Where things are written."""
        return self.query_one(Bar)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What opens the bar is a letter while something is written, and the detail has a `/` of its own."""
        if action == "filter" and isinstance(self.focused, DetailView):
            return False
        return not (action in {"filter", "search", "go_to"} and isinstance(self.focused, Input))

    def on_bar_taken(self, message: Bar.Taken) -> None:
        """Something was written."""
        match message.kind:
            case "filter":
                self.filter_by(message.text)
            case "search":
                self.search_for(message.text)
            case "go-to" if message.text:
                self.go_to(int(message.text))
            case "find":
                self.detail.find(message.text)

    def on_bar_closed(self) -> None:
        """The keys go back to where they were."""
        self.set_focus(self.detail.view if self.bar.kind == "find" else self.table)

    # -- filter -------------------------------------------------------------------------------------

    def filter_by(self, text: str) -> None:
        """Narrow the list; nothing written shows all. FilterError if it is no filter."""
        found = parse(text)
        self.table.show(None if found == And(()) else found, text.strip())
        self._light()

    def action_filter(self) -> None:
        """Write a filter."""
        self.bar.open("filter", self.table.filter_text)

    # -- search -------------------------------------------------------------------------------------

    def search_for(self, text: str) -> None:
        """Go to the next call that matches; the list stays whole. Nothing written ends the search."""
        found = parse(text)
        self.search, self.search_text = (None, "") if found == And(()) else (found, text.strip())
        self._light()
        if self.search is not None:
            self._look_for(self.search, f"call that matches {self.search_text}", forward=True)

    def action_search(self) -> None:
        """Write what to search."""
        self.bar.open("search", self.search_text)

    def action_next_match(self) -> None:
        """Next match of the search, or next call that did not succeed."""
        self._next(forward=True)

    def action_previous_match(self) -> None:
        """The one before."""
        self._next(forward=False)

    def action_go_to(self) -> None:
        """Write the number of a call."""
        self.bar.open("go-to")

    def go_to(self, seq: int) -> None:
        """Put the cursor on a call, out of the filter if that hides it."""
        pages = self.table.pages
        if not 1 <= seq <= pages.last_seq:
            self.notify(f"there is no call {seq}; the last is {pages.last_seq}", markup=False)
        elif pages.index_of(seq) is None and pages.filter is not None:
            self.notify("the filter hid that call; it shows all calls again", markup=False)
            self.table.selected = seq
            self.filter_by("")
        else:
            self.table.select(seq)

    # -- the next one like this ---------------------------------------------------------------------

    def action_method(self, step: int) -> None:
        """The next call of the same method, or the one before."""
        row = self.table.selected_row
        if row is None or row.method is None:
            self.notify("this call has no method", markup=False)
            return
        self._look_for(Glob("method", row.method), f"call of {row.method}", forward=step > 0)

    def action_session(self, step: int) -> None:
        """The next call of the same session, or the one before."""
        row = self.table.selected_row
        if row is None or row.session is None:
            self.notify("this call is made in no session", markup=False)
            return
        self._look_for(Glob("session", row.session), "call of this session", forward=step > 0)

    def action_object(self, step: int) -> None:
        """The next call that speaks of the same object, or the one before."""
        ref = self.selected_ref()
        if ref is None:
            self.notify("this call names no object", markup=False)
            return
        self._look_for(Glob("ref", ref), f"call about {ref}", forward=step > 0)

    def selected_ref(self) -> str | None:
        """The object that the selected call is about: its first parameter after the session, if that is a
        text; else the reference that it answered with."""
        seq = self.table.selected
        if seq is None:
            return None
        from xraytap.protocol.summary import decode_exchange

        call = decode_exchange(self.capture.store.exchange(self.capture.name, seq))
        request = call.request
        if request is None:
            return None
        params = request.params[1 if takes_session(request.name) else 0 :]
        first = params[0] if params else (call.answer.value if call.answer is not None else None)
        return str(first) if isinstance(first, str) and first else None

    # -- inside -------------------------------------------------------------------------------------

    def _next(self, *, forward: bool) -> None:
        if self.search is not None:
            self._look_for(self.search, f"call that matches {self.search_text}", forward=forward)
            return
        pages, seq = self.table.pages, self.table.selected or 0
        found = pages.error_near(seq, forward=forward)
        if found is None:
            found = pages.error_near(0 if forward else pages.last_seq + 1, forward=forward)
            if found is not None:
                self._around(forward=forward)
        if found is None or found == seq:
            self.notify("no other call that did not succeed", markup=False)
        else:
            self.table.select(found)

    @work(thread=True, exclusive=True, group="find")
    def _look_for(self, wanted: Expr, what: str, *, forward: bool) -> None:
        """In a thread: from the selected call on, then once around."""
        worker = get_current_worker()
        self.app.call_from_thread(self._looking, "looking, esc stops")
        pages = self.table.pages
        seq = self.table.selected or 0
        if pages.filter is not None:
            wanted = And((pages.filter, wanted))

        wanted = self.capture.learner.bound(wanted)

        def look(start: int) -> int | None:
            return find_call(
                self.capture.path,
                self.capture.id,
                wanted,
                start,
                forward=forward,
                go_on=lambda: not worker.is_cancelled,
            )

        try:
            found = look(seq)
            around = found is None
            if around:
                found = look(0 if forward else pages.last_seq + 1)
        except XraytapError as error:
            self.app.call_from_thread(self._looking, "")
            self.app.call_from_thread(self.notify, printable(str(error)), severity="error", markup=False)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._looking, "")
            self.app.call_from_thread(self._found, found, what, around, forward)

    def stop_looking(self) -> bool:
        """Give up the search under way; whether there was one."""
        self.workers.cancel_group(self, "find")
        stopped = bool(self.looking)
        self._looking("")
        return stopped

    def _looking(self, word: str) -> None:
        self.looking = word
        self.table.show_anew()

    def _found(self, seq: int | None, what: str, around: bool, forward: bool) -> None:
        if seq is None or seq == self.table.selected:
            self.notify(f"no other {printable(what)}", markup=False)
            return
        if around:
            self._around(forward=forward)
        self.table.select(seq)

    def _around(self, *, forward: bool) -> None:
        self.notify(
            "around the end: from the first call on" if forward else "around: from the last call back"
        )

    def _light(self) -> None:
        """Light up the words that are looked for."""
        words = tuple(dict.fromkeys((*_words(self.table.pages.filter), *_words(self.search))))
        self.table.needles = words
        self.table.show_anew()
        self.detail.light(words)


def _words(expression: Expr | None) -> Iterator[str]:
    """The bare words of a filter, those that must not occur aside."""
    match expression:
        case And(parts) | Or(parts):
            for each in parts:
                yield from _words(each)
        case Words(words) if words:
            yield words
        case Not() | None:
            return
        case _:
            return
