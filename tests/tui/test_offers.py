"""What the bar offers."""

from __future__ import annotations

import pytest

from xraytap.protocol.filter import parse
from xraytap.store.seen import Seen
from xraytap.tui.offers import offers, quoted

SEEN = Seen(methods=("VM.start", "odd (one)"), errors=("VM_BAD_POWER_STATE",))


def test_saved_filters_come_first_and_replace_all_that_is_written() -> None:
    found = offers("bad", 3, SEEN, {}, {"bad ones": "outcome:failure"})
    assert (found[0].text, found[0].start, found[0].saved) == ("outcome:failure", 0, "bad ones")


def test_what_is_written_already_is_not_offered() -> None:
    assert [each.text for each in offers("method:VM.start", 15, SEEN, {}, {})] == []


@pytest.mark.parametrize("text", ["VM.start", "odd (one)", 'say "so"', "back\\slash", "[red]"])
def test_a_completed_value_is_a_filter_for_just_that(text: str) -> None:
    assert parse(f"method:{quoted(text)}").pattern == text  # type: ignore[union-attr]
