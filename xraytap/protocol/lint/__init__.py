"""Lint: what is wrong, or will bite, in the calls of a client and the answers of a host.

Rules are values, listed in `RULES`; each has an id, a severity and a page. `lint_call` looks at one call by
itself and is cheap enough for every look at it; a `Linter` takes the calls of a capture in order and knows what
came before. Nothing is said of what is merely unusual: a finding is true, or the rule has a bug.
"""

from xraytap.protocol.lint.linter import RULES, TOPICS, Linter, choose, find_rule, lint_call
from xraytap.protocol.lint.rule import Finding, Rule, Severity

__all__ = ["RULES", "TOPICS", "Finding", "Linter", "Rule", "Severity", "choose", "find_rule", "lint_call"]
