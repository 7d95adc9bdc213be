"""A text in the user's editor, or in place where there is none."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import SuspendNotSupported
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from xraytap.errors import UsageError, XraytapError
from xraytap.protocol.printable import printable
from xraytap.tui.guard import Guarded
from xraytap.tui.keys import bindings

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App, ComposeResult
    from textual.binding import BindingType


def editor() -> list[str] | None:
    """The command of `$VISUAL` or `$EDITOR`; None where neither names a program."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    return words if words and shutil.which(words[0]) else None


def edited(app: App[None], text: str, suffix: str) -> str:
    """The text as the user's editor left it, in a file that only its owner reads. UsageError where the editor
    cannot be run."""
    command = editor()
    if command is None:
        raise UsageError("$EDITOR names no program.")
    with tempfile.TemporaryDirectory(prefix="xraytap-") as folder:
        path = Path(folder) / f"call{suffix}"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            with app.suspend():
                done = subprocess.run([*command, str(path)], check=False)  # noqa: S603  the user's own editor
        except (SuspendNotSupported, OSError) as error:
            raise UsageError(f"{command[0]} cannot be run here: {error}.") from None
        if done.returncode:
            raise UsageError(f"{command[0]} ended with {done.returncode}; nothing was sent.")
        return path.read_text(encoding="utf-8", errors="surrogatepass")


class EditScreen(Guarded, ModalScreen["str | None"]):
    """The text in place. Ends with it once `check` has nothing against it; with None if it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("edit")]

    def __init__(self, title: str, text: str, check: Callable[[str], object], *, wrong: str = "") -> None:
        super().__init__()
        self._heading, self._text, self._check, self._wrong = title, text, check, wrong

    def compose(self) -> ComposeResult:
        """The text, what is wrong with it, the keys."""
        with Vertical(id="edit-box") as box:
            box.border_title = Text(printable(self._heading))
            yield TextArea(self._text, id="edit", show_line_numbers=True, soft_wrap=False)
            yield Static(Text(printable(self._wrong, lines=True)), classes="dialog-word", markup=False)
            yield Static("^s sends it, Esc leaves it", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Begin to write."""
        self.query_one(TextArea).focus()

    def action_send(self) -> None:
        """Take it, if it is right."""
        text = self.query_one(TextArea).text
        try:
            self._check(text)
        except XraytapError as error:
            self.query_one(".dialog-word", Static).update(Text(printable(str(error), lines=True)))
        else:
            self.dismiss(text)

    def action_close(self) -> None:
        """Leave it."""
        self.dismiss(None)
