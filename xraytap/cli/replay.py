"""`xraytap replay`: send a recorded session to a host, and tell what it answers differently."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xraytap.cli.interrupt import ending_wished
from xraytap.cli.options import api_option, filter_option, store_option
from xraytap.cli.out import EXIT_DONE, EXIT_FINDINGS, EXIT_PEER, say
from xraytap.errors import UsageError
from xraytap.protocol.phrases import many

if TYPE_CHECKING:
    from xraytap.replay.logins import Logins
    from xraytap.replay.plan import Plan
    from xraytap.replay.replay import Replay
    from xraytap.replay.report import Report
    from xraytap.replay.target import Target


@click.command(
    "replay",
    epilog="Example: XRAYTAP_USER=root xraytap replay example --to https://newhost --cafile pool.pem",
)
@click.argument("source")
@click.option("--to", required=True, metavar="URL", help="The host: http://, https:// or unix:///path.")
@filter_option
@click.option("--from", "first", type=click.IntRange(min=1), metavar="SEQ", help="The first call to replay.")
@click.option("--to-seq", "last", type=click.IntRange(min=1), metavar="SEQ", help="The last call to replay.")
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(["change", "destroy"]),
    help="Send calls that change the host, or that destroy something too; without it reading calls alone.",
)
@click.option(
    "--dry-run", is_flag=True, help="Print the plan, the mapping and what is withheld; send nothing."
)
@click.option("--yes", is_flag=True, help="Do not ask for the host's name before changing it.")
@click.option(
    "--map", "maps", multiple=True, metavar="OLD=NEW", help="VM:guest002=guest007, or REF=REF; repeatable."
)
@click.option(
    "--map-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with such pairs, one per line.",
)
@click.option(
    "--login", multiple=True, metavar="OLD=NEW", help="Log in as NEW where the recorded user is OLD."
)
@click.option(
    "--pace", default="max", show_default=True, metavar="PACE", help="max, recorded, or a speed such as 2x."
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Calls under way at once; the order within a session and on an object is kept.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86400),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for each answer.",
)
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 86400),
    default=300.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for a task's end, or a recorded event.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 1_000_000),
    default=1,
    metavar="N",
    help="Replay N times; print latencies.",
)
@click.option(
    "--noise",
    type=click.IntRange(1, 100),
    default=1,
    metavar="N",
    help="Send reading calls N times, to learn what varies by itself, and propose rules.",
)
@click.option("--ignore", multiple=True, metavar="NAME", help="Class.field or Class.message that may differ.")
@click.option(
    "--slower", type=click.FloatRange(min=1), metavar="FACTOR", help="Report calls slower than that."
)
@click.option(
    "--over", type=click.Choice(["xmlrpc", "jsonrpc"]), help="Speak this instead of what was recorded."
)
@click.option("--follow-master", is_flag=True, help="Go on with the coordinator that HOST_IS_SLAVE names.")
@click.option(
    "--cafile", type=click.Path(exists=True, dir_okay=False), help="Trust the authorities in this PEM file."
)
@click.option("--insecure", is_flag=True, help="Accept any certificate.")
@click.option("--capture", metavar="NAME", help="The replay's own capture; by default SOURCE-replay.")
@click.option("--no-capture", is_flag=True, help="Do not keep the replay.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="How the result is printed.",
)
@click.option("--json", "as_json", is_flag=True, help="As --format json.")
@api_option
@store_option
def command(
    source: str,
    to: str,
    filter_text: str | None,
    first: int | None,
    last: int | None,
    allow: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    maps: tuple[str, ...],
    map_file: Path | None,
    login: tuple[str, ...],
    pace: str,
    concurrency: int,
    timeout: float,
    wait_s: float,
    repeat: int,
    noise: int,
    ignore: tuple[str, ...],
    slower: float | None,
    over: str | None,
    follow_master: bool,
    cafile: str | None,
    insecure: bool,
    capture: str | None,
    no_capture: bool,
    form: str,
    as_json: bool,
    api: str,
    store: str | None,
) -> None:
    """Send the calls of SOURCE to another host, logged in anew, with its references in place of the recorded
    ones, and compare its answers with the recorded ones. Reading calls are sent; calls that change or destroy
    something only with --allow. Exit code 1 if anything differs, 3 if the host could not be reached."""
    from xraytap.cli.replay_progress import Progress
    from xraytap.cli.replay_report import REPORTS, print_plan
    from xraytap.cli.replay_source import chosen, open_recording
    from xraytap.replay.effects import allowed
    from xraytap.replay.engine import Options
    from xraytap.replay.maps import parse_maps, read_maps
    from xraytap.replay.planner import make_plan
    from xraytap.replay.replay import Replay
    from xraytap.replay.runner import Pace
    from xraytap.replay.target import parse_target

    form = "json" if as_json else form
    target = parse_target(to, cafile=cafile, insecure=insecure)
    going = Pace(speed=parse_pace(pace), concurrency=concurrency, timeout_s=timeout)
    with open_recording(source, store, api) as (recording, model):
        pairs = [*(read_maps(map_file.read_text("utf-8", "replace")) if map_file is not None else ()), *maps]
        options = Options(
            explicit=parse_maps(pairs, model),
            names=(*getattr(recording, "volatile", ()), *ignore),
            protocol=over,
            follow_master=follow_master,
            wait_s=wait_s,
            noise=noise,
            slower=slower,
        )
        with Progress(None, "reading the calls") as progress:
            plan = make_plan(
                recording,
                model,
                allow=allowed(allow),
                selected=chosen(recording, filter_text, first, last),
                on_progress=lambda _seq: progress.advance(),
            )
        if dry_run:
            print_plan(plan, options, target.url, as_json=form == "json")
            return
        if insecure:
            say("--insecure: the host's certificate is not checked; anybody may be at the other end")
        confirm(plan, target, yes=yes)
        replay = Replay(
            recording=recording,
            plan=plan,
            options=options,
            target=target,
            pace=going,
            logins=gather_logins(plan, target, login),
            keep=not no_capture,
            store=store,
            capture=capture,
        )
        report = run_replay(replay, repeat)
    REPORTS[form](report, repeat)
    sys.exit(exit_code(report))


def exit_code(report: Report) -> int:
    """0 where every answer was the recorded one, 1 where not, 3 where the host went away."""
    if not report.reached:
        return EXIT_PEER
    return EXIT_FINDINGS if report.findings or report.lacking else EXIT_DONE


def parse_pace(text: str) -> float | None:
    """The speed: 1 for `recorded`, None for `max`. UsageError for what is neither these nor like `2x`."""
    if text in ("max", "recorded"):
        return None if text == "max" else 1.0
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1_000_000:
        raise UsageError(f"--pace {text}: expected max, recorded, or a speed such as 2x or 0.5x.")
    return speed


def confirm(plan: Plan, target: Target, *, yes: bool) -> None:
    """Before another machine is changed, its name is asked for. UsageError if it is not given."""
    from xraytap.replay.effects import Effect

    worst = plan.highest
    if worst is Effect.READ or target.is_loopback or yes:
        return
    count = sum(each.effect is not Effect.READ for each in plan.to_send)
    what = f"{many(count, 'call')} of this replay {'destroy' if worst is Effect.DESTROY else 'change'} something on"
    if not sys.stdin.isatty():
        raise UsageError(
            f"{what} {target.host}, and there is no terminal to ask on; say --yes if that is meant."
        )
    say(f"{what} {target.host}")
    if click.prompt(
        f"Type the host's name to go on ({target.host})", err=True, default="", show_default=False
    ) != (target.host):
        raise UsageError("that is not the host's name; nothing was sent.")


def gather_logins(plan: Plan, target: Target, login: tuple[str, ...]) -> Logins:
    """The credentials for the plan's users; asked for where there is a terminal."""
    from xraytap.replay.logins import gather, parse_logins

    host = target.host or "localhost"

    def ask(user: str) -> str:
        prompt = f"password of {user or 'the user without a name'} on {host}"
        return str(click.prompt(prompt, hide_input=True, err=True, default="", show_default=False))

    return gather(plan.users, host, named=parse_logins(login), ask=ask if sys.stdin.isatty() else None)


def run_replay(replay: Replay, repeat: int) -> Report:
    """All rounds, with a bar on a terminal; what is known so far if the user ends it."""
    from xraytap.cli.replay_progress import Progress
    from xraytap.replay.report import joined

    reports: list[Report] = []
    with ending_wished() as wish, Progress(len(replay.plan.steps) * repeat) as progress:
        while len(reports) < repeat and not wish.asked and all(each.reached for each in reports):
            reports.append(replay.run(on_result=lambda _: progress.advance(), wished=lambda: wish.asked))
            replay = replace(replay, keep=False)  # a soak of a thousand rounds is no thousand captures
    whole = joined(reports)
    if wish.asked:
        say(f"interrupted after {many(whole.sent, 'call')}; what is known so far:")
    if whole.lost:
        say(f"{many(whole.lost, 'call')} of the replay could not be kept in the store")
    return whole
