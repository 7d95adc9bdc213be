"""The event calls of a capture: chains of polls, what each brought, what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xraytap.protocol.correlate.events import Events
from xraytap.protocol.correlate.words import headline, step_words
from xraytap.protocol.phrases import clock, many, span
from xraytap.tui.views.base import ListScreen, quoted
from xraytap.tui.views.grid import Cell, Column, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.correlate.events import Chain, Step
    from xraytap.store import Store
    from xraytap.tui.views.reading import Trackers

ONLY = "class:event"
_WORDS = {"events": "success", "idle": "dim", "lost": "failure", "error": "failure", "jump": "failure"}


def trackers(about: About, _store: Store) -> Trackers:
    """What the screen reads."""
    return {"events": Events("xapi" if about.model is None else about.model.name)}


class EventsScreen(ListScreen):
    """A line for each chain, and under it one for each step."""

    NAME = "events"
    EMPTY = "no client asked for events"
    COLUMNS = (
        Column(title="calls", least=6),
        Column(title="at", least=12, leaves=2),
        Column(title="waited", right=True, leaves=1),
        Column(title="what", least=20),
    )

    def listed(self, trackers: Trackers) -> Iterator[Entry]:
        """Chain by chain."""
        for chain in cast("Events", trackers["events"]):
            yield Entry(cells=("", "", "", headline(chain)), of=(chain, None))
            if chain.steps_left_out:
                left_out = f"  ({many(chain.steps_left_out, 'earlier step')} left out)"
                yield Entry(cells=("", "", "", left_out), of=(chain, 0), word="dim")
            for step in chain.steps:
                seqs = f"#{step.seq}" if step.seq == step.last_seq else f"#{step.seq}-{step.last_seq}"
                waited = int(step.waited_ms * 1000)
                yield Entry(
                    cells=(
                        Cell(seqs, step.seq),
                        Cell(clock(step.at_us), step.at_us),
                        Cell(span(waited), waited),
                        f"  {step_words(step)}",
                    ),
                    of=(chain, step.seq, step),
                    word=_WORDS.get(step.kind, ""),
                )

    def filter_of(self, entry: Entry) -> str:
        """The event calls of a chain; those of one step."""
        chain = cast("Chain", entry.of[0])
        step = cast("Step | None", entry.of[2] if len(entry.of) > 2 else None)
        seqs = "" if step is None else f" seq:{step.seq}..{step.last_seq}"
        session = f"session:{quoted(chain.session)} " if chain.session else ""
        methods = "event.from" if chain.kind == "from" else "event.next,event.register,event.unregister"
        return f"{session}method:{methods}{seqs}"
