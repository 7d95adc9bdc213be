"""Text to the clipboard of whoever sits before the terminal, or to a file of their own.

OSC 52 reaches the terminal that shows the screen, over SSH too, but some terminals ignore it; where the machine
itself has a clipboard, that gets the text as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.errors import SourceError, UsageError

if TYPE_CHECKING:
    from textual.app import App

TERMINALS_TAKE = 74_994
"""Bytes of text that every terminal with OSC 52 takes; beyond, some take nothing."""


def copy(app: App[None], text: str) -> str:
    """Copy; a sentence about it."""
    app.copy_to_clipboard(text)
    with_machine = _to_machine(text)
    size = len(text.encode("utf-8", "surrogatepass"))
    told = f"copied {len(text):,} characters"
    if size > TERMINALS_TAKE and not with_machine:
        told += "; a terminal may refuse so many: copy to a file instead"
    return told


def save(path: Path, text: str) -> str:
    """Write a file that only its owner reads; a sentence about it. SourceError where that fails or a file is
    there already."""
    data = text.encode("utf-8", "surrogatepass")
    write_new(path, data)
    return f"wrote {len(data):,} bytes to {path}"


def write_new(path: Path, data: bytes) -> None:
    """A file that only its owner reads. SourceError where that fails or a file is there already."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SourceError(f"{path} is there already; name another file.") from None
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}. Name another file.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}.") from None


def checked_path(text: str) -> str:
    """A path that a file may be made at, `~` spelled out. UsageError for nothing, SourceError for one that is
    there already."""
    if not text.strip():
        raise UsageError("a file name is expected.")
    path = Path(text.strip()).expanduser()
    if path.exists():
        raise SourceError(f"{path} is there already; name another.")
    return str(path)


def _to_machine(text: str) -> bool:
    """Whether this machine's own clipboard took it: that of a screen somebody sits at, not of a server."""
    if "SSH_CONNECTION" in os.environ or not any(
        name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY")
    ):
        return False
    try:
        import pyperclip  # type: ignore[import-untyped]

        pyperclip.copy(text)
    except Exception:  # noqa: BLE001  whatever is wrong with it, the terminal has the text
        return False
    return True
