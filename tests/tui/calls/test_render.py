"""Cells: numbers as people read them, texts in their width."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from xraytap.tui.calls.render import amount, fitted, milliseconds, since


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (0, "+0.000"),
        (1_299_000, "+1.299"),
        (187_110_000, "+3:07.110"),
        (93_662_003_000, "+26:01:02.003"),
        (-5_000, "-0.005"),
    ],
)
def test_time_since_reads_as_a_clock(us: int, text: str) -> None:
    assert since(us) == text


@pytest.mark.parametrize(
    ("us", "text"), [(None, ""), (2100, "2.1"), (99_940, "99.9"), (210_000, "210"), (2_000_000_000, "2,000s")]
)
def test_milliseconds_have_fewer_decimals_the_more_there_are(us: int | None, text: str) -> None:
    assert milliseconds(us) == text


@pytest.mark.parametrize(("size", "text"), [(521, "521"), (99_999, "99999"), (5_300_000, "5.3M")])
def test_bytes_are_exact_while_there_is_room(size: int, text: str) -> None:
    assert amount(size) == text


@pytest.mark.parametrize("text", ["", "VM.start", "日本語の名前", "e\u0301" * 9, "x" * 50])
@pytest.mark.parametrize("width", [1, 2, 7, 30])
def test_a_text_takes_exactly_its_width_whatever_the_letters(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width
