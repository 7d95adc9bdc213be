"""Two panes, one below the other or side by side, with a border between them that keys and the mouse move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.reactive import reactive

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

BESIDE_FROM = 160
"""Panes at least so wide stand side by side, unless somebody says otherwise."""
SHARES = (20, 80)


class Panes(Container):
    """`share`: percent of the room that the first pane has. `beside`: None leaves it to the width."""

    share: reactive[int] = reactive(50, repaint=False)
    beside: reactive[bool | None] = reactive(None, repaint=False)
    _dragging = False

    @property
    def side_by_side(self) -> bool:
        """How the panes stand now."""
        return self.size.width >= BESIDE_FROM if self.beside is None else self.beside

    def validate_share(self, share: int) -> int:
        """Neither pane gets lost."""
        return max(SHARES[0], min(SHARES[1], share))

    def watch_share(self) -> None:
        """Lay out anew."""
        self.share_out()

    def watch_beside(self) -> None:
        """Lay out anew."""
        self.share_out()

    def on_resize(self) -> None:
        """There may be room for panes side by side now."""
        self.share_out()

    def share_out(self) -> None:
        """Give each pane its room."""
        beside = self.side_by_side
        self.set_class(beside, "beside")
        for pane, share in zip(self._both(), (self.share, 100 - self.share), strict=False):
            pane.styles.width, pane.styles.height = (f"{share}fr", "1fr") if beside else ("1fr", f"{share}fr")

    # -- the mouse on the border --------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border between the panes."""
        second = self._both()[1].region
        at_border = event.screen_x == second.x if self.side_by_side else event.screen_y == second.y
        if at_border:
            self._dragging = True
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Move it."""
        if self._dragging:
            room = self.region
            if self.side_by_side:
                self.share = round(100 * (event.screen_x - room.x) / max(1, room.width))
            else:
                self.share = round(100 * (event.screen_y - room.y) / max(1, room.height))

    def on_mouse_up(self) -> None:
        """Let it go."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _both(self) -> list[Widget]:
        return list(self.children)
