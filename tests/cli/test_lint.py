"""lint: findings as text, JSON, SARIF and JUnit; rules chosen, listed and explained; exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from xraytap.protocol.lint import RULES
from xraytap.shipped import shipped_capture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

SURVEY = "py27-survey"


def seqs(ran: Ran) -> list[int]:
    return [json.loads(line)["seq"] for line in ran.out.splitlines()]


def test_a_clean_capture_prints_nothing_and_exits_0(run: Callable[..., Ran]) -> None:
    ran = run("lint", "py27-example-session")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "xraytap: 12 calls read as xend: 0 errors, 0 warnings; 1 note not shown (--severity note)\n"
    )


def test_findings_are_lines_and_exit_1(run: Callable[..., Ran]) -> None:
    ran = run("lint", "raw-requests")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) == 8
    assert lines[5] == "raw-requests#6 GET /: warning: request: GET /, where calls are POSTed [http-method]"
    assert "7 errors, 1 warning" in ran.err


@pytest.mark.parametrize(("severity", "count"), [("error", 2), ("warning", 9), ("note", 15)])
def test_severity_says_what_counts(run: Callable[..., Ran], severity: str, count: int) -> None:
    ran = run("lint", SURVEY, "--severity", severity)
    assert (ran.code, len(ran.out.splitlines())) == (1, count)


def test_rules_are_switched_off_by_option_and_by_environment(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seqs(run("lint", SURVEY, "--disable", "un*", "--json")) == [106, 1]
    assert seqs(run("lint", SURVEY, "--only", "wrong-arity", "--only", "session-*", "--json")) == [106, 1]
    monkeypatch.setenv("XRAYTAP_LINT_DISABLE", "unimplemented unknown-method")
    assert seqs(run("lint", SURVEY, "--json")) == [106, 1]
    assert run("lint", SURVEY, "--disable", "*").code == 0


def test_a_filter_chooses_whose_findings_are_told_and_not_what_is_learnt(run: Callable[..., Ran]) -> None:
    assert seqs(run("lint", SURVEY, "--filter", "class:host", "--json")) == [106]
    assert seqs(run("lint", SURVEY, "--filter", "class:session", "--json")) == [32, 1]
    assert run("lint", SURVEY, "--filter", "seq:2..9").code == 0


def test_json_has_the_documented_keys(run: Callable[..., Ran]) -> None:
    ran = run("lint", SURVEY, "--filter", "seq:106", "--format", "json")
    assert json.loads(ran.out) == {
        "capture": SURVEY,
        "seq": 106,
        "method": "host.list_methods",
        "rule": "wrong-arity",
        "severity": "error",
        "where": "parameters",
        "message": "2 parameters where 1 is due (session)",
    }


def required(document: Any, *names: str) -> None:
    assert [name for name in names if name not in document] == []


def test_sarif_has_what_its_schema_asks_for(run: Callable[..., Ran]) -> None:
    document = json.loads(run("lint", SURVEY, "--format", "sarif").out)
    required(document, "version", "runs")
    assert document["version"] == "2.1.0"
    (each,) = document["runs"]
    required(each, "tool", "results")
    required(each["tool"], "driver")
    driver = each["tool"]["driver"]
    required(driver, "name")
    for rule in driver["rules"]:
        required(rule, "id")
        required(rule["shortDescription"], "text")
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len(each["results"]) == 9
    for result in each["results"]:
        required(result, "message", "ruleId", "level")
        required(result["message"], "text")
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == SURVEY
    for invocation in each["invocations"]:
        required(invocation, "executionSuccessful")


def test_sarif_names_the_file_of_a_golden(run: Callable[..., Ran], tmp_path: Path) -> None:
    golden = tmp_path / "a b.yaml"
    golden.write_text(shipped_capture("example-session.yaml").read_text().replace("VM.start", "VM.strat"))
    ran = run("lint", str(golden), "--format", "sarif")
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert ran.code == 1
    assert result["ruleId"] == "unknown-method"
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == str(golden).replace(" ", "%20")


def test_junit_has_a_case_for_each_rule(run: Callable[..., Ran]) -> None:
    root = etree.fromstring(run("lint", SURVEY, "--format", "junit").out.encode())
    assert (root.get("tests"), root.get("failures")) == (str(len(RULES)), "4")
    failed = {each.getparent().get("name"): each for each in root.iter("failure")}  # type: ignore[union-attr]
    assert sorted(map(str, failed)) == ["session-leak", "unimplemented", "unknown-method", "wrong-arity"]
    assert len((failed["unimplemented"].text or "").splitlines()) == 6


SHIPPED = {
    "example-session.yaml": set(),
    "xapi-session.yaml": {(21, "unknown-method"), (23, "use-after-logout")},
    "xapi-session-json.yaml": {(21, "unknown-method"), (23, "use-after-logout")},
    "xapi-tasks.yaml": set(),
    "xapi-events.yaml": {(seq, "deprecated") for seq in (10, 11, 12, 13, 14)},
    "xend-survey.yaml": {
        (32, "unknown-method"),
        *((seq, "unimplemented") for seq in (44, 53, 55, 72, 81, 83)),
        (106, "wrong-arity"),
        (1, "session-leak"),
    },
}


@pytest.mark.parametrize("name", SHIPPED)
def test_of_the_shipped_goldens_only_what_is_true_is_told(run: Callable[..., Ran], name: str) -> None:
    ran = run("lint", str(shipped_capture(name)), "--json")
    found = {(each["seq"], each["rule"]) for each in map(json.loads, ran.out.splitlines())}
    assert found == SHIPPED[name]


def test_every_shipped_golden_is_looked_at() -> None:
    assert sorted(SHIPPED) == sorted(
        path.name for path in shipped_capture("example-session.yaml").parent.glob("*.yaml")
    )


def test_rules_are_listed_and_explained(run: Callable[..., Ran]) -> None:
    listed = run("lint", "--rules").out.splitlines()
    assert [line.split()[0] for line in listed] == [each.id for each in RULES]
    page = run("lint", "--explain", "session-leak").out
    assert page.startswith("session-leak (warning): a session that is never logged out\n\nA login succeeded")
    assert "--disable session-leak" in page
    assert json.loads(run("lint", "--explain", "fault", "--json").out)["rule"] == "fault"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "which SOURCE?"),
        (["nosuch"], 4, "no capture named 'nosuch'"),
        ([SURVEY, "--disable", "foo"], 2, "no lint rule 'foo'"),
        (["--explain", "unkown-method"], 2, "Nearest: unknown-method"),
        ([SURVEY, "--json", "--format", "sarif"], 2, "contradict"),
        ([SURVEY, "--filter", "outcome:"], 2, "filter: column"),
        ([SURVEY, "--severity", "bad"], 2, "'bad' is not one of"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Callable[..., Ran], arguments: list[str], code: int, words: str
) -> None:
    ran = run("lint", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_many_findings_are_counted_by_rule(run: Callable[..., Ran]) -> None:
    ran = run("lint", SURVEY, "--severity", "note")
    last = ran.err.splitlines()[-1]
    assert last.startswith("xraytap: unimplemented 6, host-deviation 5, ")
    assert len(run("lint", SURVEY, "--severity", "note", "--json").err.splitlines()) == 1


def test_several_sources_are_looked_at_one_after_the_other(run: Callable[..., Ran]) -> None:
    golden = str(shipped_capture("example-session.yaml"))
    ran = run("lint", "raw-requests", golden, SURVEY, "--severity", "error")
    assert ran.code == 1
    assert [line.partition("#")[0] for line in ran.out.splitlines()] == ["raw-requests"] * 7 + [SURVEY] * 2
    assert [line.split(": ")[1] for line in ran.err.splitlines()] == [
        "raw-requests",
        "example-session",
        SURVEY,
    ]
    root = etree.fromstring(run("lint", golden, SURVEY, "--format", "junit").out.encode())
    assert [each.get("failures") for each in root] == ["0", "4"]
    document = json.loads(run("lint", golden, SURVEY, "--format", "sarif").out)
    assert [len(each["results"]) for each in document["runs"]] == [9]


def test_a_session_of_one_source_is_not_known_in_another(run: Callable[..., Ran]) -> None:
    once = run("lint", SURVEY, "--json").out
    assert run("lint", SURVEY, SURVEY, "--json").out == once + once
