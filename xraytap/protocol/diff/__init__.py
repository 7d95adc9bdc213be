"""What differs between two values, two calls, two recordings; by meaning, never by bytes."""

from __future__ import annotations

from xraytap.protocol.diff.values import (
    MISSING,
    Change,
    ChangeKind,
    Missing,
    Path,
    describe_change,
    diff_values,
)
from xraytap.protocol.diff.volatile import Places, Rules
from xraytap.protocol.diff.words import path_text, symbol_step, two_words, value_words

__all__ = [
    "MISSING",
    "Change",
    "ChangeKind",
    "Missing",
    "Path",
    "Places",
    "Rules",
    "describe_change",
    "diff_values",
    "path_text",
    "symbol_step",
    "two_words",
    "value_words",
]
