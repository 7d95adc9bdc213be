"""`xraytap lint`."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from xraytap.cli.about import about_source
from xraytap.cli.lint_report import REPORTS, Told, rules_listed
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.out import EXIT_FINDINGS, say
from xraytap.cli.source import open_source
from xraytap.errors import UsageError
from xraytap.protocol.lint import Linter, Severity, choose, find_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.cli.source import Source
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.lint import Finding, Rule


@click.command("lint", epilog="Example: xraytap lint example --disable 'json-*' --format sarif > lint.sarif")
@click.argument("source", required=False)
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
    source: str | None,
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
    """Find what is wrong, or will bite, in the calls of SOURCE and in their answers. Every call is looked at, as
    sessions and references have a history; --filter chooses whose findings are reported. Exit code 1 if
    anything is reported. The rules have their pages in docs/lint.md."""
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other; leave one away.")
    if listed or explain is not None:
        rules = choose(only, disable) if explain is None else [find_rule(explain)]
        rules_listed(rules, as_json=as_json or form == "json", whole=explain is not None)
        return
    if source is None:
        raise UsageError(
            "which SOURCE? A capture's name or the path of a golden; xraytap captures lists them."
        )
    rules = choose(only, disable)
    with open_source(source, store) as opened:
        model = about_source(opened, api).model
        assert model is not None  # noqa: S101  about_source always finds one
        counts: Counter[str] = Counter()
        told = _reported(opened, model, rules, Severity(severity), filter_text, counts)
        REPORTS["json" if as_json else form or "text"](opened, rules, told)
    found = sum(counts[each.value] for each in Severity if each.rank <= Severity(severity).rank)
    say(_summary(counts, model, Severity(severity)))
    if found:
        sys.exit(EXIT_FINDINGS)


def _reported(
    source: Source,
    model: Model,
    rules: list[Rule],
    least: Severity,
    filter_text: str | None,
    counts: Counter[str],
) -> Iterator[Told]:
    """The findings to report, in the order of the calls, those of the end last. `counts` gets the number of
    calls, and of findings by severity, reported or not."""
    wanted = _matching(source, filter_text)
    linter = Linter(model, rules=rules, host=source.host)
    for row in source.rows():
        counts["calls"] += 1
        for finding in linter.add(row, source.exchange(row.seq)):
            if _is_wanted(wanted, finding):
                counts[finding.severity.value] += 1
                if finding.severity.rank <= least.rank:
                    yield Told(finding, row)
    for finding in [] if source.live else linter.finish():
        if _is_wanted(wanted, finding):
            counts[finding.severity.value] += 1
            if finding.severity.rank <= least.rank:
                yield Told(finding, source.row(finding.seq))


def _matching(source: Source, filter_text: str | None) -> bytearray | None:
    """A byte for each call, 1 if it matches: a million calls take a megabyte."""
    if not filter_text:
        return None
    wanted = bytearray()
    for row in source.rows(filter_text):
        wanted.extend(bytes(row.seq - len(wanted)))
        wanted.append(1)
    return wanted


def _is_wanted(wanted: bytearray | None, finding: Finding) -> bool:
    return wanted is None or (finding.seq < len(wanted) and bool(wanted[finding.seq]))


def _summary(counts: Counter[str], model: Model, least: Severity) -> str:
    """`114 calls read as xend: 2 errors, 7 warnings; 6 notes not shown (--severity note)`."""
    shown = [_many(counts[each.value], each.value) for each in Severity if each.rank <= least.rank]
    hidden = [each for each in Severity if each.rank > least.rank and counts[each.value]]
    more = ", ".join(_many(counts[each.value], each.value) for each in hidden)
    text = f"{_many(counts['calls'], 'call')} read as {model.name}: {', '.join(shown)}"
    return text + (f"; {more} not shown (--severity {hidden[-1].value})" if hidden else "")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
