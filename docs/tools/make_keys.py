"""Writes docs/keys.md from the table of keys itself; `--check` only tells whether it is in step."""

from __future__ import annotations

import sys

from generated import write_or_check

from xraytap.tui.keys import KEYS, Key, spoken

HEAD = """\
# The keys of the TUI

Made from the code by `make docs`; do not edit. [tui.md](tui.md) tells what the screens are. The last column is the
action's name in the [config file](tui.md#the-config-file). `^p` is Ctrl and p.
"""
PLACES = {
    "app": "Everywhere",
    "browse": "The table of calls",
    "lines": "In every list",
    "calls": "The table of calls",
    "detail": "The detail of a call",
    "view": "The detail of a call",
    "bar": "While a filter is written",
    "help": "In the help",
    "list": "Sessions, tasks, events, objects, statistics",
    "statistics": "Statistics",
    "captures": "Captures",
    "compare": "Two calls, or two captures, side by side",
    "two-captures": "Two calls, or two captures, side by side",
    "menu": "In a menu",
    "ask": "While something is asked",
    "host": "While the host is asked",
    "confirm": "While something is confirmed",
    "edit": "While a call is edited",
}


def build() -> str:
    """The text of the page."""
    places: dict[str, list[Key]] = {}
    for context, title in PLACES.items():
        places.setdefault(title, []).extend(each for each in KEYS if each.context == context)
    for each in KEYS:
        if each.context not in PLACES:
            places.setdefault(each.group, []).append(each)
    out = [HEAD]
    for title, keys in places.items():
        if not keys:
            continue
        out.append(f"\n## {title}\n\n| key | what it does | action |\n| --- | --- | --- |\n")
        out += [f"| {_spoken(each)} | {each.help} | `{each.id}` |\n" for each in keys]
    return "".join(out)


def _spoken(key: Key) -> str:
    return ", ".join(f"`{spoken(each)}`".replace("|", "\\|") for each in key.keys.split(","))


if __name__ == "__main__":
    sys.exit(write_or_check("keys.md", build()))
