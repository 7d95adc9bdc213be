"""The next call that matches, and what a capture holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.recorded import exchanges
from xraytap.protocol.filter import parse
from xraytap.store import open_store
from xraytap.store.find import find_call
from xraytap.store.seen import seen
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("find") / "s.db"
    writer = Writer(path, "survey", host="http://xenhost:9363")
    for each in exchanges("py27-survey"):
        writer.finish(writer.begin(each), each)
    writer.close()
    return path


@pytest.mark.parametrize(
    "text", ["outcome:failure", "method:VM.get_all", "guest002", "ms:>1000", "not class:VM"]
)
@pytest.mark.parametrize("stride", [1, 7, 1000])
def test_the_next_call_is_the_one_that_a_list_has_next(
    survey: Path, monkeypatch: pytest.MonkeyPatch, text: str, stride: int
) -> None:
    monkeypatch.setattr("xraytap.store.find._STRIDE", stride)
    monkeypatch.setattr("xraytap.store.find._BODIES_STRIDE", stride)
    wanted = parse(text)
    with open_store(survey) as store:
        listed = [row.seq for row in store.calls("survey", filter=wanted)]
        number = store.capture("survey").id
    for seq in (0, 1, 10, 57, 113, 114, 115):
        after = next((each for each in listed if each > seq), None)
        before = next((each for each in reversed(listed) if each < seq), None)
        assert find_call(survey, number, wanted, seq) == after
        assert find_call(survey, number, wanted, seq, forward=False) == before


def test_a_search_ends_when_it_is_not_wanted_any_more(survey: Path) -> None:
    assert find_call(survey, 1, parse("guest002"), 0, go_on=lambda: False) is None


def test_a_capture_tells_its_methods_classes_and_errors(survey: Path) -> None:
    found = seen(survey, 1)
    assert "VM.get_all_records" in found.methods
    assert "VM_metrics" in found.classes
    assert "INTERNAL_ERROR" in found.errors
    assert list(found.methods) == sorted(set(found.methods))
