"""Recordings in memory, playback hosts made of them, and replays of the one onto the other."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from xraytap.playback.server import PlaybackServer
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.symbols import golden_of
from xraytap.replay.client import without_secrets
from xraytap.replay.effects import Effect
from xraytap.replay.engine import Engine, Options
from xraytap.replay.logins import Logins
from xraytap.replay.planner import make_plan
from xraytap.replay.runner import Pace, Runner
from xraytap.replay.target import parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.protocol.golden import Golden
    from xraytap.protocol.summary import DecodedCall
    from xraytap.replay.plan import Plan
    from xraytap.replay.report import Report

EVERYTHING = frozenset(Effect)
APIS = {"xend": "xend", "xapi": "XAPI"}


class Tape:
    """Exchanges as a recording."""

    def __init__(self, exchanges: Sequence[Exchange], name: str = "tape") -> None:
        self.name = name
        exchanges = [without_secrets(each) for each in exchanges]
        self._exchanges = exchanges
        self._rows = [full_row(each, capture=name, seq=seq) for seq, each in enumerate(exchanges, 1)]
        self.api = guess_api(map(decode_exchange, exchanges))

    def rows(self, filter_text: str | None = None) -> Iterable[CallRow]:
        assert filter_text is None
        return self._rows

    def row(self, seq: int) -> CallRow:
        return self._rows[seq - 1]

    def exchange(self, seq: int) -> Exchange:
        return self._exchanges[seq - 1]

    def decode(self, seq: int) -> DecodedCall:
        return decode_exchange(self._exchanges[seq - 1])

    def plan(self, allow: Iterable[Effect] = EVERYTHING, **more: Any) -> Plan:
        return make_plan(self, load(self.api), allow=frozenset(allow), **more)

    def golden(self) -> Golden:
        return golden_of([(row, self.decode(row.seq)) for row in self._rows], api=APIS[self.api])


def logins(plan: Plan) -> Logins:
    """The recorded users as themselves, with a password."""
    return Logins(known={user: ("root" if user is None else user, "secret") for user in plan.users})


def engine(tape: Tape, plan: Plan | None = None, **options: Any) -> Engine:
    plan = tape.plan() if plan is None else plan
    return Engine(plan, tape, logins(plan), Options(**options))


def replay(
    tape: Tape, url: str, *, plan: Plan | None = None, pace: Pace | None = None, **options: Any
) -> Report:
    """Replay `tape` onto the host at `url`."""
    options.setdefault("wait_s", 5.0)
    made = engine(tape, plan, **options)
    return Runner(made, parse_target(url), pace or Pace(timeout_s=5.0)).run()


def playback(golden: Golden, **more: Any) -> PlaybackServer:
    return PlaybackServer(golden, **more)


def minting(start: int, prefix: str = "") -> Callable[[str], str]:
    """Texts for symbols that are the same in every run and nobody else's."""
    count = start

    def mint(kind: str) -> str:
        nonlocal count
        count += 1
        return ("" if kind == "uuid" else prefix) + str(uuid.UUID(int=count))

    return mint


def told(report: Report) -> list[str]:
    """What a report found, a line per finding."""
    lines = [
        f"#{each.step.seq} {each.step.method} {each.verdict}: "
        + "; ".join(each.changes or ((each.not_sent.text,) if each.not_sent else ()))
        for each in report.findings
    ]
    return lines + [f"lacking {each}: {each.calls}" for each in report.lacking]
