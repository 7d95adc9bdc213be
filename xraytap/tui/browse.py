"""The main screen: the table of calls, the close look at one, the bar to write in. It passes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from xraytap.errors import XraytapError
from xraytap.protocol.printable import printable
from xraytap.tui.bar import Bar
from xraytap.tui.calls.choose import ColumnsScreen
from xraytap.tui.calls.head import TableHead
from xraytap.tui.calls.render import TimeMode
from xraytap.tui.calls.table import ORDERS, CallsTable
from xraytap.tui.detail.pane import DetailPane
from xraytap.tui.detail.tabs import TABS
from xraytap.tui.detail.view import DetailView
from xraytap.tui.key_line import KeyLine
from xraytap.tui.keys import bindings
from xraytap.tui.panes import Panes
from xraytap.tui.status import StatusLine
from xraytap.tui.work.replaying import ReplayingScreen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from xraytap.tui.capture import Capture, Tally
    from xraytap.tui.lines import LinesView
    from xraytap.tui.live import TapWords

_COUNT_EVERY_S = 0.5


class BrowseScreen(ReplayingScreen):
    """One capture."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("browse")]

    def __init__(self, capture: Capture, words: TapWords | None = None) -> None:
        super().__init__(capture)
        self._words = words
        self._counting = False
        self._counted_at: tuple[int, bool] | None = None

    @property
    def panes(self) -> Panes:
        """What holds the table and the detail."""
        return self.query_one(Panes)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield StatusLine(self.capture, self._words)
        with Panes(id="panes"):
            with Vertical(id="calls-pane"):
                table = CallsTable(self.capture)
                yield TableHead(table)
                yield table
            yield DetailPane(self.capture)
        yield Bar(self.capture)
        yield KeyLine()

    class Learnt(Message):
        """More is known about the calls: names, the API."""

    def on_mount(self) -> None:
        """Begin in the table."""
        self.capture.on_learnt = lambda: self.post_message(self.Learnt())
        self.capture.learner.start()
        self.table.focus()
        self.set_interval(_COUNT_EVERY_S, self.count)
        self.count()

    def count(self) -> None:
        """Bring the first line up to date; counting takes its time, so a thread does it."""
        now = (self.table.changes, self.capture.live)
        if not self._counting and now != self._counted_at:
            self._counting, self._counted_at = True, now
            self._count()

    @work(thread=True, group="count", exit_on_error=False)
    def _count(self) -> None:
        try:
            tally = self.capture.tally()
        except XraytapError as error:
            self.app.call_from_thread(self.notify, printable(str(error)), severity="error", markup=False)
        else:
            self.app.call_from_thread(self._counted, tally)
        finally:
            self._counting = False

    def show_words(self) -> None:
        """The tap has said something."""
        self.query_one(StatusLine).refresh()

    def _counted(self, tally: Tally) -> None:
        status = self.query_one(StatusLine)
        status.tally = tally

    # -- what the parts say -------------------------------------------------------------------------

    def on_calls_table_selected(self, message: CallsTable.Selected) -> None:
        """Look closely at the call under the cursor."""
        if message.answered:
            self.detail.look(fresh=True)
        self.detail.seq = message.seq

    def on_browse_screen_learnt(self) -> None:
        """Say it everywhere."""
        self.query_one(StatusLine).refresh()
        self.table.refresh()
        self.detail.name_anew()

    def on_calls_table_changed(self) -> None:
        """The list or its state has changed."""
        table, status = self.table, self.query_one(StatusLine)
        status.following, status.unseen = table.follow, table.unseen
        status.narrowed, status.shown = table.pages.filter is not None, table.count()
        pane = self.query_one("#calls-pane")
        title = "calls"
        for word, text in (("filter", table.filter_text), ("search", self.search_text)):
            title += f"   {word}: {printable(text)}" if text else ""
        if self.looking or not table.pages.scanned:
            title += f"   {self.looking or 'looking ...'}"
        pane.border_title = Content(title)
        self.query_one(TableHead).refresh()

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A second click on a call."""
        if message.view is self.table:
            self.action_open()

    # -- actions ------------------------------------------------------------------------------------

    def action_follow(self) -> None:
        """Follow new calls."""
        self.table.action_follow()

    def action_back(self) -> None:
        """One step back."""
        if self.has_class("zoomed"):
            self.action_zoom()
        elif isinstance(self.focused, DetailView):
            self.set_focus(self.table)
        elif self.stop_looking():
            return
        elif self.search is not None:
            self.search_for("")
        elif self.table.filter_text:
            self.filter_by("")

    def action_next_pane(self) -> None:
        """To the other pane."""
        if self.has_class("zoomed"):
            self.action_zoom()
        self.set_focus(self.table if isinstance(self.focused, DetailView) else self.detail.view)

    def action_open(self) -> None:
        """To the detail."""
        self.set_focus(self.detail.view)

    def action_time(self) -> None:
        """The next way to read the time column."""
        modes = list(TimeMode)
        self.table.time_mode = modes[(modes.index(self.table.time_mode) + 1) % len(modes)]
        self.table.show_anew()

    def action_sort(self) -> None:
        """The next order."""
        now = self.table.pages.order
        at = ORDERS.index(now) if now in ORDERS else 0
        self.table.order_by(ORDERS[(at + 1) % len(ORDERS)])

    def action_columns(self) -> None:
        """Choose the columns."""

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self.table.chosen = chosen
                self.table.show_anew()

        self.app.push_screen(ColumnsScreen(self.table.chosen), take)

    def action_tab(self, number: int) -> None:
        """Open a tab of the detail."""
        self.detail.action_tab(number)

    def action_other_form(self) -> None:
        """Wire form, hex."""
        self.detail.action_other_form()

    def action_split(self) -> None:
        """Beside or below."""
        self.panes.beside = not self.panes.side_by_side

    def action_zoom(self) -> None:
        """One pane over all, and back."""
        detail = isinstance(self.focused, DetailView)
        zoomed = not self.has_class("zoomed")
        self.set_class(zoomed, "zoomed")
        self.query_one("#calls-pane").display = not (zoomed and detail)
        self.detail.display = not (zoomed and not detail)

    def action_grow(self) -> None:
        """More room for the pane with the keys."""
        self._share(5)

    def action_shrink(self) -> None:
        """Less room for it."""
        self._share(-5)

    def _share(self, percent: int) -> None:
        self.panes.share += -percent if isinstance(self.focused, DetailView) else percent

    # -- what is remembered -------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """What is worth remembering until the next start; the names are those of `State`."""
        beside = self.panes.beside
        split = "" if beside is None else "beside" if beside else "below"
        return {
            **self.table.state(),
            "split": split,
            "split_percent": self.panes.share,
            "tab": self.detail.open_tab.id,
            "filter_history": tuple(self.bar.history),
            "saved_filters": dict(self.bar.saved),
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take over what `state` gave; what does not fit is left out."""
        self.table.restore(state)
        if state.get("split") in ("beside", "below"):
            self.panes.beside = state["split"] == "beside"
        share = state.get("split_percent")
        if isinstance(share, int) and share:
            self.panes.share = share
        self.detail.tab = next(
            (at for at, tab in enumerate(TABS) if tab.id == state.get("tab")), self.detail.tab
        )
        history, saved = state.get("filter_history"), state.get("saved_filters")
        if isinstance(history, (tuple, list)):
            self.bar.history = [str(each) for each in history]
        if isinstance(saved, dict):
            self.bar.saved = {str(name): str(text) for name, text in saved.items()}
