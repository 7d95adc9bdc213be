"""`xraytap golden --check`: the reading calls of a golden asked of a host again. A replay that is not kept."""

from __future__ import annotations

from xraytap.cli.replay import exit_code, gather_logins, run_replay
from xraytap.cli.replay_report import REPORTS
from xraytap.cli.replay_source import chosen, open_recording
from xraytap.errors import UsageError
from xraytap.replay.engine import Options
from xraytap.replay.planner import make_plan
from xraytap.replay.replay import Replay
from xraytap.replay.target import parse_target


def check_golden(
    source: str,
    url: str,
    *,
    store: str | None,
    filter_text: str | None,
    api: str,
    ignore: tuple[str, ...],
    cafile: str | None,
    insecure: bool,
    as_json: bool,
) -> int:
    """Print what changed; the exit code. PeerError if the host cannot be reached."""
    target = parse_target(url, cafile=cafile, insecure=insecure)
    with open_recording(source, store, api) as (recording, model):
        names = (*getattr(recording, "volatile", ()), *ignore)
        plan = make_plan(recording, model, selected=chosen(recording, filter_text, None, None))
        if not plan.to_send:
            raise UsageError(f"{source} has no reading calls to check.")
        replay = Replay(
            recording=recording,
            plan=plan,
            options=Options(names=names),
            target=target,
            logins=gather_logins(plan, target, ()),
            keep=False,
        )
        report = run_replay(replay, 1)
    REPORTS["json" if as_json else "text"](report, 1)
    return exit_code(report)
