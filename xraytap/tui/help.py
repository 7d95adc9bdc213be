"""`?`: the keys that do something here, narrowed while you type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from xraytap.tui.keys import bindings, spoken

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from xraytap.tui.keys import Alive


class HelpScreen(ModalScreen["Alive | None"]):
    """Ends with the key that was chosen, to be done."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, keys: list[Alive]) -> None:
        super().__init__()
        self._keys = keys
        self._shown: list[Alive] = []

    def compose(self) -> ComposeResult:
        """What to look for, and the keys."""
        with Vertical(id="help-box") as box:
            box.border_title = "keys"
            yield Input(placeholder="type to narrow", id="help-input", compact=True)
            yield OptionList(id="help-list", markup=False)

    def on_mount(self) -> None:
        """All of them at first."""
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Do what is lit up."""
        self.action_choose()

    def on_option_list_option_selected(self) -> None:
        """Do what was clicked."""
        self.action_choose()

    def action_choose(self) -> None:
        """End with what is lit up."""
        at = self.query_one(OptionList).highlighted
        option = None if at is None else self.query_one(OptionList).get_option_at_index(at)
        wanted = next((each for each in self._shown if option is not None and each.key.id == option.id), None)
        self.dismiss(wanted)

    def action_close(self) -> None:
        """End with nothing."""
        self.dismiss(None)

    def action_up(self) -> None:
        """Light up the one above."""
        self.query_one(OptionList).action_cursor_up()

    def action_down(self) -> None:
        """Light up the one below."""
        self.query_one(OptionList).action_cursor_down()

    def _fill(self, wanted: str) -> None:
        words = wanted.casefold().split()
        self._shown = []
        options: list[Option] = []
        groups: dict[str, list[Alive]] = {}
        for each in self._keys:
            keys = " ".join(spoken(key) for key in each.pressed)
            if all(word in f"{keys} {each.key.help} {each.key.group}".casefold() for word in words):
                groups.setdefault(each.key.group, []).append(each)
        for group, members in groups.items():
            options.append(Option(Text(group, "bold"), disabled=True))
            for each in members:
                keys = "  ".join(spoken(key) for key in each.pressed)
                options.append(Option(Text(f"  {keys:<14}{each.key.help}"), id=each.key.id))
                self._shown.append(each)
        chosen = self.query_one(OptionList)
        chosen.clear_options()
        chosen.add_options(options)
        if self._shown:
            chosen.highlighted = 1
