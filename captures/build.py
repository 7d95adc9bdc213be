"""Writes the goldens that ship, each from where it comes: a recording under tests/wire, or a written scenario.

python captures/build.py          write them
python captures/build.py --check  exit with 1 if a file is not what would be written, or should not be there
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "captures"
sys.path.insert(0, str(ROOT))

from tests.cases.xapi import talk_of  # noqa: E402  the path must be set first
from tests.cases.xapi_scenarios import EVENT_STEPS, SESSION_STEPS, TASK_STEPS  # noqa: E402
from tests.recorded import exchanges  # noqa: E402
from xraytap.protocol.summary import decode_exchange, full_row  # noqa: E402
from xraytap.protocol.symbols import golden_of, unfit  # noqa: E402
from xraytap.store.golden import dump_golden  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import Exchange

XEND = {"from": "xend under Python 2.7", "at": "2026-11-24", "with": "xraytap 0.1.0"}
XAPI = {
    "from": "written after what is known of XAPI 26.17, not recorded",
    "at": "2026-11-24",
    "with": "xraytap 0.1.0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """One file. `calls` gives its exchanges; `timed` keeps how long each took."""

    name: str
    about: str
    api: str
    recorded: dict[str, str]
    calls: Callable[[], list[Exchange]]
    timed: bool = False

    def text(self) -> str:
        """The golden as text. ValueError if a call cannot stand in it: what ships is whole."""
        calls = [
            (full_row(exchange, capture=self.name, seq=seq), decode_exchange(exchange))
            for seq, exchange in enumerate(self.calls(), 1)
        ]
        for row, call in calls:
            reason = unfit(row, call)
            if reason is not None:
                raise ValueError(f"{self.name}, call {row.seq}: {reason}")
        golden = golden_of(calls, api=self.api, about=self.about, recorded=self.recorded, timed=self.timed)
        return dump_golden(golden)


ALL = (
    Shipped(
        name="example-session",
        about="The documented example session: log in, look at a guest, pause it, start what runs already, log out",
        api="xend 1.0",
        recorded=XEND,
        calls=lambda: exchanges("py27-example-session"),
    ),
    Shipped(
        name="xend-survey",
        about="Most classes of xend, refusals of every kind, a client that waits for events until the host goes away",
        api="xend 1.0",
        recorded=XEND,
        calls=lambda: exchanges("py27-survey"),
    ),
    Shipped(
        name="xapi-session",
        about="XAPI over XML-RPC: log in, look around, start a guest, be refused in the usual ways, log out",
        api="XAPI 2.21",
        recorded=XAPI,
        calls=lambda: talk_of(SESSION_STEPS, "xmlrpc").exchanges,
    ),
    Shipped(
        name="xapi-session-json",
        about="The session of xapi-session over JSON-RPC 2.0",
        api="XAPI 2.21",
        recorded=XAPI,
        calls=lambda: talk_of(SESSION_STEPS, "jsonrpc 2.0").exchanges,
    ),
    Shipped(
        name="xapi-tasks",
        about="Async calls and their tasks: one that succeeds, one with a result, one that fails, one refused at once",
        api="XAPI 2.21",
        recorded=XAPI,
        calls=lambda: talk_of(TASK_STEPS, "xmlrpc").exchanges,
        timed=True,
    ),
    Shipped(
        name="xapi-events",
        about="A start followed by event.from, a batch that stays empty for 30 seconds, and the older event.next",
        api="XAPI 2.21",
        recorded=XAPI,
        calls=lambda: talk_of(EVENT_STEPS, "xmlrpc").exchanges,
        timed=True,
    ),
)


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    texts = {f"{each.name}.yaml": each.text() for each in ALL}
    if arguments == ["--check"]:
        there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
        odd = sorted(name for name in texts.keys() | there.keys() if texts.get(name) != there.get(name))
        if odd:
            print(
                f"captures/ is out of step with its sources: {', '.join(odd)}; run: python captures/build.py"
            )
        return 1 if odd else 0
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"wrote {FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
