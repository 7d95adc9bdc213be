"""The detail pane: a line of tabs and the lines of the open one, for the call that is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from xraytap.tui.bar import Bar
from xraytap.tui.calls.loader import BIG
from xraytap.tui.detail.content import Lines
from xraytap.tui.detail.looker import Looker, Seen, Wish
from xraytap.tui.detail.tabs import TABS
from xraytap.tui.detail.view import DetailView
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from xraytap.tui.capture import Capture
    from xraytap.tui.detail.tabs import Tab

_REST_S = 0.03
"""A call is read when the cursor has rested on it for so long: holding `j` reads no bodies."""


class TabLine(Widget):
    """The titles of the tabs; the open one stands out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--open"}
    opened: reactive[int] = reactive(0)
    about: reactive[str] = reactive("")

    def render(self) -> Text:
        """One line."""
        text = Text(end="", no_wrap=True, overflow="ellipsis")
        for index, tab in enumerate(TABS):
            style = self.get_component_rich_style("tabs--open") if index == self.opened else ""
            text.append(f" {index + 1} {tab.title} ", style)
        if self.about:
            text.append(f"  {self.about}", "dim")
        return text

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the mouse."""
        at = 0
        for index, tab in enumerate(TABS):
            at += len(tab.title) + 4
            if event.x < at:
                self.post_message(DetailPane.Asked(index))
                return


class DetailPane(Guarded, Vertical):
    """`seq` is the call shown; `tab` the open tab, from 0."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("detail")]

    seq: reactive[int | None] = reactive(None, repaint=False)
    tab: reactive[int] = reactive(0, repaint=False)

    class Asked(Message):
        """Somebody wants another tab."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Looked(Message):
        """The looker has something to show."""

        def __init__(self, seen: Seen) -> None:
            super().__init__()
            self.seen = seen

    def __init__(self, capture: Capture) -> None:
        super().__init__(id="detail")
        self.capture = capture
        self.other: set[str] = set()
        self.shown: Wish | None = None
        self.wanted = ""
        """What is looked for in the open tab."""
        self._lit: tuple[str, ...] = ()
        self._bytes = 0
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """Tabs above, lines below."""
        yield TabLine()
        yield DetailView()

    def on_mount(self) -> None:
        """Open the thread."""
        self.looker = Looker(
            self.capture.path,
            self.capture.name,
            lambda seen: self.post_message(self.Looked(seen)),
            self.capture.learner,
        )

    def on_unmount(self) -> None:
        """End the thread."""
        self.looker.close()

    @property
    def view(self) -> DetailView:
        """The lines."""
        return self.query_one(DetailView)

    @property
    def open_tab(self) -> Tab:
        """The tab that is open."""
        return TABS[self.tab]

    def watch_seq(self) -> None:
        """Another call: read it when the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(_REST_S, self.look)

    def watch_tab(self) -> None:
        """Another tab of the same call."""
        self.query_one(TabLine).opened = self.tab
        self.look()

    def look(self, *, fresh: bool = False) -> None:
        """Show the selected call in the open tab."""
        if not self.is_attached:
            return
        if self.seq is None:
            self.shown = None
            self.view.show(Lines([]))
            return
        tab = self.open_tab
        self.looker.wish(Wish(self.seq, tab, tab.id in self.other, fresh))

    def on_detail_pane_looked(self, message: Looked) -> None:
        """Show what was read, unless the cursor has moved on."""
        seen = message.seen
        if seen.wish.seq != self.seq or seen.wish.tab is not self.open_tab:
            return
        before, self.shown = self.shown, seen.wish
        self.border_title = Content(seen.title or f"#{seen.wish.seq}")
        if seen.content is None:
            self.view.show(Lines([[("trouble", line)] for line in seen.error.split("\n")]))
        else:
            same = before is not None and (before.seq, before.tab) == (seen.wish.seq, seen.wish.tab)
            if same:
                seen.content.resume(self.view.content)
            self.view.show(seen.content, keep=same)
            if self._lit and not same:
                self.view.find(self._lit[0], forward=True, first=True)
        self._bytes = seen.size
        self.query_one(TabLine).about = seen.wish.tab.other if seen.wish.other else ""

    def name_anew(self) -> None:
        """More is known about the call. What takes long to lay out is left as it stands."""
        if self._bytes <= BIG:
            self.look()

    def light(self, words: tuple[str, ...]) -> None:
        """Light up words that are looked for in all calls."""
        self._lit = words
        self._show_lights()

    def find(self, words: str) -> None:
        """Look for words in the open tab; nothing written ends that."""
        self.wanted = words
        self._show_lights()
        if words and not self.view.find(words, forward=True, first=True):
            self.notify("not in this tab", markup=False)

    def find_next(self, *, forward: bool) -> bool:
        """Go to the next place in the open tab; False where nothing is looked for here."""
        if not self.wanted:
            return False
        if not self.view.find(self.wanted, forward=forward):
            self.notify("not in this tab", markup=False)
        return True

    def _show_lights(self) -> None:
        self.view.needles = (*self._lit, self.wanted) if self.wanted else self._lit
        self.view.refresh()

    def on_detail_pane_asked(self, message: Asked) -> None:
        """A click on a tab."""
        self.tab = message.index

    def action_tab(self, number: int) -> None:
        """Open a tab by its number."""
        if 1 <= number <= len(TABS):
            self.tab = number - 1

    def action_find(self) -> None:
        """Write what to look for in this tab."""
        self.screen.query_one(Bar).open("find", self.wanted)

    async def action_next_match(self) -> None:
        """Next place in this tab; without one, next match among the calls."""
        if not self.find_next(forward=True):
            await self.run_action("screen.next_match")

    async def action_previous_match(self) -> None:
        """The one before."""
        if not self.find_next(forward=False):
            await self.run_action("screen.previous_match")

    def action_other_form(self) -> None:
        """The wire form instead of the typed one, hex instead of text; and back."""
        if self.open_tab.other:
            self.other ^= {self.open_tab.id}
            self.look()
