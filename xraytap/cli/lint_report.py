"""Lint findings on stdout: text, JSON Lines, SARIF 2.1.0, JUnit XML; and the rules themselves."""

from __future__ import annotations

import json
import os
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import click

from xraytap import __version__
from xraytap.cli.junit import Case, Suite, junit_xml
from xraytap.protocol.describe import method_text
from xraytap.protocol.jsonform import Json, json_line
from xraytap.protocol.lint import Finding, Severity
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xraytap.cli.source import Source
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.lint import Rule

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class Told(NamedTuple):
    """A finding with the row of its call."""

    finding: Finding
    row: CallRow


class Looked(NamedTuple):
    """A source with its findings, which come as they are found."""

    source: Source
    findings: Iterable[Told]


def print_text(_rules: Sequence[Rule], looked_at: Iterable[Looked]) -> None:
    """A line a finding, as compilers write them."""
    plain = bool(os.environ.get("NO_COLOR"))
    for source, findings in looked_at:
        for finding, row in findings:
            word = finding.severity.value
            severity = word if plain else click.style(word, fg=_COLOURS[finding.severity])
            text = printable(f"{finding.where}: {finding.message}")
            call = f"{printable(source.name)}#{finding.seq} {method_text(row)}"
            click.echo(f"{call}: {severity}: {text} [{finding.rule}]")


def print_json(_rules: Sequence[Rule], looked_at: Iterable[Looked]) -> None:
    """A JSON object a finding."""
    for source, findings in looked_at:
        for told in findings:
            click.echo(json_line(finding_to_json(source, told)))


def finding_to_json(source: Source, told: Told) -> dict[str, Json]:
    """One finding as docs/lint.md writes it."""
    finding, row = told
    return {
        "capture": source.name,
        "seq": finding.seq,
        "method": None if row.method is None else ("Async." if row.is_async else "") + row.method,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "where": finding.where,
        "message": finding.message,
    }


def print_sarif(rules: Sequence[Rule], looked_at: Iterable[Looked]) -> None:
    """One SARIF document, as code hosts take it."""
    index = {each.id: number for number, each in enumerate(rules)}
    results = [
        _result(source, told, index[told.finding.rule]) for source, findings in looked_at for told in findings
    ]
    driver = {
        "name": "xraytap",
        "version": __version__,
        "rules": [
            {
                "id": each.id,
                "shortDescription": {"text": each.title},
                "fullDescription": {"text": each.page},
                "help": {"text": each.page},
                "defaultConfiguration": {"level": each.severity.value},
            }
            for each in rules
        ],
    }
    run = {"tool": {"driver": driver}, "invocations": [{"executionSuccessful": True}], "results": results}
    click.echo(json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2))


def _result(source: Source, told: Told, index: int) -> dict[str, Any]:
    """Its physical location is the source: the golden's path, or the capture's name."""
    finding, method = told.finding, method_text(told.row)
    uri = quote(source.name if source.path is None else source.path)
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": f"#{finding.seq} {method}: {finding.where}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}},
                "logicalLocations": [{"fullyQualifiedName": f"{source.name}#{finding.seq}", "name": method}],
            }
        ],
        "properties": {"seq": finding.seq, "where": finding.where},
    }


def print_junit(rules: Sequence[Rule], looked_at: Iterable[Looked]) -> None:
    """A suite a source and in it a case a rule, so that a CI page has the same cases from run to run; those with
    findings failed."""
    suites = []
    for source, findings in looked_at:
        by_rule: dict[str, list[Told]] = {}
        for told in findings:
            by_rule.setdefault(told.finding.rule, []).append(told)
        cases = [_case(source, each, by_rule.get(each.id, [])) for each in rules]
        suites.append(Suite(name=f"lint {source.name}", cases=cases))
    click.echo(junit_xml(suites, name="xraytap lint"), nl=False)


def _case(source: Source, rule: Rule, found: list[Told]) -> Case:
    classname = f"xraytap.lint.{source.name}"
    if not found:
        return Case(name=rule.id, classname=classname)
    lines = [f"#{each.seq} {method_text(row)}: {each.where}: {each.message}" for each, row in found]
    count = "" if len(found) == 1 else f" ({len(found)} findings)"
    return Case(name=rule.id, classname=classname, failure=rule.title + count, details="\n".join(lines))


REPORTS: dict[str, Callable[[Sequence[Rule], Iterable[Looked]], None]] = {
    "text": print_text,
    "json": print_json,
    "sarif": print_sarif,
    "junit": print_junit,
}


def rules_listed(rules: Sequence[Rule], *, as_json: bool, whole: bool) -> None:
    """The rules, a line each, or with their pages."""
    for rule in rules:
        if as_json:
            click.echo(
                json_line(
                    {"rule": rule.id, "severity": rule.severity.value, "title": rule.title, "page": rule.page}
                )
            )
        elif whole:
            click.echo(f"{rule.id} ({rule.severity.value}): {rule.title}\n")
            click.echo(textwrap.fill(rule.page, 80, break_on_hyphens=False))
            click.echo(f"\nSwitch it off: --disable {rule.id}")
        else:
            click.echo(f"{rule.id:<20} {rule.severity.value:<8} {rule.title}")
