"""Every key of every screen, in one table. From it come the bindings, the `?` help, the footer, the command
palette, and what docs/tui.md must name. A key is rebound by its `id` (`App.set_keymap`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does. `keys` are Textual's names, separated by commas; `context` is the widget or
    screen that has the action; `short` is the footer's word, empty for what the footer leaves out.

    The action is `id` with underscores, without what stands before a dot or after `-N`: `lines.half-down`
    runs `action_half_down`, `tab-1` runs `action_tab`.
    """

    id: str
    keys: str
    help: str
    group: str
    context: str
    short: str = ""
    arguments: str = ""
    priority: bool = False

    @property
    def action(self) -> str:
        """What Textual runs, in the namespace of the context."""
        name = self.id.rpartition(".")[2].rstrip("-0123456789").replace("-", "_")
        return f"{name}({self.arguments})" if self.arguments else name


_MOVE, _FIND, _CALLS, _DETAIL = "Move", "Find", "Calls", "Detail"
_LAYOUT, _BAR, _APP = "Layout", "While writing", "Everywhere"

KEYS: tuple[Key, ...] = (
    # What the footer shows comes first, in its order.
    Key("bar.apply", "enter", "Take what is written", _BAR, "bar", "apply"),
    Key("bar.complete", "tab", "Complete the word with what is lit up", _BAR, "bar", "complete"),
    Key("bar.close", "escape", "Leave the bar, nothing changes", _BAR, "bar", "close"),
    Key("bar.up", "up", "Completion above; else what was written before", _BAR, "bar"),
    Key("bar.down", "down", "Completion below; else what was written after", _BAR, "bar"),
    Key("help.close", "escape", "Close", _BAR, "help", "close"),
    Key("help.choose", "enter", "Do what is lit up", _BAR, "help", "do"),
    Key("help.up", "up", "One up", _BAR, "help"),
    Key("help.down", "down", "One down", _BAR, "help"),
    Key("filter", "slash", "Filter the list of calls", _FIND, "browse", "filter"),
    Key(
        "next-match",
        "n",
        "Next match of the search; without one, next call that did not succeed",
        _FIND,
        "browse",
        "next",
    ),
    Key("previous-match", "N", "The same, backwards", _FIND, "browse"),
    Key("follow", "f", "Follow new calls (again)", _CALLS, "browse", "follow"),
    Key("help", "question_mark,f1", "The keys of this screen", _APP, "app", "help"),
    Key("palette", "ctrl+p", "Every action by name", _APP, "app", "palette", priority=True),
    Key("quit", "q,ctrl+q", "Leave", _APP, "app", "quit"),
    Key("back", "escape", "Step back: out of a full pane, to the table, to the whole list", _APP, "browse"),
    Key("next-pane", "tab", "To the other pane", _MOVE, "browse"),
    # Lists of lines: the table and the tabs of the detail.
    Key("lines.down", "j,down", "One line down", _MOVE, "lines", arguments="1"),
    Key("lines.up", "k,up", "One line up", _MOVE, "lines", arguments="1"),
    Key("lines.first", "g,home", "To the first line", _MOVE, "lines"),
    Key("lines.last", "G,end", "To the last line; in the table new calls are then followed", _MOVE, "lines"),
    Key("lines.half-down", "ctrl+d", "Half a screen down", _MOVE, "lines"),
    Key("lines.half-up", "ctrl+u", "Half a screen up", _MOVE, "lines"),
    Key("lines.page-down", "pagedown", "A screen down", _MOVE, "lines"),
    Key("lines.page-up", "pageup", "A screen up", _MOVE, "lines"),
    Key("lines.left", "h,left", "Fold, or look further left", _MOVE, "lines"),
    Key("lines.right", "l,right", "Unfold, or look further right", _MOVE, "lines"),
    Key("open", "enter", "Look closely: to the detail", _CALLS, "browse"),
    # The detail.
    Key("view.fold", "enter,space", "Fold or unfold", _DETAIL, "view", "fold"),
    Key("view.toggle-all", "a", "Fold or unfold all", _DETAIL, "view", "all"),
    Key("tab-1", "1", "Decoded: names, types, what objects are called", _DETAIL, "browse", arguments="1"),
    Key("tab-2", "2", "XML or JSON laid out for reading", _DETAIL, "browse", arguments="2"),
    Key("tab-3", "3", "HTTP as it was kept", _DETAIL, "browse", arguments="3"),
    Key("tab-4", "4", "Timing and connection", _DETAIL, "browse", arguments="4"),
    Key("tab-5", "5", "Session, and the task with its polls", _DETAIL, "browse", arguments="5"),
    Key("other-form", "w", "Wire form instead of the typed one; hex instead of text", _DETAIL, "browse"),
    Key("split", "v", "Detail beside the table, or below it", _LAYOUT, "browse"),
    Key("zoom", "z", "One pane over the whole screen, and back", _LAYOUT, "browse"),
    Key("grow", "plus", "More room for this pane", _LAYOUT, "browse"),
    Key("shrink", "minus", "Less room for this pane", _LAYOUT, "browse"),
)
BY_ID = {each.id: each for each in KEYS}


def bindings(context: str) -> list[Binding]:
    """The bindings of one widget or screen."""
    return [
        Binding(each.keys, each.action, each.help, show=False, id=each.id, priority=each.priority)
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
    for one, active in screen.active_bindings.items():
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
    "colon": ":",
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
