"""`xraytap stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xraytap.cli.about import about_source
from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.source import open_source
from xraytap.cli.table import print_table
from xraytap.protocol.correlate import feed
from xraytap.protocol.correlate.chatter import Advice, Chatter
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.correlate.stats import KEYS, Group, Stats, method_of
from xraytap.protocol.datamodel import load
from xraytap.protocol.jsonform import Json, call_to_json, json_line
from xraytap.protocol.phrases import clock, size, span
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xraytap.protocol.call import CallRow

_SORTS: dict[str, Callable[[Group], Any]] = {
    "calls": lambda group: -group.calls,
    "time": lambda group: -group.total_ms,
    "errors": lambda group: -group.errors,
    "p99": lambda group: -(group.percentiles_ms() or (0, 0, 0))[2],
    "bytes": lambda group: -(group.request_bytes + group.response_bytes),
    "name": lambda group: group.name,
}


@click.command("stats", epilog="Example: xraytap stats example --sort time --top 10")
@click.argument("source")
@click.option(
    "--by",
    type=click.Choice(list(KEYS)),
    default="method",
    show_default=True,
    help="What the calls of the first table are grouped by.",
)
@click.option(
    "--sort",
    type=click.Choice(list(_SORTS)),
    default="calls",
    show_default=True,
    help="What the first table is sorted by.",
)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="Only the first N groups and the N slowest calls."
)
@filter_option
@api_option
@store_option
@json_option
def command(
    source: str,
    by: str,
    sort: str,
    top: int | None,
    filter_text: str | None,
    api: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Count the calls of SOURCE: times in milliseconds, errors and bytes per method and per originator, the
    slowest calls, and what the client could spare (getters in a row, the same question again, polling, short
    sessions). Waiting for events counts for the event calls alone."""
    with open_source(source, store) as opened:
        sessions = Sessions()
        stats = Stats(sessions, by)
        model = about_source(opened, api).model or load("xend")
        chatter = Chatter(sessions, model, opened.exchange)
        feed(opened.rows(filter_text), opened.decode, sessions, stats, chatter)
    groups = sorted(stats.groups.values(), key=lambda group: (_SORTS[sort](group), group.name))[:top]
    advice = chatter.advice()
    if as_json:
        click.echo(json_line(_to_json(stats, by, groups, advice, len(sessions), top)))
        return
    print_table(_heads(by), map(_row, [*groups, stats.total]), right=_NUMBERS, spare=_SPARE)
    if by == "method":
        click.echo("")
        originators = sorted(stats.originators.values(), key=lambda group: -group.calls)
        print_table(_heads("originator"), map(_row, originators[:top]), right=_NUMBERS, spare=_SPARE)
    if stats.slowest:
        click.echo("\nslowest calls")
        _print_slowest(stats.slowest[:top])
    if advice:
        click.echo("\nto spare")
        for each in advice:
            where = "" if each.first_seq is None else f"  (#{each.first_seq}-{each.last_seq})"
            click.echo(printable(f"  {each.kind}: {each.text}{where}"))


def _print_slowest(rows: Iterable[CallRow]) -> None:
    print_table(
        ["seq", "at", "method", "outcome", "ms", "bytes"],
        [
            (
                row.seq,
                clock(row.started_at_us),
                method_of(row) if row.method else row.path,
                f"{row.outcome.sign} {row.error_code or row.outcome.value}",
                f"{row.elapsed_ms:.1f}",
                size(row.response_bytes),
            )
            for row in rows
        ],
        right="seq ms bytes",
        spare="at",
    )


_NUMBERS = "calls errors p50 p90 p99 max total out back"


_SPARE = "total back out p90"


def _heads(what: str) -> list[str]:
    return [what, "calls", "errors", "p50", "p90", "p99", "max", "total", "out", "back"]


def _row(group: Group) -> tuple[object, ...]:
    times = group.percentiles_ms()
    cells = [f"{each:.1f}" for each in times] if times else ["", "", "", ""]
    return (
        group.name,
        group.calls,
        group.errors or "",
        *cells,
        span(int(group.total_ms * 1000)),
        size(group.request_bytes),
        size(group.response_bytes),
    )


def _to_json(
    stats: Stats, by: str, groups: Iterable[Group], advice: Iterable[Advice], sessions: int, top: int | None
) -> dict[str, Json]:
    return {
        "calls": stats.total.calls,
        "sessions": sessions,
        "duration_ms": (stats.last_at_us - stats.first_at_us) / 1000,
        "total": _group(stats.total),
        "by": by,
        "groups": [_group(each) for each in groups],
        "originators": [_group(each) for each in stats.originators.values()],
        "slowest": [call_to_json(row) for row in stats.slowest[:top]],
        "advice": [
            {
                "kind": each.kind,
                "text": each.text,
                "calls": each.calls,
                "ms": each.ms,
                "first_seq": each.first_seq,
                "last_seq": each.last_seq,
            }
            for each in advice
        ],
    }


def _group(group: Group) -> dict[str, Json]:
    times = group.percentiles_ms() or (None,) * 4
    return {
        "name": group.name,
        "calls": group.calls,
        "errors": group.errors,
        "outcomes": {outcome.value: count for outcome, count in group.outcomes.items()},
        "codes": dict(group.codes.most_common()),
        **dict(zip(("p50_ms", "p90_ms", "p99_ms", "max_ms"), times, strict=True)),
        "total_ms": group.total_ms,
        "request_bytes": group.request_bytes,
        "response_bytes": group.response_bytes,
    }
