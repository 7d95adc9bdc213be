"""The sessions of a capture: who logged in, what for, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xraytap.protocol.correlate.sessions import SessionEnd, Sessions
from xraytap.protocol.correlate.words import ending
from xraytap.protocol.describe import short_ref
from xraytap.protocol.phrases import clock, many, span
from xraytap.tui.views.base import ListScreen, quoted
from xraytap.tui.views.grid import Cell, Column, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.correlate.sessions import Session
    from xraytap.store import Store
    from xraytap.tui.views.reading import Trackers

_TROUBLE = (SessionEnd.LEAKED, SessionEnd.EXPIRED, SessionEnd.REFUSED)


def trackers(_about: About, _store: Store) -> Trackers:
    """What the screen reads."""
    return {"sessions": Sessions()}


class SessionsScreen(ListScreen):
    """One line a session, and one for each login that was refused."""

    NAME = "sessions"
    ENTRY = "session"
    EMPTY = "no call carries a session"
    COLUMNS = (
        Column(title="#", right=True),
        Column(title="session", least=8),
        Column(title="user", least=6),
        Column(title="originator", least=8, leaves=4),
        Column(title="from", least=9, leaves=3),
        Column(title="first use", least=12, leaves=5),
        Column(title="for", right=True, leaves=2),
        Column(title="calls", right=True),
        Column(title="failed", right=True, leaves=1),
        Column(title="end", least=10),
    )

    def listed(self, trackers: Trackers) -> Iterator[Entry]:
        """In order of appearance."""
        live = self.capture.live
        found = cast("Sessions", trackers["sessions"])
        for each in found:
            lasted = each.last_at_us - each.first_at_us
            yield Entry(
                cells=(
                    each.number,
                    short_ref(each.token),
                    each.user,
                    each.originator,
                    " ".join(sorted(each.clients)),
                    Cell(clock(each.first_at_us), each.first_at_us),
                    Cell(span(lasted), lasted),
                    each.calls,
                    each.failures or "",
                    ending(each, live=live),
                ),
                of=each,
                word="failure" if each.after_end or (each.end in _TROUBLE and not live) else "",
            )
        for seq, user, code in found.refused:
            cells = ("", "", user, "", "", "", "", "", "", f"x login refused at #{seq}: {code}")
            yield Entry(cells=cells, of=seq, word="failure")

    def filter_of(self, entry: Entry) -> str:
        """The session's calls and its login."""
        if isinstance(entry.of, int):
            return f"seq:{entry.of}"
        session = cast("Session", entry.of)
        login = "" if session.login_seq is None else f" or seq:{session.login_seq}"
        return f"session:{quoted(session.token)}{login}"

    def told_of(self, trackers: Trackers) -> str:
        """Calls that belong to none."""
        without = cast("Sessions", trackers["sessions"]).without
        return f"{many(without, 'call')} without a session" if without else ""
