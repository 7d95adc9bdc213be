"""Runs the rules: over one call, or over a capture in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.errors import UsageError
from xraytap.protocol.glob import glob_matches
from xraytap.protocol.lint import answers, behaviour, calls, jsonrpc, sessions, transport, values
from xraytap.protocol.lint.memory import Memory
from xraytap.protocol.lint.rule import Finding, Needs, Rule
from xraytap.protocol.lint.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.lint.rule import Problem
    from xraytap.protocol.summary import DecodedCall

TOPICS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Calls", calls.RULES),
    ("Parameters and results", values.RULES),
    ("Sessions and references", sessions.RULES),
    ("Answers", answers.RULES),
    ("HTTP", transport.RULES),
    ("JSON-RPC", jsonrpc.RULES),
    ("Over several calls", behaviour.RULES),
)
RULES: tuple[Rule, ...] = tuple(each for _, rules in TOPICS for each in rules)
MESSAGE_WIDTH = 400
"""Characters of a message; what the wire put into it may be longer."""


def lint_call(
    row: CallRow,
    exchange: Exchange,
    model: Model,
    *,
    call: DecodedCall | None = None,
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """What is to be said of a call by itself: no rule that needs the calls before it is asked."""
    subject = Subject(row, exchange, model, call=call)
    return _run(subject, [each for each in rules if each.needs is Needs.CALL])


class Linter:
    """One pass over the calls of a capture in order: `add` each, then `finish`.

    `host` is the URL of the tapped host, if known.
    """

    def __init__(self, model: Model, *, rules: Sequence[Rule] = RULES, host: str = "") -> None:
        self._model = model
        self._host = host
        self._rules = [each for each in rules if each.needs is not Needs.END]
        self._last_rules = [each for each in rules if each.needs is Needs.END]
        self._memory = Memory()
        self._last: Subject | None = None

    def add(self, row: CallRow, exchange: Exchange, call: DecodedCall | None = None) -> list[Finding]:
        """What is to be said of a call in the light of those before it."""
        subject = Subject(row, exchange, self._model, call=call, memory=self._memory, host=self._host)
        found = _run(subject, self._rules)
        self._memory.learn(subject)
        self._last = subject
        return found

    def finish(self) -> list[Finding]:
        """What can be said only once all calls are in, in the order of the calls. Not for a capture that is
        still being recorded: what is open there is not left open."""
        if self._last is None:
            return []
        return sorted(_run(self._last, self._last_rules), key=lambda each: each.seq)


def choose(only: Iterable[str] = (), disable: Iterable[str] = ()) -> list[Rule]:
    """The rules that `only` names (all if it names none) without those that `disable` names; `*` stands for
    any text. Raises UsageError for a name or pattern that fits no rule."""
    wanted = {each.id for pattern in only for each in _named(pattern)} or {each.id for each in RULES}
    unwanted = {each.id for pattern in disable for each in _named(pattern)}
    return [each for each in RULES if each.id in wanted - unwanted]


def find_rule(name: str) -> Rule:
    """The rule of that name. Raises UsageError, which tells what comes near."""
    found = _named(name)
    return found[0]


def _named(pattern: str) -> list[Rule]:
    found = [each for each in RULES if glob_matches(pattern, each.id)]
    if not found:
        import difflib

        near = difflib.get_close_matches(pattern, [each.id for each in RULES], n=3, cutoff=0.5)
        hint = f" Nearest: {', '.join(near)}." if near else ""
        raise UsageError(f"no lint rule {pattern!r}.{hint} List them with: xraytap lint --rules")
    return found


def _run(subject: Subject, rules: Iterable[Rule]) -> list[Finding]:
    return [_finding(rule, problem, subject) for rule in rules for problem in rule.check(subject)]


def _finding(rule: Rule, problem: Problem, subject: Subject) -> Finding:
    message = problem.message
    if len(message) > MESSAGE_WIDTH:
        message = message[: MESSAGE_WIDTH - 1] + "…"
    return Finding(
        rule=rule.id,
        severity=problem.severity or rule.severity,
        seq=problem.seq or subject.row.seq,
        where=problem.where,
        message=message,
    )
