"""The captures of the store: open another, rename, note, delete. Works while one of them is being recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from xraytap.errors import SourceError, XraytapError
from xraytap.protocol.phrases import many
from xraytap.store import open_store
from xraytap.store.names import checked
from xraytap.tui.dialogs import Ask, Confirm
from xraytap.tui.guard import words
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Cell, Column, Entry
from xraytap.tui.views.screen import GridScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from xraytap.store import Store
    from xraytap.store.reader import CaptureInfo
    from xraytap.tui.capture import Capture
    from xraytap.tui.lines import LinesView
    from xraytap.tui.views.doors import Doors

_LOOK_EVERY_S = 1.0


class CapturesScreen(GridScreen):
    """One line a capture, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("captures")]
    COLUMNS = (
        Column(title="", least=1),
        Column(title="name", least=16),
        Column(title="recorded", least=16, leaves=3),
        Column(title="calls", right=True),
        Column(title="sessions", right=True, leaves=4),
        Column(title="failures", right=True, leaves=2),
        Column(title="lost", right=True, leaves=5),
        Column(title="host", least=12, leaves=6),
        Column(title="note", least=10, leaves=1),
    )
    app: Doors

    class Looked(Message):
        """The store was looked at."""

        def __init__(self, found: list[CaptureInfo], error: str = "") -> None:
            super().__init__()
            self.found = found
            self.error = error

    def __init__(self, capture: Capture) -> None:
        super().__init__()
        self.capture = capture
        self.looked = 0

    def on_mount(self) -> None:
        """Look, and again each second."""
        self.title_line.what = f"captures in {self.capture.path}"
        self.grid.focus()
        self.look()
        self.set_interval(_LOOK_EVERY_S, self.look)

    def look(self) -> None:
        """Ask the store, in a thread: counting takes a while in large captures."""
        self.run_worker(self._read, thread=True, exclusive=True, group="captures")

    def _read(self) -> None:
        try:
            with open_store(self.capture.path) as store:
                self.post_message(self.Looked(store.captures()))
        except Exception as error:  # noqa: BLE001  shown where the list would be
            self.post_message(self.Looked([], words(error)))

    def on_captures_screen_looked(self, message: Looked) -> None:
        """Show what is there."""
        title = self.title_line
        title.trouble = message.error
        if not message.error:
            title.word = many(len(message.found), "capture")
            first = not self.looked
            self.grid.fill([_entry(each) for each in reversed(message.found)])
            if first:
                names = [each.of for each in self.grid.entries]
                self.grid.move_to(names.index(self.capture.name) if self.capture.name in names else 0)
                self.grid.touched = True  # it stays there
            self.head.refresh()
        self.looked += 1

    # -- actions ------------------------------------------------------------------------------------

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A second click."""
        message.stop()
        self.action_open()

    def action_open(self) -> None:
        """Browse the capture under the cursor."""
        name = self._under_cursor()
        if name is not None:
            self.app.open_capture(name)

    def action_close(self) -> None:
        """Back to the table."""
        self.dismiss()

    def action_rename(self) -> None:
        """Give the capture another name."""
        name = self._under_cursor()
        if name is None:
            return

        def check(text: str) -> str:
            return self._change(lambda store: store.rename(name, checked(text.strip())), text.strip())

        asked = Ask(f"rename {name}", initial=name, check=check)
        self.app.push_screen(asked, lambda new: self._renamed(name, new))

    def action_note(self) -> None:
        """Write a note on the capture."""
        name = self._under_cursor()
        if name is None:
            return
        with open_store(self.capture.path) as store:
            note = store.capture(name).note or ""

        def check(text: str) -> str:
            return self._change(lambda store: store.set_note(name, text.strip() or None), text)

        self.app.push_screen(Ask(f"note on {name}", initial=note, check=check), lambda _: self.look())

    def action_delete(self) -> None:
        """Remove the capture and its calls, once that is confirmed."""
        name = self._under_cursor()
        if name is None:
            return
        with open_store(self.capture.path) as store:
            info = store.capture(name)
            others = [each.name for each in store.captures() if each.name != name]
        if info.live:
            raise SourceError(f"capture '{name}' is being recorded; end the recording before deleting it.")
        if name == self.capture.name and not others:
            raise SourceError(f"'{name}' is the only capture; delete it with: rm {self.capture.path}")

        def remove() -> None:
            try:
                self._change(lambda store: store.delete(name), "")
            except XraytapError as error:  # its recording may have begun meanwhile
                self.app.tell(str(error))
            else:
                self.app.notify(f"capture '{name}' is gone", markup=False)

        def instead() -> None:
            remove()
            self.app.action_captures()

        def confirmed(wanted: bool | None) -> None:
            if wanted and name == self.capture.name:
                self.app.open_capture(others[-1], instead)
            elif wanted:
                remove()
                self.look()

        text = f"{many(info.calls, 'call')} recorded from {info.host} would be gone for good."
        self.app.push_screen(Confirm(f"delete {name}?", text), confirmed)

    # -- inside -------------------------------------------------------------------------------------

    def _under_cursor(self) -> str | None:
        chosen = self.grid.chosen
        return None if chosen is None else str(chosen.of)

    def _change(self, change: Callable[[Store], object], text: str) -> str:
        with open_store(self.capture.path) as store:
            change(store)
        return text

    def _renamed(self, old: str, new: str | None) -> None:
        if new is not None and old == self.capture.name and new != old:
            self.app.open_capture(new, self.app.action_captures)
        elif new is not None:
            self.look()


def _entry(info: CaptureInfo) -> Entry:
    from datetime import datetime

    when = datetime.fromtimestamp(info.created_at_us // 1_000_000).astimezone()
    return Entry(
        cells=(
            "●" if info.live else "",
            info.name,
            Cell(f"{when:%Y-%m-%d %H:%M}", info.created_at_us),
            info.calls,
            info.sessions,
            info.failures or "",
            info.gaps or "",
            info.host,
            info.note or "",
        ),
        of=info.name,
        word="success" if info.live else "",
    )
