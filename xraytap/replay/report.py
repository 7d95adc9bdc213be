"""What a replay found, as a value: one result per call of the plan, and the sums."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xraytap.protocol.correlate.stats import percentile
from xraytap.protocol.messages import strip_async
from xraytap.replay.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xraytap.replay.plan import Plan
    from xraytap.replay.verdict import Lacking, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`lacking`: objects that the host does not have. `volatile`: rules for what varied by itself. `took_s`:
    the whole time. `reached`: whether the host was there to the end. `capture`: where the replay is kept, without
    the `lost` calls that could not be written; `kept` tells the new number of a recorded call there."""

    plan: Plan
    url: str
    results: tuple[Result, ...]
    lacking: tuple[Lacking, ...] = ()
    remarks: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    took_s: float = 0.0
    reached: bool = True
    capture: str | None = None
    lost: int = 0
    kept: Mapping[int, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many calls of each verdict."""
        return Counter(each.verdict for each in self.results)

    @property
    def slower(self) -> list[Result]:
        """The calls that were slower by more than the factor asked for."""
        return [each for each in self.results if each.slower is not None]

    @property
    def findings(self) -> list[Result]:
        """The calls that somebody must look at."""
        return [each for each in self.results if each.is_finding]

    @property
    def sent(self) -> int:
        """How many calls went out, repeated polls included."""
        return sum(each.sent for each in self.results)


def summary(report: Report) -> str:
    """What was replayed where, and what came of it, on one line. Not made safe to print."""
    return f"{report.plan.name} onto {report.url}: {counted(report)}"


def counted(report: Report) -> str:
    """How many of what."""
    counts = report.counts
    parts = [f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]]
    unsent = Counter(each.not_sent.why.value for each in report.results if each.not_sent is not None)
    if unsent:
        parts[-1] += " (" + ", ".join(f"{count} {why}" for why, count in unsent.items()) + ")"
    if report.slower:
        parts.append(f"{len(report.slower)} slower")
    rate = f", {report.sent / report.took_s:.0f} calls/s" if report.sent > 100 and report.took_s > 0 else ""
    kept = f"; kept as capture {report.capture}" if report.capture else ""
    what = ", ".join(parts) or "no calls"
    return f"{what}; {report.took_s:.1f} s{rate}{kept}"


def joined(reports: Sequence[Report]) -> Report:
    """One report of several replays of one plan: the results one after the other, what was found once."""
    first = reports[0]
    if len(reports) == 1:
        return first
    lacking = {each.ref: each for report in reports for each in report.lacking}
    return replace(
        first,
        results=tuple(each for report in reports for each in report.results),
        lacking=tuple(lacking.values()),
        remarks=tuple(dict.fromkeys(text for report in reports for text in report.remarks)),
        volatile=tuple(dict.fromkeys(name for report in reports for name in report.volatile)),
        took_s=sum(report.took_s for report in reports),
        reached=all(report.reached for report in reports),
        lost=sum(report.lost for report in reports),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The times of one method, in milliseconds, recorded and replayed."""

    method: str
    calls: int
    old_p50_ms: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def latencies(results: Iterable[Result]) -> list[Latency]:
    """A line per method, the slowest in sum first."""
    times: dict[str, tuple[list[int], list[int]]] = {}
    for each in results:
        if each.new_us is not None and each.sent:
            old, new = times.setdefault(strip_async(each.step.method)[0], ([], []))
            new.append(each.new_us)
            if each.old_us is not None:
                old.append(each.old_us)
    lines = sorted(times.items(), key=lambda each: -sum(each[1][1]))
    return [
        Latency(
            method=method,
            calls=len(new),
            old_p50_ms=percentile(sorted(old), 50) / 1000 if old else 0.0,
            p50_ms=percentile(sorted(new), 50) / 1000,
            p99_ms=percentile(sorted(new), 99) / 1000,
            max_ms=max(new) / 1000,
        )
        for method, (old, new) in lines
    ]
