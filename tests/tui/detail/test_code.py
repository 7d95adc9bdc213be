"""Long texts and bytes as lines."""

from __future__ import annotations

import pytest
from rich.style import Style

from xraytap.tui.detail.code import LONGEST, Code, Hex, cut_lines


def palette(word: str) -> Style:
    return Style(meta={"word": word})


def words(content: Code, index: int) -> list[tuple[str, str]]:
    text = content.line(index, palette)
    return [(text.plain[span.start : span.end], span.style.meta["word"]) for span in text.spans]  # type: ignore[union-attr]


def test_xml_lights_up_tags_and_text() -> None:
    assert words(Code([("xml", "<value>7</value>")]), 0) == [
        ("<value", "tag"),
        (">", "tag"),
        ("7", "value"),
        ("</value", "tag"),
        (">", "tag"),
    ]


def test_json_lights_up_names_strings_and_numbers() -> None:
    shown = words(Code([("json", '"a": ["b", 1.5, null]')]), 0)
    assert [each for each in shown if each[1] != "dim"] == [
        ('"a"', "name"),
        ('"b"', "string"),
        ("1.5", "number"),
        ("null", "number"),
    ]


def test_a_line_of_megabytes_is_cut_and_says_so() -> None:
    content = Code([("xml", "y" * 5_000_000)])
    assert content.plain(0).endswith("… (5,000,000 characters in this line)")
    assert content.widest() <= LONGEST + 40
    assert content.copied(0) == "y" * 5_000_000


def test_control_characters_are_shown_as_signs() -> None:
    assert Code([("", "a\x1b[31m\tb")]).plain(0) == "a␛[31m  b"


def test_the_last_line_end_makes_no_empty_line() -> None:
    assert list(cut_lines("xml", "<a>\r\n</a>\n")) == [("xml", "<a>"), ("xml", "</a>")]


@pytest.mark.parametrize("needle", ["POST", "post", "50 4f 53 54", "504F"])
def test_bytes_are_found_as_text_and_as_hex(needle: str) -> None:
    assert Hex([("head", b"." * 33 + b"POST / HTTP")]).find(needle, -1) == 3


def test_hex_goes_on_to_the_next_place_and_around() -> None:
    content = Hex([("one", b"ab" + b"." * 30), ("two", b"." * 16 + b"ab")])
    assert [content.find("ab", at) for at in (-1, 1, 5)] == [1, 5, 1]
    assert content.find("ab", 1, forward=False) == 5


def test_hex_shows_offset_bytes_and_letters_of_every_block() -> None:
    content = Hex([("head", b"AB\x00"), ("body", b"")])
    assert [content.plain(index).rstrip() for index in range(content.count())] == [
        "head, 3 bytes",
        f"00000000  {'41 42 00':<23}  {'':<23}  AB·",
        "body, 0 bytes",
    ]
