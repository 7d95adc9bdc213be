"""Tab `lint`: what the rules say of this call, in the light of its session's calls before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.correlate.sessions import LOGOUTS
from xraytap.protocol.filter import And, Glob, Or, Range
from xraytap.protocol.lint import Finding, Linter, Severity, choose
from xraytap.protocol.messages import SESSIONLESS
from xraytap.protocol.printable import printable
from xraytap.tui.detail.content import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.filter import Expr
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded

    type Parts = list[tuple[str, str]]

_BEFORE, _SEEN = 3000, 300
"""Calls before this one in which its session's are looked for, and how many of those are looked at."""
_STYLES = {Severity.ERROR: "trouble", Severity.WARNING: "trouble", Severity.NOTE: "dim"}


def lint(loaded: Loaded) -> Content:
    """A finding in two lines, the worst first; then what was looked at."""
    return Lines(list(_lines(loaded)))


def _lines(loaded: Loaded) -> Iterator[Parts]:
    before = list(_before(loaded))
    found = sorted(_findings(loaded, before), key=lambda each: each.severity.rank)
    for each in found:
        severity = (_STYLES[each.severity], f"{each.severity.value:<8} ")
        yield [severity, ("title", each.rule), ("name", f"  {printable(each.where)}")]
        yield [("value", f"         {printable(each.message)}")]
        yield []
    if not found:
        yield [("value", "nothing is wrong with this call")]
        yield []
    calls = f"{len(before)} call{'' if len(before) == 1 else 's'} of its session before it"
    yield [("dim", f"looked at with {calls}; xraytap lint {printable(loaded.row.capture)} looks at all")]


def _findings(loaded: Loaded, before: list[CallRow]) -> list[Finding]:
    model, row = loaded.about.model, loaded.row
    if model is None:
        return []
    info = loaded.store.capture(row.capture)
    # With a part of its session only, a token that is refused may have worked before.
    unsaid = ["task-abandoned", *(["unknown-session"] if len(before) == _SEEN else [])]
    linter = Linter(model, rules=choose(disable=unsaid), host=info.host)
    for each in before:
        linter.add(each, loaded.store.exchange(row.capture, each.seq))
    found = linter.add(row, loaded.exchange, loaded.call)
    if row.method in SESSIONLESS and not info.live:
        for each in _logouts(loaded):
            linter.add(each, loaded.store.exchange(row.capture, each.seq))
        found += [each for each in linter.finish() if each.seq == row.seq]
    return found


def _before(loaded: Loaded) -> Iterator[CallRow]:
    """The last calls of the session before this one, and the logins among which its own may be."""
    row = loaded.row
    if row.session is None:
        return iter(())
    seqs = Range("seq", max(1, row.seq - _BEFORE), row.seq - 1)
    wanted = And((seqs, Or((Glob("session", row.session), _any_of(SESSIONLESS)))))
    return iter(list(loaded.store.calls(row.capture, filter=wanted))[-_SEEN:])


def _logouts(loaded: Loaded) -> Iterator[CallRow]:
    """The calls that end the session which this one began."""
    answer = loaded.call.answer
    token = answer.value if answer is not None else None
    if not isinstance(token, str) or not token:
        return iter(())
    wanted = And((Glob("session", str(token)), _any_of(LOGOUTS)))
    return loaded.store.calls(loaded.row.capture, filter=wanted, after_seq=loaded.row.seq)


def _any_of(methods: frozenset[str]) -> Expr:
    return Or(tuple(Glob("method", each) for each in sorted(methods)))
