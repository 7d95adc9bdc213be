"""The menu of the forms in which a call is copied, to the clipboard or to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.errors import XraytapError
from xraytap.tui import clipboard
from xraytap.tui.detail.view import DetailView
from xraytap.tui.dialogs import Ask, Choice, Menu
from xraytap.tui.work import copies

if TYPE_CHECKING:
    from xraytap.tui.work.screen import WorkScreen


def ask(screen: WorkScreen, seq: int, *, to_file: bool = False) -> None:
    """In which form; `f` turns from the clipboard to a file and back."""
    other = "to the clipboard" if to_file else "to a file"
    forms = copies.choices(screen.capture, seq, _line_under_cursor(screen))
    menu = Menu(f"{'write' if to_file else 'copy'} #{seq} as", [*forms, Choice("f", f"{other} instead")])

    def chosen(choice: Choice | None) -> None:
        if choice is None:
            return
        if choice.of is None:
            ask(screen, seq, to_file=not to_file)
            return
        try:
            _copy(screen, seq, choice, to_file=to_file)
        except XraytapError as error:
            screen.app.tell(str(error))

    screen.app.push_screen(menu, chosen)


def _copy(screen: WorkScreen, seq: int, choice: Choice, *, to_file: bool) -> None:
    text: str = choice.of()

    def say(told: str | None) -> None:
        if told is not None:
            screen.notify(told, markup=False)

    def check(written: str) -> str:
        return clipboard.save(Path(clipboard.checked_path(written)), text)

    if to_file:
        initial = f"{screen.capture.name}-{seq}.txt"
        screen.app.push_screen(Ask(f"write {choice.label} to", initial=initial, check=check), say)
    else:
        say(clipboard.copy(screen.app, text))


def _line_under_cursor(screen: WorkScreen) -> str | None:
    view = screen.detail.view
    if isinstance(screen.focused, DetailView) and view.count():
        return view.content.copied(view.cursor)
    return None
