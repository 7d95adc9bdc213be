"""JUnit XML: what a CI system reads out of it is what was put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from xraytap.cli.junit import Case, Suite, junit_xml


def parsed(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def test_counts_times_and_texts_are_those_of_the_cases() -> None:
    suites = [
        Suite(
            name="example",
            cases=[
                Case(name="#1 VM.start", classname="VM", time_s=0.25),
                Case(name="#2", classname="VM", failure='a "b" <c>', details="line 1\nline <2>", time_s=0.5),
                Case(name="#3", classname="SR", skipped="needs --allow change"),
            ],
            properties=[("api", "xend")],
        ),
        Suite(name="empty", cases=[]),
    ]
    root = parsed(junit_xml(suites, name="replay"))
    assert dict(root.attrib) == {
        "name": "replay",
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "0.750000",
    }
    assert [each.get("name") for each in root] == ["example", "empty"]
    cases = root[0].findall("testcase")
    assert [(each.get("classname"), each.get("name")) for each in cases] == [
        ("VM", "#1 VM.start"),
        ("VM", "#2"),
        ("SR", "#3"),
    ]
    failure = cases[1].find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.text) == ('a "b" <c>', "line 1\nline <2>")
    skipped = cases[2].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "needs --allow change"
    assert [(each.get("name"), each.get("value")) for each in root.iter("property")] == [("api", "xend")]


@given(st.text(st.characters(codec="utf-8")), st.text())
def test_any_text_makes_a_document_that_parses(name: str, details: str) -> None:
    case = Case(name=name, classname="c", failure=details, details=details)
    text = junit_xml([Suite(name=name, cases=[case])])
    written = parsed(text)[0][0].get("name")
    assert written is not None
    assert written.replace("\ufffd", "") == "".join(
        c for c in name if c in "\t\n\r" or (ord(c) >= 32 and c not in "\ufffe\uffff\ufffd")
    )
