"""A replay's plan and its result on stdout: text, JSON Lines, JUnit XML."""

from __future__ import annotations

import os
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import click

from xraytap.protocol.jsonform import json_line
from xraytap.protocol.phrases import many
from xraytap.protocol.printable import printable
from xraytap.replay.plan import Role
from xraytap.replay.report import latencies, summary
from xraytap.replay.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.cli.junit import Suite
    from xraytap.protocol.jsonform import Json
    from xraytap.replay.engine import Options
    from xraytap.replay.plan import Plan, Step
    from xraytap.replay.report import Report
    from xraytap.replay.verdict import Result

_COLOURS = {Verdict.DIFFERENT: "red", Verdict.ERROR_CHANGED: "red", Verdict.NOT_SENT: "yellow"}
_SLOWEST = 30
_FOLDED = 5


def print_text(report: Report, repeat: int) -> None:
    """What differs, call by call; what the host lacks; the sums."""
    for line in _found(report):
        click.echo(line)
    if report.lacking:
        click.echo("the host lacks:")
    for lacking in report.lacking:
        blamed = (
            many(len(lacking.calls), "call") + " not sent: " + " ".join(f"#{seq}" for seq in lacking.calls)
        )
        click.echo(printable(f"  {lacking}, looked for {lacking.looked}; {blamed}"))
    for remark in report.remarks:
        click.echo(printable(remark))
    if report.volatile:
        click.echo("varies by itself; put it under volatile: in a golden's header, or say")
        click.echo("  " + " ".join(f"--ignore '{printable(name)}'" for name in report.volatile))
    if repeat > 1:
        _print_latencies(report)
    click.echo(printable(summary(report)))


def print_json(report: Report, _repeat: int) -> None:
    """An object per call, and one with the sums."""
    for each in report.results:
        click.echo(json_line(result_to_json(each)))
    lacking: list[Json] = [
        {
            "class": each.class_name, "ref": each.ref, "uuid": each.uuid, "name": each.name, "calls": [*each.calls]
        }
        for each in report.lacking
    ]  # fmt: skip
    counts = report.counts
    click.echo(
        json_line(
            {
                "summary": {
                    "source": report.plan.name,
                    "to": report.url,
                    "capture": report.capture,
                    **{verdict.name.lower(): counts[verdict] for verdict in Verdict},
                    "slower": len(report.slower),
                    "findings": len(report.findings),
                    "lacking": lacking,
                    "remarks": [*report.remarks],
                    "volatile": [*report.volatile],
                    "reached": report.reached,
                    "took_s": round(report.took_s, 3),
                }
            }
        )
    )


def result_to_json(result: Result) -> dict[str, Json]:
    """One call of a replay as docs/replay.md writes it."""
    reason = result.not_sent
    return {
        "seq": result.step.seq,
        "method": result.step.method,
        "effect": result.step.effect.value,
        "verdict": result.verdict.value,
        "changes": [*result.changes],
        "not_sent": None if reason is None else {"why": reason.why.value, "text": reason.text},
        "recorded_ms": None if result.old_us is None else result.old_us / 1000,
        "elapsed_ms": None if result.new_us is None else result.new_us / 1000,
        "slower": None if result.slower is None else round(result.slower, 2),
        "sent": result.sent,
        "finding": result.is_finding,
    }


def print_junit(report: Report, _repeat: int) -> None:
    """A case per call: what differs has failed, what was not sent by choice was skipped."""
    from xraytap.cli.junit import junit_xml

    click.echo(junit_xml([junit_suite(report)]), nl=False)


def junit_suite(report: Report) -> Suite:
    """The replay as a suite."""
    from xraytap.cli.junit import Case, Suite

    cases = []
    for each in report.results:
        words = [*each.changes, *_slower_words(each)] or ([each.not_sent.text] if each.not_sent else [])
        failed = f"{each.verdict.value}: {words[0] if words else ''}" if each.is_finding else None
        skipped = words[0] if each.verdict is Verdict.NOT_SENT and not each.is_finding and words else None
        cases.append(
            Case(
                name=f"{each.step.seq} {each.step.method}",
                classname=report.plan.name,
                time_s=(each.new_us or 0) / 1_000_000,
                failure=failed,
                details="\n".join(words) if each.is_finding else "",
                skipped=skipped,
            )
        )
    return Suite(name=f"{report.plan.name} onto {report.url}", cases=cases)


REPORTS = {"text": print_text, "json": print_json, "junit": print_junit}


