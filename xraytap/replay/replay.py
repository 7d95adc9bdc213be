"""A whole replay as the command line and the TUI start it: engine, runner and the capture that is kept."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xraytap.replay.engine import Engine
from xraytap.replay.keep import Keeper
from xraytap.replay.runner import Pace, Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xraytap.replay.engine import Options
    from xraytap.replay.logins import Logins
    from xraytap.replay.plan import Plan, Recording
    from xraytap.replay.report import Report
    from xraytap.replay.target import Target
    from xraytap.replay.verdict import Result

_TURN_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is replayed, where and how. With `keep` it is recorded in `store` as `capture`, by default the
    recording's name with `-replay`."""

    recording: Recording
    plan: Plan
    options: Options
    target: Target
    logins: Logins
    pace: Pace = field(default_factory=Pace)
    keep: bool = True
    store: str | Path | None = None
    capture: str | None = None

    def run(
        self,
        *,
        on_result: Callable[[Result], object] = lambda _result: None,
        wished: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Run it, from a thread without an event loop. `on_result` is told each result as it comes, `wished`
        whether the user wants it to end. PeerError if the host cannot be reached, SourceError if the replay
        cannot be kept."""
        keeping = (
            Keeper(self.store, self.plan, self.target.url, name=self.capture) if self.keep else nullcontext()
        )
        with keeping as keeper:

            def take(result: Result) -> None:
                if keeper is not None:
                    keeper.add(result)
                on_result(result)

            engine = Engine(self.plan, self.recording, self.logins, self.options)
            with _quick_turns():
                report = Runner(engine, self.target, self.pace, on_result=take, wished=wished).run()
        if keeper is None:
            return report
        return replace(report, capture=keeper.capture, lost=keeper.lost, kept=keeper.kept)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """While the writer's thread packs what is kept, an answer that has come must not wait its whole turn out:
    with Python's 5 ms that was a third of a replay's time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
