"""`xraytap lint`."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from xraytap.cli.about import about_source
from xraytap.cli.lint_report import REPORTS, Looked, Told, rules_listed
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.out import EXIT_FINDINGS, say
from xraytap.cli.source import open_source
from xraytap.errors import UsageError
from xraytap.protocol.datamodel import load
from xraytap.protocol.lint import Linter, Severity, choose, find_rule
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.cli.source import Source
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.lint import Finding, Rule


_MANY = 10
"""Findings beyond which they are also counted by rule."""


@click.command("lint", epilog="Example: xraytap lint example --disable 'json-*' --format sarif > lint.sarif")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--only", multiple=True, metavar="RULE", help="Only this rule; * stands for any text; repeatable."
)
@click.option(
    "--disable",
    multiple=True,
    metavar="RULE",
    envvar="XRAYTAP_LINT_DISABLE",
    show_envvar=True,
    help="Not this rule; * stands for any text; repeatable. In the variable, blanks stand between rules.",
)
@click.option(
    "--severity",
    type=click.Choice([each.value for each in Severity]),
    default=Severity.WARNING.value,
    show_default=True,
    help="Findings of this severity and worse are reported, and make the exit code 1.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(REPORTS)),
    help="How findings are printed: text (the default), json (as --json), sarif (2.1.0), junit.",
)
@click.option("--rules", "listed", is_flag=True, help="List the rules and end.")
@click.option("--explain", metavar="RULE", help="Print the page of a rule and end.")
@filter_option
@api_option
@store_option
@json_option
def command(
    sources: tuple[str, ...],
    only: tuple[str, ...],
    disable: tuple[str, ...],
    severity: str,
    form: str | None,
    listed: bool,
    explain: str | None,
    filter_text: str | None,
    api: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Find what is wrong, or will bite, in the calls of each SOURCE and in their answers. Every call is looked at, as
    sessions and references have a history; --filter chooses whose findings are reported. Exit code 1 if
    anything is reported. The rules have their pages in docs/lint.md."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other; leave one away.")
    if listed or explain is not None:
        rules = choose(only, disable) if explain is None else [find_rule(explain)]
        rules_listed(rules, as_json=as_json or form == "json", whole=explain is not None)
        return
    if not sources:
        raise UsageError(
            "which SOURCE? A capture's name or the path of a golden; xraytap captures lists them."
        )
    rules, tallies = choose(only, disable), list[_Tally]()

    def looked_at() -> Iterator[Looked]:
        for each in sources:
            with open_source(each, store) as source:
                tally = _Tally(source, about_source(source, api).model or load("xend"), Severity(severity))
                tallies.append(tally)
                yield Looked(source, tally.findings(rules, filter_text))

    form = "json" if as_json else form or "text"
    REPORTS[form](rules, looked_at())
    for tally in tallies:
        say((f"{printable(tally.name)}: " if len(tallies) > 1 else "") + tally.summary())
    reported = sum((each.reported for each in tallies), Counter[str]())
    if form == "text" and reported.total() > _MANY:
        say(", ".join(f"{rule} {count}" for rule, count in reported.most_common()))
    if reported:
        sys.exit(EXIT_FINDINGS)


class _Tally:
    """One pass over a source: the findings to report, as they come, and how many there were of each kind.

    `reported` counts by rule what is of severity `least` or worse.
    """

    def __init__(self, source: Source, model: Model, least: Severity) -> None:
        self.name = source.name
        self._source, self._model, self._least = source, model, least
        self.reported: Counter[str] = Counter()
        self._severities: Counter[Severity] = Counter()
        self._calls = 0

    def findings(self, rules: list[Rule], filter_text: str | None) -> Iterator[Told]:
        """In the order of the calls, those of the end last."""
        source = self._source
        wanted = _matching(source, filter_text)
        linter = Linter(self._model, rules=rules, host=source.host)
        for row in source.rows():
            self._calls += 1
            for finding in linter.add(row, source.exchange(row.seq)):
                if self._counts(finding, wanted):
                    yield Told(finding, row)
        for finding in [] if source.live else linter.finish():
            if self._counts(finding, wanted):
                yield Told(finding, source.row(finding.seq))

    def _counts(self, finding: Finding, wanted: bytearray | None) -> bool:
        """Count it; whether it is reported."""
        if wanted is not None and not (finding.seq < len(wanted) and wanted[finding.seq]):
            return False
        self._severities[finding.severity] += 1
        if finding.severity.rank > self._least.rank:
            return False
        self.reported[finding.rule] += 1
        return True

    def summary(self) -> str:
        """`114 calls read as xend: 2 errors, 7 warnings; 6 notes not shown (--severity note)`."""
        shown = [self._many(each) for each in Severity if each.rank <= self._least.rank]
        hidden = [each for each in Severity if each.rank > self._least.rank and self._severities[each]]
        calls = f"{self._calls} call{'' if self._calls == 1 else 's'}"
        text = f"{calls} read as {self._model.name}: {', '.join(shown)}"
        if hidden:
            text += f"; {', '.join(map(self._many, hidden))} not shown (--severity {hidden[-1].value})"
        return text

    def _many(self, severity: Severity) -> str:
        number = self._severities[severity]
        return f"{number} {severity.value}" + ("" if number == 1 else "s")


def _matching(source: Source, filter_text: str | None) -> bytearray | None:
    """A byte for each call, 1 if it matches: a million calls take a megabyte."""
    if not filter_text:
        return None
    wanted = bytearray()
    for row in source.rows(filter_text):
        wanted.extend(bytes(row.seq - len(wanted)))
        wanted.append(1)
    return wanted