def print_plan(plan: Plan, options: Options, url: str, *, as_json: bool) -> None:
    """What would be sent, and how what it needs would be found."""
    for step in plan.steps:
        if as_json:
            reason = step.not_sent
            click.echo(
                json_line(
                    {
                        "seq": step.seq,
                        "method": step.method,
                        "effect": step.effect.value,
                        "role": step.role.value,
                        "after": [*step.after],
                        "uses": [*step.uses],
                        "not_sent": None
                        if reason is None
                        else {"why": reason.why.value, "text": reason.text},
                    }
                )
            )
        else:
            click.echo(_plan_line(step))
    if as_json:
        return
    for user, empty in plan.users.items():
        known = (
            "a user that the recording does not show"
            if user is None
            else f"user {printable(user) or '(no name)'}"
        )
        click.echo(f"logs in: {known}{', without a password' if empty else ''}")
    for line in _mapping_lines(plan, options):
        click.echo(printable(line))
    sent = len(plan.to_send)
    unsent = Counter(each.not_sent.why.value for each in plan.steps if each.not_sent is not None)
    withheld = ", ".join(f"{count} {why}" for why, count in unsent.items())
    click.echo(
        f"{plan.name} onto {url}: {many(sent, 'call')} to send"
        + (f"; not sent: {withheld}" if withheld else "")
    )


def _plan_line(step: Step) -> str:
    if step.not_sent is not None:
        what = f"- not sent: {step.not_sent.text}"
    elif step.role is Role.FOLLOWED:
        what = ". followed: a later poll waits for the task's end"
    else:
        what = f"+ {step.effect.value}" + ("" if step.role is Role.CALL else f", {step.role.value}")
    return printable(f"{step.seq:6}  {step.method:36} {what}")


def _mapping_lines(plan: Plan, options: Options) -> Iterator[str]:
    used = dict.fromkeys(ref for step in plan.to_send for ref in step.uses)
    for ref in used:
        known = plan.objects.get(ref)
        issuer = plan.issued.get(ref)
        ways = []
        if ref in options.explicit:
            ways.append(f"--map to {options.explicit[ref]}")
        if known is not None and known.first_name:
            ways.append(f"by name {options.explicit.get(known.first_name, known.first_name)!r}")
        if known is not None and known.uuid:
            ways.append(f"by uuid {known.uuid}")
        if issuer is not None:
            ways.append(f"by its place in the answer to #{issuer}")
        label = f"{known.class_name} {known.first_name or ref}" if known is not None else ref
        yield f"maps: {label}: {', '.join(ways) or 'as it is; nothing in the recording tells what it is'}"


def _found(report: Report) -> Iterator[str]:
    """What is to be looked at, once however often it was found; many calls unsent for one reason as one line."""
    told = [each for each in report.results if each.is_finding or each.verdict is Verdict.NOT_SENT]
    times = Counter((each.step.seq, each.verdict, each.changes, each.not_sent) for each in told)
    once = {(each.step.seq, each.verdict, each.changes, each.not_sent): each for each in reversed(told)}
    found = sorted(once.values(), key=lambda each: each.step.seq)
    for reason, group in groupby(found, key=lambda each: each.not_sent):
        results = list(group)
        if reason is not None and len(results) > _FOLDED:
            first, last = results[0].step.seq, results[-1].step.seq
            yield printable(f"- #{first} to #{last}, {many(len(results), 'call')}: not sent: {reason.text}")
            continue
        for each in results:
            count = times[each.step.seq, each.verdict, each.changes, each.not_sent]
            head, *rest = _lines(each, report.plan)
            yield head + (f" ({count} times)" if count > 1 else "")
            yield from rest


def _lines(result: Result, plan: Plan) -> Iterator[str]:
    step = result.step
    words = [*result.changes, *_slower_words(result)]
    if result.not_sent is not None:
        words = [f"not sent: {result.not_sent.text}"]
    known = [plan.objects[ref] for ref in step.uses if ref in plan.objects]
    about = "".join(f" {each.name}" for each in known if each.name)
    head = printable(f"{result.verdict.sign} #{step.seq} {step.method}{about}")
    colour = _COLOURS.get(result.verdict)
    if colour is not None and not os.environ.get("NO_COLOR"):
        head = click.style(head, fg=colour)
    yield f"{head}: {printable(words[0])}" if words else head
    for each in words[1:]:
        yield f"    {printable(each)}"


def _slower_words(result: Result) -> list[str]:
    if result.slower is None:
        return []
    old, new = (result.old_us or 0) / 1000, (result.new_us or 0) / 1000
    return [f"{result.slower:.1f} times slower: {old:.1f} ms became {new:.1f} ms"]


def _print_latencies(report: Report) -> None:
    lines = latencies(report.results)
    click.echo(f"{'method':40} {'calls':>7} {'recorded p50':>13} {'p50':>8} {'p99':>8} {'max':>8}  ms")
    for each in lines[:_SLOWEST]:
        click.echo(
            f"{printable(each.method):40} {each.calls:7} {each.old_p50_ms:13.1f} {each.p50_ms:8.1f}"
            f" {each.p99_ms:8.1f} {each.max_ms:8.1f}"
        )
    if len(lines) > _SLOWEST:
        click.echo(f"and {many(len(lines) - _SLOWEST, 'method')} more")
