"""Strategies: any value that a golden may hold, symbols among them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from xraytap.protocol.golden import SYMBOL_KINDS, Join, Symbol
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct

TEXTS = st.text(max_size=40) | st.text("ab \n#:-&*!|>'\"%@`,[]{}?=<~0.\t\\", max_size=12) | st.sampled_from(
    ["", "yes", "NO", "null", "~", "1", "0x1F", "1e5", "1_000", "12:30:45", "2026-11-24", ".inf", "<<", "=", "- a",
     "a: b", "a #b", "!ref VM.1", "a" * 300, "line\nline", "two\n\nlines\n", "  lead\nline", "trail \nline", "\ud800",
     "a\u2028b", "\ufeff", "\x85", "café", "中", "🙂", "\0"]
)  # fmt: skip
# XML cannot say half a character; JSON can.
XML_TEXTS = TEXTS.filter(lambda text: text != "\ud800")
SYMBOLS = st.builds(
    Symbol, st.sampled_from(SYMBOL_KINDS), st.from_regex(r"[A-Za-z_]\w{0,8}\.[1-9]", fullmatch=True)
)
NAMES = TEXTS | SYMBOLS
_WORDS = st.sampled_from([" ", "  ", "word", "\t", "\\", '"', "\xa0", "x" * 130])
LONG_TEXTS = st.lists(XML_TEXTS | _WORDS, max_size=30).map("".join)
JOINS = st.lists(XML_TEXTS | SYMBOLS, min_size=1, max_size=4).map(lambda parts: Join(tuple(parts)))
SCALARS = st.one_of(
    TEXTS, LONG_TEXTS, (XML_TEXTS | LONG_TEXTS).map(Bare), SYMBOLS, JOINS, st.none(), st.booleans(),
    st.integers(), st.floats(),
    st.integers(-(2**31), 2**31).map(I4), st.integers(-(2**63), 2**63).map(I8), st.binary(max_size=200),
    XML_TEXTS.map(DateTime),
    st.builds(Extended, st.sampled_from(["i1", "i2", "bigdecimal", "dom", "nil"]), st.text(max_size=9)),
)  # fmt: skip


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    twice = st.builds(lambda name, one, two: Struct(((name, one), (name, two))), TEXTS, inner, inner)
    return st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5) | twice


ANY = st.recursive(SCALARS, _containers, max_leaves=12)
