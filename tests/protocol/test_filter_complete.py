"""What a filter bar offers while a filter is being typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.protocol.filter import completions


@pytest.mark.parametrize(
    ("text", "first", "start"),
    [
        ("me", "method:", 0),
        ("class:VM and out", "outcome:", 13),
        ("outcome:fa", "failure", 8),
        ("outcome:failure,no", "no-response", 16),
        ("(async:", "yes", 7),
        ("method:vm.s", "VM.start", 7),
        ("message:st", "start", 8),
        ("class:", "SR", 6),
        ("error:HANDLE", "HANDLE_INVALID", 6),
        ("ms:", ">500", 3),
        ("an", "and ", 0),
    ],
)
def test_what_may_come_next(text: str, first: str, start: int) -> None:
    found = completions(
        text, len(text), methods=["VM.start", "SR.scan"], classes={"VM", "SR"}, errors=["HANDLE_INVALID"]
    )
    assert (first, start) in [(each.text, each.start) for each in found]
    assert first == found[0].text or text == "an"


@pytest.mark.parametrize("text", ['"met', "nofield:x", "ms:5"])
def test_where_nothing_fits_nothing_is_offered(text: str) -> None:
    assert completions(text, len(text)) == []


@given(st.text(max_size=20), st.integers(-3, 25))
def test_completion_takes_any_text(text: str, cursor: int) -> None:
    for each in completions(text, cursor, methods=["VM.start"]):
        assert 0 <= each.start <= len(text)
