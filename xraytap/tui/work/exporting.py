"""The questions before calls are written to a file: which, in which form, where to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.tui import clipboard
from xraytap.tui.dialogs import Ask, Choice, Menu
from xraytap.tui.guard import words
from xraytap.tui.work import exports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.store import Store
    from xraytap.tui.work.screen import WorkScreen

    type Rows = Callable[[Store], Iterator[CallRow]]


def ask(screen: WorkScreen, seq: int) -> None:
    """Which calls: this one, the marked ones, those of the list."""
    capture, shown = screen.capture, screen.table.pages.filter
    marked = [each.seq for each in capture.marks.all() if each.marked]
    rows = partial(exports.rows_of, capture=capture.name)
    which = [Choice("t", "this call", f"#{seq}", partial(rows, seqs=[seq]))]
    if marked:
        which.append(Choice("m", "the marked calls", str(len(marked)), partial(rows, seqs=marked)))
    count = screen.table.count()
    hint = f"all {count:,}" if shown is None else f"{count:,} shown by the filter"
    which.append(Choice("a", "the calls of the list", hint, partial(rows, filter=shown)))

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            _ask_form(screen, choice.of)

    screen.app.push_screen(Menu("write to a file", which), chosen)


def _ask_form(screen: WorkScreen, rows: Rows) -> None:
    forms = [Choice(key, label, hint, suffix) for key, (label, hint, suffix) in exports.FORMATS.items()]

    def chosen(form: Choice | None) -> None:
        if form is not None:
            _ask_path(screen, rows, form)

    screen.app.push_screen(Menu("in which form", forms), chosen)


def _ask_path(screen: WorkScreen, rows: Rows, form: Choice) -> None:
    initial = f"{screen.capture.name}{form.of}"
    asked = Ask(f"write {form.label} to", initial=initial, check=clipboard.checked_path)

    def written(path: str | None) -> None:
        if path is not None:
            write = partial(_write, screen, form.key, Path(path), rows)
            screen.run_worker(write, thread=True, group="export", exit_on_error=False)

    screen.app.push_screen(asked, written)


def _write(screen: WorkScreen, form: str, path: Path, rows: Rows) -> None:
    """In a worker's thread."""
    capture, app = screen.capture, screen.app
    try:
        told = exports.write(form, path, capture.path, capture.name, rows, capture.learner.about)
    except Exception as error:  # noqa: BLE001  told; the application goes on
        app.call_from_thread(app.tell, words(error))
    else:
        app.call_from_thread(partial(screen.notify, told, markup=False))
