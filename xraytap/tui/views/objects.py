"""The objects that the calls of a capture speak of, session by session."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.describe import short_ref
from xraytap.protocol.phrases import many
from xraytap.tui.views.base import ListScreen, quoted
from xraytap.tui.views.grid import Cell, Column, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.correlate.objects import Object
    from xraytap.store import Store
    from xraytap.tui.views.reading import Trackers


def trackers(about: About, _store: Store) -> Trackers:
    """What the screen reads."""
    return {"sessions": Sessions(), "objects": Objects(about)}


class ObjectsScreen(ListScreen):
    """One line an object of a session, by class and name."""

    NAME = "objects"
    ENTRY = "object"
    EMPTY = "no call speaks of an object"
    COLUMNS = (
        Column(title="session", right=True),
        Column(title="class", least=6),
        Column(title="name", least=10),
        Column(title="ref", least=8),
        Column(title="uuid", least=36, leaves=2),
        Column(title="calls", right=True),
        Column(title="seen", least=5, leaves=1),
    )

    def listed(self, trackers: Trackers) -> Iterator[Entry]:
        """By class, then by name."""
        sessions = cast("Sessions", trackers["sessions"])
        numbers = {session.token: session.number for session in sessions}
        objects = cast("Objects", trackers["objects"])
        for each in sorted(objects, key=lambda one: (one.class_name, one.name or "~", one.first_seq)):
            seen = f"#{each.first_seq}" + (f"-{each.last_seq}" if each.last_seq > each.first_seq else "")
            yield Entry(
                cells=(
                    numbers.get(each.session, ""),
                    each.class_name,
                    each.name,
                    short_ref(each.ref),
                    each.uuid,
                    each.calls,
                    Cell(seen, each.first_seq),
                ),
                of=each,
            )

    def filter_of(self, entry: Entry) -> str:
        """The calls of its session that have the reference anywhere."""
        one = cast("Object", entry.of)
        session = f"session:{quoted(one.session)} " if one.session else ""
        return f"{session}ref:{quoted(one.ref)}"

    def told_of(self, trackers: Trackers) -> str:
        """What had to be let go."""
        forgotten = cast("Objects", trackers["objects"]).forgotten
        return f"{many(forgotten, 'object')} of sessions that fell quiet left out" if forgotten else ""
