"""Filter expressions, the same in command line and TUI: `parse` the text, then ask `matches` for each call.

docs/filter.md tells people how to write one; `xraytap.store.query` makes SQL of it.
"""

from __future__ import annotations

from xraytap.protocol.filter.ast import (
    And,
    Expr,
    Flag,
    Glob,
    Named,
    Not,
    OneOf,
    Or,
    Range,
    Refs,
    Text,
    Time,
    TimeOfDay,
)
from xraytap.protocol.filter.bind import Names, adds_only, bind, needs_names
from xraytap.protocol.filter.complete import Completion, completions
from xraytap.protocol.filter.fields import FIELDS, Field
from xraytap.protocol.filter.match import matches, needs_bodies, text_of
from xraytap.protocol.filter.parse import parse

__all__ = [
    "FIELDS",
    "And",
    "Completion",
    "Expr",
    "Field",
    "Flag",
    "Glob",
    "Named",
    "Names",
    "Not",
    "OneOf",
    "Or",
    "Range",
    "Refs",
    "Text",
    "Time",
    "TimeOfDay",
    "adds_only",
    "bind",
    "completions",
    "matches",
    "needs_bodies",
    "needs_names",
    "parse",
    "text_of",
]
