"""Every rule: its page, the conversation that breaks it and nothing else, and the one that breaks none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.protocol.lint.examples import EXAMPLES, Example
from xraytap.protocol.datamodel import load
from xraytap.protocol.lint import RULES, Linter

if TYPE_CHECKING:
    from tests.talk import Talk
    from xraytap.protocol.lint import Finding


def lint(talk: Talk, api: str, url: str = "") -> list[Finding]:
    linter = Linter(load(api), host=url)
    found = [
        finding
        for seq, exchange in enumerate(talk.exchanges, 1)
        for finding in linter.add(talk.row(seq), exchange)
    ]
    return found + linter.finish()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.rule)
def test_the_bad_example_breaks_this_rule_and_no_other(example: Example) -> None:
    found = lint(example.talk(example.bad), example.api, example.url)
    assert {each.rule for each in found} == {example.rule}, found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.rule)
def test_the_good_example_breaks_no_rule(example: Example) -> None:
    found = lint(
        example.talk(example.good), example.api, "" if example.rule == "secret-in-clear" else example.url
    )
    assert found == []


def test_every_rule_has_an_example() -> None:
    assert sorted(each.rule for each in EXAMPLES) == sorted(each.id for each in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda each: each.id)
def test_a_rule_has_a_name_a_title_and_a_page(rule: object) -> None:
    from xraytap.protocol.lint import Rule

    assert isinstance(rule, Rule)
    assert rule.id == rule.id.lower().replace("_", "-").strip("-")
    assert 10 < len(rule.title) < 70
    assert 80 < len(rule.page) < 700
    assert rule.page.endswith((".", "`"))
