"""Two calls side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.talk import Talk
from tests.tui.conftest import record
from tests.tui.driving import driven, driving
from xraytap.protocol.datamodel import load
from xraytap.protocol.diff import Rules
from xraytap.tui.work.compare import CompareScreen
from xraytap.tui.work.pairs import Side, side_by_side

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.values import Value

REF = "b28e4ee3-216f-fa85-9cae-615e954dbbe7"
OTHER = "0c6a5e4c-0000-0000-0000-615e954dbbe7"
RULES = Rules(model=load("xend"))


def sides(method: str, left: Value, right: Value, *, refs: tuple[str, str] = (REF, REF)) -> tuple[Side, Side]:
    """Two answers to a call."""
    talk = Talk()
    made = []
    for value, ref, token in ((left, refs[0], "T1"), (right, refs[1], "T2")):
        seq = talk.call(method, token, ref, value=value)
        made.append(Side(title=f"#{seq}", row=talk.row(seq), call=talk.decode(seq)))
    return made[0], made[1]


def different(left: Side, right: Side, *, other_host: bool = False) -> list[tuple[str, str, str, str]]:
    lines = side_by_side(left, right, RULES, other_host=other_host)
    return [
        (each.sign, each.where, each.left, each.right)
        for each in lines
        if not each.same and each.where != "bytes"
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, []),
        ({"a": "1"}, {"a": "2"}, [("≠", "answer.a", "'1'", "'2'")]),
        ({"a": "1"}, {"a": 1}, [("≠", "answer.a", "'1'", "1")]),
        ({"a": "1"}, {"b": "1"}, [("<", "answer.a", "'1'", ""), (">", "answer.b", "", "'1'")]),
        (["x"], {"a": "x"}, [("≠", "answer", "[x]", "{a: x}")]),
        ({"a": {}}, {"a": {"b": "c"}}, [(">", "answer.a.b", "", "c")]),
        (["x"], ["y"], [("≠", "answer[0]", "x", "y")]),
    ],
)
def test_the_parts_of_an_answer_that_differ_have_a_sign(
    left: Value, right: Value, expected: list[tuple[str, str, str, str]]
) -> None:
    one, two = sides("VM.get_other_config", left, right)
    found = [each for each in different(one, two) if each[1].startswith("answer")]
    assert [each[:2] for each in found] == [each[:2] for each in expected]


def test_a_set_with_another_element_has_one_gone_and_one_new_at_the_same_place() -> None:
    left, right = sides("VM.get_VBDs", [REF], [OTHER])
    found = [(sign, where, bool(one), bool(two)) for sign, where, one, two in different(left, right)]
    assert [each for each in found if each[1].startswith("answer")] == [
        ("<", "answer[0]", True, False),
        (">", "answer[0]", False, True),
    ]


def test_what_is_measured_differs_without_saying_anything() -> None:
    left, right = sides(
        "VM_metrics.get_record", {"VCPUs_utilisation": {"0": 0.1}}, {"VCPUs_utilisation": {"0": 0.2}}
    )
    assert [each[:2] for each in different(left, right) if each[1].startswith("answer")] == [
        ("~", "answer.VCPUs_utilisation['0']")
    ] or [each[0] for each in different(left, right) if each[1].startswith("answer")] == ["~"]


def test_on_another_host_references_and_session_say_nothing() -> None:
    left, right = sides("VM.get_metrics", REF, OTHER, refs=(REF, OTHER))
    assert {each[0] for each in different(left, right)} == {"≠"}
    assert {each[0] for each in different(left, right, other_host=True)} == {"~"}


def test_a_failure_and_a_value_are_one_line() -> None:
    talk = Talk()
    talk.call("VM.start", "T", REF, False, value="")
    talk.refused("VM.start", "T", REF, False, error=["VM_BAD_POWER_STATE", REF, "Halted", "Running"])
    left, right = (Side(title=f"#{seq}", row=talk.row(seq), call=talk.decode(seq)) for seq in (1, 2))
    assert [each[:2] for each in different(left, right)] == [
        ("≠", "outcome"),
        ("≠", "error"),
        ("≠", "answer"),
    ]


@pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80x24", "120x30"])
@driven
async def test_two_marked_calls_stand_side_by_side(tmp_path: Path, size: tuple[int, int]) -> None:
    talk = Talk()
    token = talk.login()
    talk.call("VM.get_record", token, REF, value={"name_label": "web[red]", "VCPUs_max": "2", "uuid": REF})
    talk.call(
        "VM.get_record", token, REF, value={"name_label": "web[red]", "VCPUs_max": "4\u202e", "uuid": REF}
    )
    path = record(tmp_path / "captures.db", "two", talk.exchanges)
    async with driving(path, "two", size=size) as driver:
        await driver.press("d")
        assert "two calls are compared" in " ".join(each.message for each in driver.app._notifications)
        await driver.press("j", "m", "j", "d")
        assert isinstance(driver.app.screen, CompareScreen)
        line = driver.line_with("answer.VCPUs_max")
        assert "'2'" in line
        assert "<U+202E>" in line
        assert not any("name_label" in each for each in driver.screen())
        await driver.press("a")
        driver.line_with("web[red]")
        await driver.press("n")
        assert driver.app.screen.grid.chosen.of.where == "answer.VCPUs_max"
        await driver.press("escape")
        assert driver.app.screen is driver.browse


@pytest.mark.parametrize("size", [(80, 24), (120, 30)], ids=["80x24", "120x30"])
@driven
async def test_two_captures_stand_side_by_side_call_by_call(tmp_path: Path, size: tuple[int, int]) -> None:
    def session(token: str, ref: str, name: str, *, more: bool) -> Talk:
        talk = Talk()
        talk.login(token)
        talk.call("VM.get_all", token, value=[ref])
        talk.call("VM.get_name_label", token, ref, value=name)
        if more:
            talk.call("VM.get_power_state", token, ref, value="Running")
        talk.call("session.logout", token)
        return talk

    path = record(tmp_path / "captures.db", "before", session(OTHER, REF, "web", more=False).exchanges)
    record(path, "after", session(REF, OTHER, "w\u202eb[red]", more=True).exchanges)
    async with driving(path, "before", size=size) as driver:
        await driver.press("D", "1")
        await driver.until(lambda: getattr(driver.app.screen, "settled", False))
        shown = driver.screen()
        assert "2 differences, 3 calls the same" in shown[0]
        assert "'web' became 'w<U+202" in driver.line_with("≠")
        assert any(line.startswith(">") and "only in after" in line for line in shown)
        await driver.press("a")
        assert sum(line.startswith("=") for line in driver.screen()) == 3
        await driver.press("g", "n", "enter")
        assert isinstance(driver.app.screen, CompareScreen)
        driver.line_with("#3 of after")
        assert [each.of.where for each in driver.app.screen.grid.entries if each.of.sign == "≠"] == ["answer"]


@driven
async def test_what_cannot_be_compared_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xraytap.tui.work import two_captures

    talk = Talk()
    talk.call("VM.get_all", talk.login(), value=[])
    path = record(tmp_path / "captures.db", "one", talk.exchanges)
    async with driving(path, "one") as driver:
        await driver.press("D")
        assert "is the only capture" in " ".join(each.message for each in driver.app._notifications)
        record(path, "two", talk.exchanges)
        monkeypatch.setattr(two_captures, "MOST", 1)
        await driver.press("D", "1")
        await driver.until(lambda: getattr(driver.app.screen, "settled", False))
        driver.line_with("up to 1 are compared on a screen")
