"""Every key of every screen, in one table. From it come the bindings, the `?` help, the footer, the command
palette, and what docs/tui.md must name. A key is rebound by its `id` (`App.set_keymap`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.widgets import Input

from xraytap.tui.work_keys import FIRST, LAST

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does. `keys` are Textual's names, separated by commas; `context` is the widget or
    screen that has the action; `short` is the footer's word, empty for what the footer leaves out.

    The action is `id` with underscores, without what stands before a dot: `lines.half-down` runs
    `action_half_down`; or `does`.
    """

    id: str
    keys: str
    help: str
    group: str
    context: str
    short: str = ""
    does: str = ""

    @property
    def action(self) -> str:
        """What Textual runs, in the namespace of the context."""
        return self.does or self.id.rpartition(".")[2].replace("-", "_")


OPENING = frozenset({"filter", "search", "go-to", "detail.find"})
"""Keys that open the bar. They are taken before they reach the widget with the focus, so that nothing that is
typed right after them gets lost; `check_action` of their context tells when they count."""


def _keys(context: str, group: str, *rows: tuple[str, ...]) -> tuple[Key, ...]:
    """Rows of id, keys, help, and where they are needed the footer's word and the action."""
    return tuple(Key(id_, keys, help_, group, context, *more) for id_, keys, help_, *more in rows)


_FIND, _CALLS, _DETAIL, _MOVE, _LAYOUT = "Find", "Calls", "Detail", "Move", "Layout"

KEYS: tuple[Key, ...] = (
    *(each for context, group, rows in FIRST for each in _keys(context, group, *rows)),
    # The footer shows them in this order.
    *_keys(
        "bar",
        "While writing",
        ("bar.apply", "enter", "Take what is written; while an offer is lit up, complete with it", "apply"),
        ("bar.complete", "tab", "Complete with what is lit up, or with the first offer", "complete"),
        ("bar.close", "escape", "Leave the bar, nothing changes", "close"),
        ("bar.save", "ctrl+s", "Save the filter under a name", "save"),
        ("bar.forget", "ctrl+t", "Drop the saved filter that is lit up"),
        ("bar.up", "up", "Offer above; without one, what was written before"),
        ("bar.down", "down", "Offer below; what was written after"),
    ),
    *_keys(
        "help",
        "Help",
        ("help.close", "escape", "Close the help", "close"),
        ("help.choose", "enter", "Do what is lit up", "do"),
        ("help.up", "up", "One up"),
        ("help.down", "down", "One down"),
    ),
    *_keys(
        "columns",
        "Columns",
        ("columns.toggle", "space,x", "Show the column, or do not", "show"),
        ("columns.up", "K,shift+up", "Move it up", "up", "move(-1)"),
        ("columns.down", "J,shift+down", "Move it down", "down", "move(1)"),
        ("columns.take", "enter", "Take them", "take"),
        ("columns.default", "d", "As at first", "default"),
        ("columns.close", "escape", "Leave them as they were", "back"),
    ),
    *_keys(
        "detail",
        _FIND,
        ("detail.find", "slash", "Look for words in this tab", "find"),
        ("detail.next-match", "n", "Next place in this tab; without one, next match among the calls", "next"),
        ("detail.previous-match", "N", "The same, backwards"),
    ),
    *_keys(
        "view",
        _DETAIL,
        ("view.fold", "enter,space", "Fold or unfold", "fold"),
        ("view.fold-all", "a", "Fold or unfold all", "all"),
        ("view.copy-line", "Y", "Copy the value under the cursor", "copy value"),
    ),
    *_keys(
        "browse",
        _FIND,
        ("filter", "slash", "Filter the list of calls", "filter"),
        ("next-match", "n", "Next match of the search; without one, next call that did not succeed", "next"),
        ("previous-match", "N", "The same, backwards"),
        ("search", "ctrl+f", "Search: go from match to match, the list stays whole"),
        ("go-to", "colon", "Go to a call by its number"),
        ("next-of-method", "right_square_bracket", "Next call of the same method", "", "method(1)"),
        ("previous-of-method", "left_square_bracket", "Previous call of the same method", "", "method(-1)"),
        ("next-of-session", "right_curly_bracket", "Next call of the same session", "", "session(1)"),
        ("previous-of-session", "left_curly_bracket", "Previous call of the same session", "", "session(-1)"),
        ("next-of-object", "right_parenthesis", "Next call about the same object", "", "object(1)"),
        ("previous-of-object", "left_parenthesis", "Previous call about the same object", "", "object(-1)"),
    ),
    *_keys(
        "browse",
        _CALLS,
        ("follow", "f", "Follow new calls (again)", "follow"),
        ("open", "enter", "Look closely: to the detail"),
        ("time", "t", "Time: since the start, since the call before, by the clock"),
        ("sort", "s", "Sort by the next: seq, slowest, largest, method, newest"),
        ("columns", "vertical_line", "Choose the columns and their order"),
    ),
    *_keys(
        "browse",
        _DETAIL,
        ("tab-1", "1", "Decoded: names, types, what objects are called", "", "tab(1)"),
        ("tab-2", "2", "XML or JSON laid out for reading", "", "tab(2)"),
        ("tab-3", "3", "HTTP as it was kept", "", "tab(3)"),
        ("tab-4", "4", "Timing and connection", "", "tab(4)"),
        ("tab-5", "5", "Session, and the task with its polls", "", "tab(5)"),
        ("tab-6", "6", "Lint: what is wrong, or will bite, in this call", "", "tab(6)"),
        ("other-form", "w", "Wire form instead of the typed one; hex instead of text"),
    ),
    *_keys(
        "browse",
        _LAYOUT,
        ("back", "escape", "Step back: out of a full pane, to the table, to the whole list"),
        ("next-pane", "tab", "To the other pane"),
        ("split", "v", "Detail beside the table, or below it"),
        ("zoom", "z", "One pane over the whole screen, and back"),
        ("grow", "plus", "More room for this pane"),
        ("shrink", "minus", "Less room for this pane"),
    ),
    # Lists of lines: the table and the tabs of the detail.
    *_keys(
        "lines",
        _MOVE,
        ("lines.down", "j,down", "One line down", "", "down(1)"),
        ("lines.up", "k,up", "One line up", "", "up(1)"),
        ("lines.first", "g,home", "To the first line"),
        ("lines.last", "G,end", "To the last line; in the table new calls are then followed"),
        ("lines.half-down", "ctrl+d", "Half a screen down"),
        ("lines.half-up", "ctrl+u", "Half a screen up"),
        ("lines.page-down", "pagedown", "A screen down"),
        ("lines.page-up", "pageup", "A screen up"),
        ("lines.left", "h,left", "Fold, or look further left"),
        ("lines.right", "l,right", "Unfold, or look further right"),
    ),
    *_keys(
        "app",
        "Everywhere",
        ("help", "question_mark,f1", "The keys of this screen", "help"),
        ("palette", "ctrl+p", "Every action by name", "palette"),
        ("quit", "q,ctrl+q", "Leave", "quit"),
    ),
    *(each for context, group, rows in LAST for each in _keys(context, group, *rows)),
)
BY_ID = {each.id: each for each in KEYS}


