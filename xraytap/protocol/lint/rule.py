"""What a rule is and what it finds. A rule is a value; making one registers nothing."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.lint.subject import Subject


class Severity(StrEnum):
    """`error`: wrong, and some host refuses it. `warning`: works by luck, or will bite. `note`: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Needs(StrEnum):
    """What a rule must have seen: one call, the calls before it, or the whole capture."""

    CALL = "call"
    CAPTURE = "capture"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a rule found. `where` is a place in the call: `parameter start_paused`, `value.power_state`,
    `request header Host`. `severity` and `seq` are there where they differ from the rule's and the call's."""

    where: str
    message: str
    severity: Severity | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem of one call, with the rule that found it."""

    rule: str
    severity: Severity
    seq: int
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`title` is the rule in a line, `page` in a paragraph. `check` gets a call, or, for a rule that needs the
    end, the last subject of all: one without a call, with what was learnt."""

    id: str
    severity: Severity
    title: str
    page: str
    needs: Needs
    check: Callable[[Subject], Iterator[Problem]]


def rule(
    name: str, severity: Severity, title: str, *, needs: Needs = Needs.CALL
) -> Callable[[Callable[[Subject], Iterator[Problem]]], Rule]:
    """Make a rule of the function below, whose docstring is its page."""

    def made(check: Callable[[Subject], Iterator[Problem]]) -> Rule:
        page = " ".join((inspect.getdoc(check) or "").split())
        return Rule(id=name, severity=severity, title=title, page=page, needs=needs, check=check)

    return made
