"""Filters that ask for objects by name, bound to what a capture teaches about names.

`vm:guest002` cannot be judged by one call: another call told that the reference in it is `guest002`. So who
judges calls first learns the names, and binds the filter to them; a bound filter asks for references alone.
A filter that is not bound finds references by their own text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from xraytap.protocol.filter.ast import And, Expr, Glob, Named, Not, Or, Refs
from xraytap.protocol.filter.match import patterns
from xraytap.protocol.glob import fold, glob_matches

if TYPE_CHECKING:
    from collections.abc import Mapping


class Names(Protocol):
    """Who knows names: `xraytap.protocol.correlate.objects.Objects`."""

    def refs(self, class_name: str | None, pattern: str) -> Mapping[str, frozenset[str]]:
        """The references by session (`""` for none) of the objects whose name, uuid or reference fits; of any
        class with None."""


def needs_names(expr: Expr) -> bool:
    """Whether binding would change the filter."""
    match expr:
        case And(parts) | Or(parts):
            return any(needs_names(each) for each in parts)
        case Not(part):
            return needs_names(part)
        case Named():
            return True
        case Glob("ref", pattern):
            return _may_be_a_name(pattern)
    return False


def bind(expr: Expr, names: Names) -> Expr:
    """The filter with the references that `names` knows in place of names."""
    match expr:
        case And(parts):
            return And(tuple(bind(each, names) for each in parts))
        case Or(parts):
            return Or(tuple(bind(each, names) for each in parts))
        case Not(part):
            return Not(bind(part, names))
        case Named(class_name, pattern):
            return Refs(names.refs(class_name, pattern))
        case Glob("ref", pattern) if _may_be_a_name(pattern):
            wanted = patterns("ref", pattern)
            # What the pattern finds by its own text needs no second look.
            others = {
                session: frozenset(ref for ref in refs if not any(glob_matches(each, ref) for each in wanted))
                for session, refs in names.refs(None, pattern).items()
            }
            by_name = {session: refs for session, refs in others.items() if refs}
            return Or((expr, Refs(by_name))) if by_name else expr
    return expr


def adds_only(expr: Expr) -> bool:
    """Whether binding can but add calls to those that the filter finds unbound: names for `ref:`, not negated."""
    match expr:
        case And(parts) | Or(parts):
            return all(adds_only(each) for each in parts)
        case Not() | Named():
            return not needs_names(expr)
    return True


def _may_be_a_name(pattern: str) -> bool:
    """A whole reference of XAPI is none, and what fits any text needs no names."""
    return not fold(pattern).startswith("opaqueref:") and pattern.strip("*") != ""
