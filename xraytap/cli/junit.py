"""JUnit XML, the form of results that CI systems read: suites of cases, in memory, nothing parsed.

`Case.failure` or `Case.skipped` tell what became of a case; one with neither has passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# What XML 1.0 has no way to write, not even as a character reference.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `failure` is the sentence that a CI page shows at once, `details` the text below it; `skipped`
    is why it was not tried. `time_s` is in seconds."""

    name: str
    classname: str
    time_s: float = 0.0
    failure: str | None = None
    details: str = ""
    skipped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Cases under one name."""

    name: str
    cases: Sequence[Case]
    properties: Sequence[tuple[str, str]] = ()


def junit_xml(suites: Iterable[Suite], *, name: str = "xraytap") -> str:
    """The whole document, with its counts. What XML cannot write is shown as U+FFFD."""
    lines: list[str] = []
    total = failed = skipped = 0
    time_s = 0.0
    for suite in suites:
        counts = _counts(suite.cases)
        total, failed, skipped = total + counts[0], failed + counts[1], skipped + counts[2]
        time_s += sum(each.time_s for each in suite.cases)
        lines += _suite(suite, counts)
    head = _tag("testsuites", name=name, tests=total, failures=failed, errors=0, skipped=skipped, time=time_s)
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{head}>", *lines, "</testsuites>", ""])


def _suite(suite: Suite, counts: tuple[int, int, int]) -> Iterator[str]:
    tests, failures, skipped = counts
    head = _tag(
        "testsuite",
        name=suite.name,
        tests=tests,
        failures=failures,
        errors=0,
        skipped=skipped,
        time=sum(each.time_s for each in suite.cases),
    )
    yield f"  <{head}>"
    if suite.properties:
        yield "    <properties>"
        yield from (f"      <{_tag('property', name=key, value=text)}/>" for key, text in suite.properties)
        yield "    </properties>"
    for case in suite.cases:
        yield from _case(case)
    yield "  </testsuite>"


def _case(case: Case) -> Iterator[str]:
    head = _tag("testcase", classname=case.classname, name=case.name, time=case.time_s)
    if case.failure is None and case.skipped is None:
        yield f"    <{head}/>"
        return
    yield f"    <{head}>"
    if case.failure is not None:
        yield f"      <{_tag('failure', message=case.failure)}>{escape(_writable(case.details))}</failure>"
    else:
        yield f"      <{_tag('skipped', message=case.skipped or '')}/>"
    yield "    </testcase>"


def _counts(cases: Sequence[Case]) -> tuple[int, int, int]:
    failures = sum(each.failure is not None for each in cases)
    return len(cases), failures, sum(each.failure is None and each.skipped is not None for each in cases)


def _tag(tag: str, **attributes: str | float) -> str:
    words = [tag]
    for key, value in attributes.items():
        text = f"{value:.6f}" if isinstance(value, float) else str(value)
        words.append(f"{key}={quoteattr(_writable(text), _LINE_ENDS)}")
    return " ".join(words)


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
