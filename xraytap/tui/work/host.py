"""The question where to send calls again, and as whom; asked once a sitting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Label, Static

from xraytap.errors import XraytapError
from xraytap.protocol.printable import printable
from xraytap.replay.logins import PASSWORD, USER
from xraytap.replay.target import parse_target
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from xraytap.tui.work.sitting import Sitting


class Tick(Checkbox):
    """A checkbox whose state shows without colour."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802  Textual's name for the sign
        """The sign between the brackets."""
        return "x" if self.value else " "


class HostScreen(Guarded, ModalScreen[bool]):
    """Ends with whether the sitting has a host now."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("host")]

    def __init__(self, sitting: Sitting, url: str, user: str) -> None:
        super().__init__()
        known = sitting.target
        self._sitting = sitting
        self._url = url if known is None else known.url
        self._user = os.environ.get(USER) or user if known is None else sitting.user
        self._password = os.environ.get(PASSWORD, "") if known is None else sitting.password

    def compose(self) -> ComposeResult:
        """A line each."""
        with Vertical(classes="dialog") as box:
            box.border_title = Text("send calls again")
            yield Label("to the host")
            yield Input(self._url, compact=True, id="host-url")
            yield Label("logged in as")
            yield Input(self._user, compact=True, id="host-user")
            yield Label("with the password")
            yield Input(self._password, compact=True, password=True, id="host-password")
            yield Tick("send the recorded session instead of logging in", compact=True, id="host-recorded")
            yield Tick("accept any certificate", compact=True, id="host-insecure")
            yield Static("", classes="dialog-word", markup=False)
            yield Static("Enter takes it, Tab goes on, Esc leaves it", classes="dialog-keys", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in any line."""
        event.stop()
        self._take()

    def action_close(self) -> None:
        """Leave it."""
        self.dismiss(False)

    def _take(self) -> None:
        url, user, password = (
            self.query_one(f"#host-{each}", Input).value for each in ("url", "user", "password")
        )
        recorded, insecure = (
            self.query_one(f"#host-{each}", Checkbox).value for each in ("recorded", "insecure")
        )
        try:
            target = parse_target(url.strip(), insecure=insecure)
        except XraytapError as error:
            self.query_one(".dialog-word", Static).update(Text(printable(str(error), lines=True)))
            return
        self._sitting.go_to(target, user, password, own_session=not recorded)
        self.dismiss(True)
