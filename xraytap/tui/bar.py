"""The bar at the bottom where something is written: a filter, a search, a number. Says at once what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from xraytap.errors import FilterError
from xraytap.protocol.filter import parse
from xraytap.protocol.printable import printable
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_TITLES = {"filter": "filter", "search": "search", "go-to": "go to call", "find": "find here"}


class Bar(Vertical):
    """`kind`: `filter` and `search` take an expression, `go-to` a number, `find` words for the detail."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("bar")]

    class Taken(Message):
        """What was written is wanted."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Closed(Message):
        """The bar is gone."""

    def __init__(self) -> None:
        super().__init__(id="bar")
        self.kind = "filter"
        self.display = False

    def compose(self) -> ComposeResult:
        """The line to write on, and what is wrong with it."""
        yield Input(id="bar-input", compact=True, select_on_focus=False)
        yield Static(id="bar-word", markup=False)

    def open(self, kind: str, text: str = "") -> None:
        """Let something be written."""
        self.kind = kind
        self.display = True
        line = self.query_one(Input)
        line.placeholder = _TITLES[kind]
        line.value = text
        line.cursor_position = len(text)
        line.focus()
        self._judge(text)

    def close(self) -> None:
        """Hide."""
        self.display = False
        self.post_message(self.Closed())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge with every letter."""
        event.stop()
        self._judge(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.action_apply()

    def action_apply(self) -> None:
        """Take what is written, if it is right."""
        text = self.query_one(Input).value.strip()
        if self._judge(text):
            self.close()
            self.post_message(self.Taken(self.kind, text))

    def action_close(self) -> None:
        """Leave it."""
        self.close()

    def _judge(self, text: str) -> bool:
        """Say what is wrong; whether all is right."""
        word = self.query_one("#bar-word", Static)
        if self.kind in ("filter", "search"):
            try:
                parse(text)
            except FilterError as error:
                caret = " " * (2 + error.column) + "^" * error.length
                word.update(Text(f"{caret} column {error.column + 1}: {printable(error.reason)}"))
                word.add_class("trouble")
                return False
        elif self.kind == "go-to" and text and not text.isdigit():
            word.update(Text("a number is expected, as in the column seq"))
            word.add_class("trouble")
            return False
        word.remove_class("trouble")
        word.update(Text(""))
        return True
