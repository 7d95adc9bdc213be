"""The fuzzer itself works, and a few hundred bodies break nothing; `make fuzz` tries many more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.__main__ import main

if TYPE_CHECKING:
    import pytest


def test_a_few_hundred_broken_bodies_break_no_invariant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(seconds=60, seed=1, most=300) == 0
    assert "300 bodies tried" in capsys.readouterr().out


def test_a_broken_invariant_is_reported_with_its_words_and_its_body(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(body: bytes, _random: object) -> None:
        """No body is longer than it was."""
        raise AssertionError(f"{len(body)} bytes")

    monkeypatch.setattr("tests.fuzz.__main__.TARGETS", (never,))
    assert main(seconds=60, seed=1, most=300) == 1
    said = capsys.readouterr().out
    assert "BROKEN after 1 bodies: never: No body is longer than it was." in said
    assert "body kept in" in said