def bindings(context: str) -> list[Binding]:
    """The bindings of one widget or screen."""
    return [
        Binding(each.keys, each.action, each.help, show=False, id=each.id, priority=each.id in OPENING)
        for each in KEYS
        if each.context == context
    ]


@dataclass(frozen=True, slots=True)
class Alive:
    """A key that does something now: `node` is the widget or screen that does it, `pressed` what to press."""

    key: Key
    node: DOMNode
    pressed: tuple[str, ...]

    @property
    def spoken(self) -> str:
        """The first key as a person reads it."""
        return spoken(self.pressed[0])


def alive(screen: Screen[Any]) -> list[Alive]:
    """What can be pressed where the focus is, in the table's order, rebound keys as they are now."""
    found: dict[str, tuple[DOMNode, list[str]]] = {}
    writing = isinstance(screen.focused, Input)
    for one, active in screen.active_bindings.items():
        if writing and one == "slash":
            continue  # it is written, though Textual does not know that name as a letter
        if active.binding.id in BY_ID and active.enabled:
            found.setdefault(active.binding.id, (active.node, []))[1].append(one)
    result = []
    for each in KEYS:
        if each.id in found:
            node, pressed = found[each.id]
            first = each.keys.split(",")
            pressed.sort(key=lambda key: first.index(key) if key in first else len(first))
            result.append(Alive(each, node, tuple(pressed)))
    return result


_SPOKEN = {
    "slash": "/",
    "question_mark": "?",
    "apostrophe": "'",
    "quotation_mark": '"',
    "colon": ":",
    "vertical_line": "|",
    "plus": "+",
    "minus": "-",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
}


def spoken(key: str) -> str:
    """How a person reads a key: `slash` is `/`, `ctrl+p` is `^p`."""
    return _SPOKEN.get(key, key.replace("ctrl+", "^"))
