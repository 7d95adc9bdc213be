"""Before a replay: which calls, and onto which host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.datamodel import load
from xraytap.replay.target import parse_target
from xraytap.tui.dialogs import Ask, Choice, Menu
from xraytap.tui.replay.plan_screen import PlanScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xraytap.store import Store
    from xraytap.tui.work.screen import WorkScreen

    type Chosen = Callable[[Store], set[int]] | None


def ask_which(screen: WorkScreen, marked: Sequence[int]) -> None:
    """Ask which calls, then where to, then show the plan."""
    table = screen.table
    name, shown = screen.capture.name, table.pages.filter
    total = screen.capture.tally().calls
    which: list[Choice] = [Choice("a", "the whole capture", many_of(total), None)]
    if shown is not None:
        which.append(
            Choice(
                "l",
                "the calls of the list",
                many_of(table.count()),
                lambda store: {row.seq for row in store.calls(name, filter=shown)},
            )
        )
    if marked:
        which.append(Choice("m", "the marked calls", many_of(len(marked)), lambda _store: set(marked)))

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            _ask_where(screen, choice.of)

    screen.app.push_screen(Menu("replay onto a host", which), chosen)


def many_of(count: int) -> str:
    """`1,204 calls`."""
    return f"{count:,} call{'' if count == 1 else 's'}"


def _ask_where(screen: WorkScreen, chosen: Chosen) -> None:
    def check(text: str) -> str:
        parse_target(text.strip())
        return text.strip()

    def taken(url: str | None) -> None:
        if url is None:
            return
        screen.app.replay_url = url
        known = screen.app.sitting.target
        target = known if known is not None and known.url == url else parse_target(url)
        model = screen.capture.learner.about(None).model or load("xend")
        screen.app.push_screen(PlanScreen(screen.capture, target, chosen, model))

    one = screen.app.sitting.target
    asked = Ask(
        "replay onto",
        "The host's URL: http://, https:// or unix:///path. The plan comes first; nothing is sent yet.",
        initial=screen.app.replay_url or ("" if one is None else one.url),
        check=check,
    )
    screen.app.push_screen(asked, taken)
