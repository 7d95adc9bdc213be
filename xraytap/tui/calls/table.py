"""The table of calls: draws the lines in view from the pages of a capture, whatever its length.

A key press never waits: rows come from a page that is kept or read by position, words of the bodies from a
loader's thread when it has them, the list of a filter from a scanner's thread as it finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from xraytap.store.pages import Order, SortKey
from xraytap.tui.calls.columns import CHOSEN, COLUMNS, GAP, fit
from xraytap.tui.calls.loader import Loader
from xraytap.tui.calls.render import TIME_TITLES, Line, TimeMode, cell, fitted
from xraytap.tui.calls.scanner import Found, Scanner
from xraytap.tui.keys import bindings
from xraytap.tui.lines import LinesView
from xraytap.tui.styles import part_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.binding import BindingType
    from textual.geometry import Region
    from textual.strip import Strip

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.tui.calls.columns import Column
    from xraytap.tui.capture import Capture

POLL_S = 0.1
_RESORT_EVERY = 20
ORDERS = (
    Order(),
    Order(key=SortKey.ELAPSED, descending=True),
    Order(key=SortKey.SIZE, descending=True),
    Order(key=SortKey.METHOD),
    Order(descending=True),
)
"""What sorting goes through, one after the other."""


class CallsTable(LinesView):
    """`follow`: the newest call is kept in view. `unseen`: calls that came while it was not."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("calls")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "calls--dim",
        "calls--success",
        "calls--failure",
        "calls--fault",
        "calls--http-error",
        "calls--no-response",
        "calls--undecodable",
    }

    follow: reactive[bool] = reactive(False, repaint=False)
    unseen: reactive[int] = reactive(0, repaint=False)

    class Changed(Message):
        """The list, its order, its columns or its state (follow, unseen) are others now."""

    class Selected(Message):
        """The call under the cursor is another one, None in an empty list; or it has its answer now."""

        def __init__(self, seq: int | None, *, answered: bool = False) -> None:
            super().__init__()
            self.seq = seq
            self.answered = answered

    class Ready(Message):
        """Words of bodies have come."""

    class Scanned(Message):
        """A scan has found something."""

        def __init__(self, found: Found) -> None:
            super().__init__()
            self.found = found

    def __init__(self, capture: Capture) -> None:
        super().__init__(id="calls")
        self.capture = capture
        self.pages = capture.pages
        self.chosen: tuple[str, ...] = CHOSEN
        self.time_mode = TimeMode.SINCE_START
        self.filter_text = ""
        self.selected: int | None = None
        self.needles: tuple[str, ...] = ()
        """Words to light up."""
        self.changes = 0
        """How often the store was found changed."""
        self._waits = False
        self._waiting = False
        """Whether a call in view has no answer yet."""
        self._turn = 0
        self._since_us = 0
        self._layout_for: tuple[object, ...] = ()
        self._layout: list[tuple[Column, int]] = []
        self._polls_until_sorted = 0
        self._seen = 0

    def on_mount(self) -> None:
        """Open the threads, look for the first time."""
        self.loader = Loader(
            self.capture.path,
            self.capture.name,
            lambda: self.post_message(self.Ready()),
            self.capture.learner,
        )
        self.scanner = Scanner(
            self.capture.path, self.capture.id, lambda found: self.post_message(self.Scanned(found))
        )
        if self.pages.listed:
            self._turn = self.scanner.start(self.pages.filter, self.pages.order)
        self.follow = self.capture.live
        self._seen = self.pages.total
        self._since_us = self.capture.started_at_us()
        self.measure()
        self._to_end_if_following()
        self._select()
        self.set_interval(POLL_S, self.poll)

    def on_unmount(self) -> None:
        """End the threads."""
        self.loader.close()
        self.scanner.close()

    # -- the list -----------------------------------------------------------------------------------

    def count(self) -> int:
        """How many calls the list has now."""
        return self.pages.count()

    def show(self, filter: Expr | None, text: str, order: Order | None = None) -> None:
        """Narrow the list; the selected call stays selected where it is still there."""
        self.filter_text = text
        self.pages.show(filter, order or self.pages.order)
        self.unseen = 0
        if self.pages.listed:
            # The first piece comes in milliseconds and fills the list: emptying it before costs a layout more.
            self._turn = self.scanner.start(filter, self.pages.order)
            self.show_anew()
        else:
            self.scanner.stop()
            self._relist()

    def order_by(self, order: Order) -> None:
        """Order the list anew."""
        self.show(self.pages.filter, self.filter_text, order)

    def select(self, seq: int) -> None:
        """Put the cursor on a call, or on the one that stands next to its place."""
        self.move_to(self.pages.nearest(seq), by_hand=True)

    def poll(self) -> None:
        """Look whether the store has changed."""
        if not self.pages.refresh():
            return
        self.changes += 1
        if not self._since_us:
            self._since_us = self.capture.started_at_us()
        new = self.pages.total - self._seen
        self._seen = self.pages.total
        if self.pages.listed:
            self._rescan()
        else:
            self._grown(new)

    def on_calls_table_scanned(self, message: Scanned) -> None:
        """Take over what a scan found."""
        found = message.found
        if found.turn != self._turn:
            return
        if found.chunk is None:
            self.notify(found.error, severity="error", markup=False)
            return
        before, complete = self.count(), self.pages.scanned
        self.pages.extend(found.chunk)
        if complete:
            self._grown(self.count() - before)
        else:
            self._relist()

    def on_calls_table_ready(self) -> None:
        """Words have come: draw, and ask for the rest."""
        self.refresh()

    def _rescan(self) -> None:
        if self.pages.order.key is SortKey.SEQ:
            self.scanner.more()
            return
        self._polls_until_sorted -= 1  # sorting is not done piece by piece: now and then only
        if self._polls_until_sorted <= 0:
            self._polls_until_sorted = _RESORT_EVERY
            self.scanner.more()

    def _grown(self, new: int) -> None:
        """New calls stand at the end."""
        if self.follow or self._waiting or self.pages.order.descending:
            self.measure()
            self._to_end_if_following()
        else:
            self._grown_below()
        if not self.follow and new > 0:
            self.unseen += new
        self._select()
        self.post_message(self.Changed())

    def _grown_below(self) -> None:
        """Nothing that is in view has changed, but where lines end above the end of the view."""
        bottom = self.scroll_offset.y + self.shown_height
        if self.virtual_size.height < bottom or self.count() < bottom:
            self.measure()
        else:
            self.resize()

    def _relist(self) -> None:
        """The list is another one: keep the selected call, or its neighbourhood."""
        index = 0 if self.selected is None else self.pages.nearest(self.selected)
        self.measure()
        self.move_to(index)
        self._to_end_if_following()
        self._select()
        self.post_message(self.Changed())

    def _to_end_if_following(self) -> None:
        if self.follow and self.count() and self.pages.order.key is SortKey.SEQ:
            self.move_to(0 if self.pages.order.descending else self.count() - 1)

    @property
    def selected_row(self) -> CallRow | None:
        """The row under the cursor."""
        return self.pages.row_at(self.cursor)

    # -- selection and following --------------------------------------------------------------------

    def on_lines_view_moved(self, message: LinesView.Moved) -> None:
        """Moving up pauses following; the last line resumes it in a live capture."""
        if message.by_hand and self.follow and self.cursor < self.count() - 1:
            self.follow = False
        self._select()

    def action_last(self) -> None:
        """The last line; and follow, where new calls come to stand there."""
        super().action_last()
        if self.pages.order.natural:
            self.action_follow()

    def action_follow(self) -> None:
        """Follow new calls; in a list ordered by something else they have no end to stand at."""
        self.follow, self.unseen = True, 0
        if self.pages.order.key is not SortKey.SEQ:
            self.order_by(Order())
        self._to_end_if_following()
        self.post_message(self.Changed())

    def watch_follow(self) -> None:
        """Others show it."""
        self.post_message(self.Changed())

    def _select(self) -> None:
        row = self.selected_row
        waits = row is not None and row.elapsed_us is None
        seq = self.pages.seq_at(self.cursor)
        if seq != self.selected:
            if seq is not None:
                self.selected = seq
            self.post_message(self.Selected(seq))
        elif self._waits and not waits:
            self.post_message(self.Selected(seq, answered=True))
        self._waits = waits

    # -- drawing ------------------------------------------------------------------------------------

    def layout_for(self, width: int) -> list[tuple[Column, int]]:
        """The columns in `width` cells."""
        digits = len(str(self.pages.last_seq))
        key = (width, self.chosen, digits)
        if key != self._layout_for:
            self._layout_for, self._layout = key, fit(self.chosen, width, digits)
        return self._layout

    def line(self, index: int, width: int) -> Text:
        """One call."""
        row = self.pages.row_at(index)
        if row is None:
            return Text("this call is gone", style=part_style(self, "calls--dim"))
        line = Line(
            row=row,
            words=self.loader.words(row),
            mark=self.capture.marks.get(row.seq),
            since_us=self._time_from(index),
        )
        outcome = part_style(self, f"calls--{row.outcome.value}")
        dim = part_style(self, "calls--dim")
        text = Text(end="", no_wrap=True)
        for number, (column, room) in enumerate(self.layout_for(width)):
            if number:
                text.append(" " * GAP)
            style = (
                outcome
                if column.id in ("sign", "outcome")
                else ""
                if column.id in ("method", "params")
                else dim
            )
            text.append(fitted(cell(column, line), room, right=column.right), style)
        self.light(text, self.needles)
        return text

    def render_lines(self, crop: Region) -> list[Strip]:
        """Ask the loader for what comes into view."""
        top = self.scroll_offset.y
        rows = self.pages.window(top, self.shown_height)
        self._waiting = any(row.elapsed_us is None for row in rows)
        self.loader.wish(rows)
        return super().render_lines(crop)

    def _time_from(self, index: int) -> int | None:
        if self.time_mode is TimeMode.CLOCK:
            return None
        if self.time_mode is TimeMode.SINCE_START:
            return self._since_us
        before: CallRow | None = self.pages.row_at(index - 1) if index else None
        row = self.pages.row_at(index)
        if before is None:
            return None if row is None else row.started_at_us
        return before.started_at_us

    def title_of(self, column: Column) -> str:
        """A column's head, with the arrow of the order."""
        title = TIME_TITLES[self.time_mode] if column.id == "time" else column.title
        order = self.pages.order
        if column.sort is order.key and not order.natural:
            title = f"{title}{'↓' if order.descending else '↑'}"
        return title

    def show_anew(self) -> None:
        """Columns, or how they read, are others now."""
        self.refresh()
        self.post_message(self.Changed())

    # -- what is remembered -------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """The table's part of what is remembered from one start to the next."""
        order = self.pages.order
        return {
            "columns": () if self.chosen == CHOSEN else self.chosen,
            "time": self.time_mode.value,
            "order": order.key.value,
            "descending": order.descending,
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take over what `state` gave; whatever does not fit is left out."""
        chosen = state.get("columns")
        if isinstance(chosen, (tuple, list)):
            known = tuple(each for each in chosen if each in COLUMNS)
            self.chosen = known or CHOSEN
        if state.get("time") in {each.value for each in TimeMode}:
            self.time_mode = TimeMode(str(state["time"]))
        if state.get("order") in {each.value for each in SortKey}:
            order = Order(key=SortKey(str(state["order"])), descending=state.get("descending") is True)
            if order != self.pages.order:
                self.order_by(order)
        self.show_anew()
