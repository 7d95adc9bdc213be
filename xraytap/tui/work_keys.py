"""The keys of the lists, of the small questions, and of what is done with a call: rows for the table in `keys.py`.

Each group is a context, a heading for the help, and rows of id, keys, help and, where they are needed, the footer's
word and the action.
"""

from __future__ import annotations

type Group = tuple[str, str, tuple[tuple[str, ...], ...]]

FIRST: tuple[Group, ...] = (
    (
        "list",
        "In a list",
        (
            ("list.calls", "enter", "The calls of this entry, in the table", "calls"),
            ("list.sort", "s", "Sort by the next column", "sort"),
            ("list.stop", "x", "Stop reading the capture, or go on", "stop"),
            ("list.close", "escape", "Back to the table of calls", "back"),
        ),
    ),
    (
        "statistics",
        "In a list",
        (("statistics.next-page", "tab", "Next page: methods, originators, slowest, to spare", "page"),),
    ),
    (
        "compare",
        "Two calls",
        (
            ("compare.toggle-all", "a", "All lines, or those that differ", "all"),
            ("compare.next-difference", "n", "Next line that differs", "next"),
            ("compare.previous-difference", "N", "The one before"),
            ("compare.close", "escape", "Back", "back"),
        ),
    ),
    (
        "plan",
        "A replay's plan",
        (
            ("plan.send", "enter", "Send it, once confirmed", "send"),
            ("plan.allow-change", "c", "Send calls that change the host, or withhold them", "allow changes"),
            ("plan.allow-destroy", "D", "Send calls that destroy something, or withhold them"),
            ("plan.close", "escape", "Back; nothing was sent", "back"),
        ),
    ),
    (
        "replaying",
        "A replay",
        (
            ("replaying.look", "enter", "The recorded call and the replayed one side by side", "compare"),
            ("replaying.toggle-all", "a", "All calls, or those that did not answer as recorded", "all"),
            ("replaying.stop", "x", "End it; what is known so far stays", "stop"),
            ("replaying.open-replay", "o", "Browse the replay's own capture", "open"),
            ("replaying.close", "escape", "Back to the table; a replay that runs is ended first", "back"),
        ),
    ),
    (
        "two-captures",
        "Two captures",
        (("two-captures.look", "enter", "Both calls side by side", "calls"),),
    ),
    (
        "captures",
        "Captures",
        (
            ("captures.open", "enter", "Browse this capture", "open"),
            ("captures.rename", "r", "Rename it", "rename"),
            ("captures.note", "c", "Write a note on it", "note"),
            ("captures.delete", "d,delete", "Delete it, once confirmed", "delete"),
            ("captures.close", "escape", "Back to the table of calls", "back"),
        ),
    ),
)
"""What the footer shows before all else."""

LAST: tuple[Group, ...] = (
    (
        "browse",
        "Work",
        (
            ("copy", "y", "Copy the call: curl, Python, XML, JSON, a value", "copy"),
            ("mark", "m", "Mark the call, or take the mark away", "mark"),
            ("replay", "r", "Send the call again, and compare the answers", "replay"),
            ("edit", "e", "Edit the call, then send it", "edit"),
            ("compare", "d", "Compare the two marked calls, or the marked one with this", "diff"),
            ("compare-captures", "D", "Compare this capture with another, call by call"),
            ("only", "o", "Only the calls of the same session, task, object, method ...", "only"),
            ("note", "c", "Write a note on the call"),
            ("next-mark", "apostrophe", "Next call with a mark or a note"),
            ("previous-mark", "quotation_mark", "The one before"),
            ("replay-calls", "ctrl+r", "Replay the capture, or a part of it, onto a host: the plan first"),
            ("export", "x", "Write calls to a file: JSON Lines, golden, raw HTTP"),
            ("choose-host", "R", "Choose the host to send calls to, and as whom"),
        ),
    ),
    (
        "app",
        "Screens",
        (
            ("captures", "C,f2", "The captures of the store"),
            ("sessions", "S,f3", "Sessions: who logged in, what for, how it ended"),
            ("tasks", "T,f4", "Tasks: Async calls with their polls and ends"),
            ("events", "E,f5", "Events: what each poll brought, what was lost"),
            ("objects", "O,f6", "Objects: what the references stand for"),
            ("statistics", "I,f7", "Statistics: times, errors, what could be spared"),
            ("theme", "f8", "Choose the colours", "", "change_theme"),
        ),
    ),
    (
        "menu",
        "While asked",
        (
            ("menu.down", "down,j", "One down"),
            ("menu.up", "up,k", "One up"),
            ("menu.close", "escape", "Leave it"),
        ),
    ),
    ("host", "While asked", (("host.close", "escape", "Leave it"),)),
    (
        "edit",
        "While editing",
        (("edit.send", "ctrl+s", "Send it", "send"), ("edit.close", "escape", "Leave it", "leave")),
    ),
    ("ask", "While asked", (("ask.close", "escape", "Leave it"),)),
    ("confirm", "While asked", (("confirm.close", "escape", "No"),)),
)
