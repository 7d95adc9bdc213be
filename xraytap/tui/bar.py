"""The bar at the bottom where something is written: a filter, a search, a number. Says at once what is wrong,
offers what fits, and brings back what was written before."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from xraytap.errors import FilterError, XraytapError
from xraytap.protocol.filter import parse
from xraytap.protocol.printable import printable
from xraytap.store.seen import Seen, seen
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings
from xraytap.tui.offers import Offer, offers

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from xraytap.tui.capture import Capture

_PROMPTS = {
    "filter": "filter",
    "search": "search",
    "go-to": "go to call",
    "find": "find here",
    "name": "save as",
}
_EXPRESSIONS = frozenset({"filter", "search"})
HISTORY = 200
_AGAIN_S = 10.0


class BarInput(Input, inherit_bindings=False):
    """An input whose Enter is the bar's, and whose editing keys act at once: as bindings they would act after
    letters that were typed later, when both come in one go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        each for each in Input.BINDINGS if not (isinstance(each, Binding) and each.key == "enter")
    ]

    async def on_key(self, event: events.Key) -> None:
        """Edit now."""
        action = _EDITING.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)


_EDITING = {each.key: each.action for each in Binding.make_bindings(BarInput.BINDINGS)}


class Bar(Guarded, Vertical):
    """`kind`: `filter` and `search` take an expression, `go-to` a number, `find` words to look for in the
    detail, `name` a name for the filter that was just written."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("bar")]

    class Taken(Message):
        """What was written is wanted."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Closed(Message):
        """The bar is gone."""

    def __init__(self, capture: Capture) -> None:
        super().__init__(id="bar")
        self.display = False
        self.kind = "filter"
        self.history: list[str] = []
        self.saved: dict[str, str] = {}
        self._capture = capture
        self._seen = Seen()
        self._names: dict[str, list[str]] = {}
        self._looked_at = (-1, -_AGAIN_S)
        self._offers: list[Offer] = []
        self._back = 0
        self._draft = ""
        self._naming = ""

    def compose(self) -> ComposeResult:
        """Offers above, then the line to write on, then what is wrong with it."""
        yield OptionList(id="bar-offers", markup=False, compact=True)
        with Horizontal(id="bar-line"):
            yield Static(id="bar-prompt", markup=False)
            yield BarInput(id="bar-input", compact=True, select_on_focus=False)
        yield Static(id="bar-word", markup=False)

    @property
    def line(self) -> Input:
        """What is written on."""
        return self.query_one(Input)

    def open(self, kind: str, text: str = "") -> None:
        """Let something be written."""
        self.kind = kind
        self.display = True
        self._back, self._draft = 0, text
        self.query_one("#bar-prompt", Static).update(Text(f" {_PROMPTS[kind]} "))
        self.query_one(OptionList).can_focus = False
        self._write(text)
        # At once: what is typed after the key that opened the bar belongs into it, however fast.
        self.screen.set_focus(self.line)
        self._judge()
        if kind in _EXPRESSIONS:
            self._look()
        self._offer()

    def close(self) -> None:
        """Hide."""
        self.display = False
        self.post_message(self.Closed())

    def _look(self) -> None:
        """Find out what the capture holds, if it is not known since a moment ago."""
        self._names = self._capture.learner.names()
        calls = self._capture.pages.total
        if calls != self._looked_at[0] and monotonic() > self._looked_at[1] + _AGAIN_S:
            self._looked_at = (calls, monotonic())
            self._look_through()

    @work(thread=True, exclusive=True, group="seen")
    def _look_through(self) -> None:
        try:
            found = seen(self._capture.path, self._capture.id)
        except XraytapError:
            return  # without them completion offers fields alone
        self.app.call_from_thread(self._take, found)

    def _take(self, found: Seen) -> None:
        self._seen = found
        if self.display:
            self._offer()

    # -- while writing ------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge and offer with every letter."""
        event.stop()
        self._judge()
        self._offer()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._complete(event.option_index)
        self.screen.set_focus(self.line)

    def action_apply(self) -> None:
        """Complete with what is lit up; else take what is written, if it is right."""
        lit = self.query_one(OptionList).highlighted
        if lit is not None and self._offers:
            self._complete(lit)
            return
        text = self.line.value.strip()
        if not self._judge():
            return
        if self.kind == "name":
            if text:
                self.saved[text] = self._naming
                self.notify(f"saved as {printable(text)}: / offers it", markup=False)
            self.close()
            return
        if self.kind in _EXPRESSIONS and text:
            self.history = [*(each for each in self.history if each != text), text][-HISTORY:]
        self.close()
        self.post_message(self.Taken(self.kind, text))

    def action_close(self) -> None:
        """Leave it."""
        self.close()

    def action_complete(self) -> None:
        """Take what is lit up, or the first offer."""
        lit = self.query_one(OptionList).highlighted
        if self._offers:
            self._complete(lit or 0)

    def action_save(self) -> None:
        """Keep the filter under a name."""
        text = self.line.value.strip()
        if self.kind == "filter" and text and self._judge():
            self._naming = text
            self.open("name")

    def action_forget(self) -> None:
        """Drop the saved filter that is lit up."""
        lit = self.query_one(OptionList).highlighted
        name = self._offers[lit].saved if lit is not None and self._offers else None
        if name is not None:
            del self.saved[name]
            self._offer()

    def action_up(self) -> None:
        """The offer above; above the first, and without offers, what was written before."""
        shown = self.query_one(OptionList)
        if shown.highlighted:
            shown.highlighted -= 1
        elif shown.highlighted == 0:
            shown.highlighted = None
        else:
            self._recall(1)

    def action_down(self) -> None:
        """What was written after; then the offer below."""
        shown = self.query_one(OptionList)
        if self._back:
            self._recall(-1)
        elif self._offers:
            lit = -1 if shown.highlighted is None else shown.highlighted
            shown.highlighted = min(lit + 1, len(self._offers) - 1)

    def on_key(self, event: events.Key) -> None:
        """Nothing that is written in the bar is a key of the screens."""
        if event.is_printable:
            event.stop()

    # -- inside -------------------------------------------------------------------------------------

    def _recall(self, step: int) -> None:
        if self.kind not in _EXPRESSIONS or not 0 <= self._back + step <= len(self.history):
            return
        if not self._back:
            self._draft = self.line.value
        self._back += step
        self._write(self.history[-self._back] if self._back else self._draft)

    def _write(self, text: str) -> None:
        self.line.value = text
        self.line.cursor_position = len(text)

    def _complete(self, index: int) -> None:
        offer, line = self._offers[index], self.line
        after = line.value[line.cursor_position :]
        line.value = line.value[: offer.start] + offer.text + after
        line.cursor_position = offer.start + len(offer.text)
        self._offer()

    def _offer(self) -> None:
        shown = self.query_one(OptionList)
        self._offers = []
        if self.kind in _EXPRESSIONS:
            self._offers = offers(
                self.line.value, self.line.cursor_position, self._seen, self._names, self.saved
            )
        shown.clear_options()
        width = max((len(each.shown) for each in self._offers), default=0)
        shown.add_options(
            Option(Text.assemble(f"{each.shown:<{min(width, 40)}}  ", (each.about, "dim")))
            for each in self._offers
        )
        shown.highlighted = None
        shown.display = bool(self._offers)

    def _judge(self) -> bool:
        """Say what is wrong; whether all is right."""
        trouble, column, text = "", 0, self.line.value
        if self.kind in _EXPRESSIONS:
            try:
                parse(text)
            except FilterError as error:
                column = error.column
                trouble = f"{'^' * error.length} column {column + 1}: {printable(error.reason)}"
        elif self.kind == "go-to" and text.strip() and not text.strip().isdecimal():
            trouble = "a number is expected, as in the column seq"
        word = self.query_one("#bar-word", Static)
        before = len(_PROMPTS[self.kind]) + 2 + column
        if trouble and before + cell_len(trouble) > self.size.width:
            carets, _, trouble = trouble.partition(" ")
            trouble = f"{carets}\n {trouble}"
        word.update(Text(" " * before + trouble, no_wrap=True, overflow="ellipsis"))
        word.display = bool(trouble)
        return not trouble
