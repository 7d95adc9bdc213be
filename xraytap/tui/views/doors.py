"""The ways between the screens: from the table to a list and back with a filter, and to another capture.

A part of the application, in a module of its own so that `app.py` only composes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

from xraytap.protocol.printable import printable
from xraytap.tui.browse import BrowseScreen
from xraytap.tui.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.about import About
    from xraytap.store import Store
    from xraytap.tui.live import TapWords
    from xraytap.tui.views.base import ListScreen
    from xraytap.tui.views.reading import Progress, Reading, Trackers
    from xraytap.tui.work.sitting import Sitting


class Doors(App[None]):
    """Lists keep what they have read for as long as the capture is open."""

    capture: Capture

    def __init__(self) -> None:
        super().__init__()
        self.readings: dict[str, Reading] = {}
        self._sitting: Sitting | None = None
        self.replay_url = ""
        """The host of the last replay of many calls."""
        self.words: TapWords | None = None

    @property
    def browse(self) -> BrowseScreen:
        """The table's screen, whatever lies above it."""
        return next(each for each in self.screen_stack if isinstance(each, BrowseScreen))

    def tell(self, trouble: str) -> None:
        """Show what went wrong."""
        self.notify(printable(trouble, lines=True), severity="error", markup=False)

    @property
    def sitting(self) -> Sitting:
        """Where calls are sent again, for as long as the application runs."""
        if self._sitting is None:
            from xraytap.tui.work.sitting import Sitting

            self._sitting = Sitting(self.capture.path)
        return self._sitting

    def close_sitting(self) -> None:
        """Log out where a call was sent, give the capture of what was sent free."""
        if self._sitting is not None:
            self._sitting.close()

    def close_readings(self) -> None:
        """End every reading for good."""
        for each in self.readings.values():
            each.close()
        self.readings.clear()

    def show_calls(self, text: str) -> None:
        """The table, narrowed by a filter."""
        self.to_table()
        self.browse.filter_by(text)

    def to_table(self) -> None:
        """Leave whatever lies above the table."""
        while not isinstance(self.screen, BrowseScreen):
            self.pop_screen()

    def open_capture(self, name: str, then: Callable[[], object] | None = None) -> None:
        """Browse another capture, or the same under its new name; `then` is done once it is shown. SourceError
        where it is not there."""
        # A screen cannot wait for its own end, so the application does.
        self.call_later(self._switch, Capture(self.capture.path, name), then)

    async def _switch(self, capture: Capture, then: Callable[[], object] | None) -> None:
        self.to_table()
        self.close_readings()
        old, self.capture = self.capture, capture
        arranged = self.browse.state()
        await self.pop_screen()
        await self.push_screen(BrowseScreen(capture, self.words))
        self.browse.restore(arranged)
        old.close()
        if then is not None:
            then()

    # -- actions ------------------------------------------------------------------------------------

    def action_captures(self) -> None:
        """The captures of the store."""
        from xraytap.tui.views.captures import CapturesScreen

        self._show(CapturesScreen(self.capture))

    def action_sessions(self) -> None:
        """The sessions."""
        from xraytap.tui.views import sessions

        self._list(sessions.SessionsScreen, sessions.trackers)

    def action_tasks(self) -> None:
        """The tasks."""
        from xraytap.tui.views import tasks

        self._list(tasks.TasksScreen, tasks.trackers, only=tasks.ONLY)

    def action_events(self) -> None:
        """The events."""
        from xraytap.tui.views import events

        self._list(events.EventsScreen, events.trackers, only=events.ONLY)

    def action_objects(self) -> None:
        """The objects."""
        from xraytap.tui.views import objects

        self._list(objects.ObjectsScreen, objects.trackers)

    def action_statistics(self) -> None:
        """The statistics."""
        from xraytap.tui.views import stats

        name = self.capture.name
        self._list(stats.StatsScreen, lambda about, store: stats.trackers(about, store, name))

    # -- inside -------------------------------------------------------------------------------------

    def _list(
        self, screen: type[ListScreen], make: Callable[[About, Store], Trackers], *, only: str = ""
    ) -> None:
        from xraytap.tui.views.reading import Reading

        reading = self.readings.get(screen.NAME)
        if reading is None:
            capture = self.capture
            reading = Reading(capture.path, capture.name, capture.id, make, _silent, only=only)
            self.readings[screen.NAME] = reading
        self._show(screen(self.capture, reading))

    def _show(self, screen: Any) -> None:  # noqa: ANN401  a screen of whatever result
        """From one list to the next, not one over the other."""
        if not isinstance(self.screen, BrowseScreen):
            self.to_table()
        self.push_screen(screen)


def _silent(_progress: Progress) -> None:
    """Nobody looks at present."""
