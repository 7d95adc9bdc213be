"""Small questions over the screen: a menu, a line to write, a yes to something that cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from xraytap.errors import XraytapError
from xraytap.protocol.printable import printable
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` chooses it at once; `label` is what it is, `hint` what more is known; `of` is what the menu gives."""

    key: str
    label: str
    hint: str = ""
    of: Any = None


class Menu(Guarded, ModalScreen["Choice | None"]):
    """Ends with what was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("menu")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._heading = title
        self._choices = list(choices)
        self._widest = max((len(printable(each.label)) for each in choices), default=0)

    def compose(self) -> ComposeResult:
        """A box with one line for each."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text(printable(self._heading))
            yield OptionList(*map(self._option, self._choices), id="menu", markup=False)

    def on_mount(self) -> None:
        """The first is lit up."""
        self.query_one(OptionList).highlighted = 0

    def on_key(self, event: events.Key) -> None:
        """A choice's own key."""
        found = next((each for each in self._choices if each.key == event.character), None)
        if found is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(found)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.dismiss(self._choices[event.option_index])

    def action_down(self) -> None:
        """Light up the one below."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Light up the one above."""
        self.query_one(OptionList).action_cursor_up()

    def action_close(self) -> None:
        """End with nothing."""
        self.dismiss(None)

    def _option(self, choice: Choice) -> Option:
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f" {choice.key}  ", "bold")
        text.append(f"{printable(choice.label):<{self._widest}}")
        if choice.hint:
            text.append(f"  {printable(choice.hint)}", "dim")
        return Option(text)


class Ask(Guarded, ModalScreen["str | None"]):
    """Ends with what was written. `check` gives it back as it counts, or raises what is wrong with it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("ask")]

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        initial: str = "",
        check: Callable[[str], str] | None = None,
        hidden: bool = False,
    ) -> None:
        super().__init__()
        self._heading, self._text, self._initial = title, text, initial
        self._check = check
        self._hidden = hidden

    def compose(self) -> ComposeResult:
        """What is asked, the line, what is wrong."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text(printable(self._heading))
            if self._text:
                yield Static(Text(printable(self._text, lines=True)), classes="dialog-text")
            yield Input(self._initial, compact=True, password=self._hidden, id="ask")
            yield Static("", classes="dialog-word", markup=False)

    def on_input_changed(self) -> None:
        """What was wrong is being mended."""
        self.query_one(".dialog-word", Static).update(Text(""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        try:
            wanted = event.value if self._check is None else self._check(event.value)
        except XraytapError as error:
            self.query_one(".dialog-word", Static).update(Text(printable(str(error), lines=True)))
            return
        self.dismiss(wanted)

    def action_close(self) -> None:
        """End with nothing."""
        self.dismiss(None)


class Confirm(Guarded, ModalScreen[bool]):
    """Ends with whether it was wanted. `name` is what has to be typed; without one a key is enough."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("confirm")]

    def __init__(self, title: str, text: str, *, name: str = "") -> None:
        super().__init__()
        self._heading, self._text, self._to_type = title, text, name

    def compose(self) -> ComposeResult:
        """What is about to happen, and how to say yes."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text(printable(self._heading))
            yield Static(Text(printable(self._text, lines=True)), classes="dialog-text")
            if self._to_type:
                yield Static(Text(f"To go on, type {printable(self._to_type)} and Enter; Esc leaves it."))
                yield Input(compact=True, id="ask")
            else:
                yield Static(Text("y goes on; n or Esc leaves it."))
            yield Static("", classes="dialog-word", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The name, or not."""
        event.stop()
        if event.value.strip() == self._to_type:
            self.dismiss(True)
        else:
            self.query_one(".dialog-word", Static).update(Text("that is another name"))

    def on_key(self, event: events.Key) -> None:
        """Yes or no."""
        if not self._to_type and event.character in ("y", "n"):
            event.stop()
            self.dismiss(event.character == "y")

    def action_close(self) -> None:
        """No."""
        self.dismiss(False)
