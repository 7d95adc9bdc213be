"""Reads the call that somebody looks at, and builds the tab that is open, in a thread of its own.

Only the newest wish counts. Whatever goes wrong comes back as a text to show in the tab.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xraytap.errors import XraytapError
from xraytap.protocol.describe import method_text
from xraytap.protocol.printable import printable
from xraytap.store import open_store
from xraytap.tui.detail.loaded import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.store import Store
    from xraytap.tui.calls.loader import Knowing
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded
    from xraytap.tui.detail.tabs import Tab


@dataclass(frozen=True, slots=True)
class Wish:
    """Which call, which tab, in which form. `fresh`: read it again even if it is the same call."""

    seq: int
    tab: Tab
    other: bool
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A wish fulfilled: its lines, or why there are none."""

    wish: Wish
    content: Content | None
    title: str = ""
    """Which call it is, safe to show."""
    size: int = 0
    """Bytes of both bodies."""
    error: str = ""


class Looker:
    """`seen` is called in the looker's thread."""

    def __init__(
        self,
        store: Path,
        capture: str,
        seen: Callable[[Seen], object],
        knowing: Knowing,
    ) -> None:
        self._path, self._capture = store, capture
        self._seen, self._knowing = seen, knowing
        self._change = threading.Condition()
        self._wish: Wish | None = None
        self._closed = self._busy = False
        self._thread = threading.Thread(target=self._run, name="detail", daemon=True)
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        """Look at this; what was wished before is forgotten."""
        with self._change:
            self._wish = wish
            self._change.notify()

    @property
    def idle(self) -> bool:
        """Whether the newest wish is fulfilled."""
        return self._wish is None and not self._busy

    def close(self) -> None:
        """End the thread."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join()

    # -- inside the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        loaded: Loaded | None = None
        store: Store | None = None
        while (wish := self._next()) is not None:
            try:
                store = store or open_store(self._path)
                if loaded is None or wish.fresh or loaded.row.seq != wish.seq:
                    loaded = None
                    loaded = load(store, self._capture, wish.seq, self._knowing)
                loaded = replace(loaded, about=self._knowing.about(loaded.row.session))
                if self._wish is None:
                    self._seen(_built(wish, loaded))
            except XraytapError as error:
                self._seen(Seen(wish, None, error=printable(str(error), lines=True)))
            except Exception as error:  # noqa: BLE001  a view that fails shows it; the application goes on
                self._seen(Seen(wish, None, error=_failure(error)))
        if store is not None:
            store.close()

    def _next(self) -> Wish | None:
        with self._change:
            self._busy = False
            while self._wish is None and not self._closed:
                self._change.wait()
            if self._closed:
                return None
            wish, self._wish = self._wish, None
            self._busy = True
            return wish


def _built(wish: Wish, loaded: Loaded) -> Seen:
    row = loaded.row
    size = row.request_bytes + row.response_bytes
    content = wish.tab.build(loaded, wish.other)
    content.widest()  # measured here, so that the screen need not
    return Seen(wish, content, _title(row), size=size)


def _title(row: CallRow) -> str:
    return f"#{row.seq} {row.outcome.sign} {method_text(row)}"


def _failure(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    what = printable(f"{type(error).__name__}: {error}"[:500])
    return f"this view failed: {what}{where}\nThe other views still work. Please report it with the call."
