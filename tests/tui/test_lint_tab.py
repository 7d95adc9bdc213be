"""The tab that tells what lint says of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.talk import Talk
from tests.tui.conftest import record
from xraytap.protocol.about import About
from xraytap.protocol.datamodel import load as load_model
from xraytap.store import open_store
from xraytap.tui.detail.lint import lint
from xraytap.tui.detail.loaded import load

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall

VM = "00000001-216f-fa85-9cae-615e954dbbe7"


class Nothing:
    """Knows the data model and no names."""

    version = 0

    def about(self, _session: str | None) -> About:
        return About(model=load_model("xend"))

    def see(self, _row: CallRow, _call: DecodedCall) -> None:
        return


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    made = Talk()
    made.call("VM.get_all", "from-before", value=[VM])
    made.login("A")
    made.call("VM.start", "A", VM, "yes")
    made.call("session.logout", "A")
    made.refused("VM.get_all", "A", error=["SESSION_INVALID", "A"])
    made.login("B")
    return record(tmp_path / "captures.db", "talk", made.exchanges)


def shown(path: Path, seq: int) -> list[str]:
    with open_store(path) as store:
        content = lint(load(store, "talk", seq, Nothing()))
        return [content.plain(index).rstrip() for index in range(content.count())]


@pytest.mark.parametrize(
    ("seq", "rule", "message"),
    [
        (2, "note     secret-in-clear  request", "pwd in clear to http://xenhost:9363"),
        (3, "warning  param-type  parameter start_paused", "text where bool is due: yes"),
        (5, "error    use-after-logout  parameter 1", "the session was logged out at #4"),
        (
            6,
            "warning  session-leak  answer",
            "the session B of root was never used and never logged out",
        ),
    ],
)
def test_a_finding_says_what_and_where(talk: Path, seq: int, rule: str, message: str) -> None:
    lines = shown(talk, seq)
    assert lines[0] == rule
    assert lines[1].strip().startswith(message)


@pytest.mark.parametrize("seq", [1, 4])
def test_a_call_without_findings_says_so(talk: Path, seq: int) -> None:
    assert shown(talk, seq)[0] == "nothing is wrong with this call"


def test_it_says_what_it_looked_at(talk: Path) -> None:
    assert (
        shown(talk, 5)[-1]
        == "looked at with 3 calls of its session before it; xraytap lint talk looks at all"
    )
