"""Statistics of a capture: times, errors and bytes by what a person asks for, the slowest calls, what to spare."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.widget import Widget

from xraytap.protocol.correlate.chatter import Advice, Chatter
from xraytap.protocol.correlate.sessions import Sessions
from xraytap.protocol.correlate.stats import Group, Stats, method_of
from xraytap.protocol.datamodel import load
from xraytap.protocol.phrases import clock, size, span
from xraytap.tui.keys import bindings
from xraytap.tui.styles import part_style
from xraytap.tui.views.base import ListScreen, quoted
from xraytap.tui.views.grid import Cell, Column, Entry
from xraytap.tui.views.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import BindingType

    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.store import Store
    from xraytap.tui.views.reading import Trackers

PAGES = ("methods", "originators", "slowest calls", "to spare")
_MANY_SESSIONS = 200


def trackers(about: About, store: Store, capture: str) -> Trackers:
    """What the screen reads. `store` is the reading thread's."""
    sessions = Sessions()
    chatter = Chatter(sessions, about.model or load("xend"), lambda seq: store.exchange(capture, seq))
    return {"sessions": sessions, "stats": Stats(sessions), "chatter": chatter, "rate": Rate()}


class RatePlot(Widget):
    """Calls over time as a small curve, failures under it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rate--calls", "rate--failures"}

    def __init__(self) -> None:
        super().__init__(id="rate")
        self._calls: list[int] = []
        self._failures: list[int] = []
        self._words = ""

    def show(self, rate: Rate) -> None:
        """Draw other numbers."""
        width = max(10, self.size.width - 2)
        self._calls, self._failures = rate.columns(width)
        self._words = rate.words()
        self.refresh()

    def render(self) -> Text:
        """Three lines: words, calls, failures."""
        calls = part_style(self, "rate--calls")
        failures = part_style(self, "rate--failures")
        return Text.assemble(
            f" {self._words}\n ",
            (curve(self._calls), calls),
            "\n ",
            (curve(self._failures), failures),
            end="",
        )


_HEIGHTS = " ▁▂▃▄▅▆▇█"


def curve(numbers: list[int]) -> str:
    """Numbers as columns of eight heights; what is not nothing shows."""
    most = max(numbers, default=0)
    return "".join(_HEIGHTS[-(-each * 8 // most)] if most else " " for each in numbers)


class StatsScreen(ListScreen):
    """Four pages of one list; `Tab` turns them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("statistics")]
    NAME = "statistics"
    EMPTY = "no calls"
    _TIMES: ClassVar[tuple[Column, ...]] = (
        Column(title="calls", right=True),
        Column(title="", least=4, leaves=5, plot=True),
        Column(title="errors", right=True),
        Column(title="p50", right=True),
        Column(title="p90", right=True, leaves=4),
        Column(title="p99", right=True),
        Column(title="max", right=True, leaves=3),
        Column(title="total", right=True, leaves=2),
        Column(title="out", right=True, leaves=7),
        Column(title="back", right=True, leaves=6),
    )
    _PAGES: ClassVar[dict[str, tuple[Column, ...]]] = {
        "methods": (Column(title="method", least=16), *_TIMES),
        "originators": (Column(title="originator", least=16), *_TIMES),
        "slowest calls": (
            Column(title="seq", right=True),
            Column(title="at", least=12, leaves=2),
            Column(title="method", least=16),
            Column(title="outcome", least=9),
            Column(title="ms", right=True),
            Column(title="", least=4, leaves=1, plot=True),
            Column(title="bytes", right=True, leaves=3),
        ),
        "to spare": (
            Column(title="kind", least=6),
            Column(title="what", least=20),
            Column(title="calls", right=True),
            Column(title="took", right=True, leaves=1),
        ),
    }
    COLUMNS = _PAGES["methods"]

    page = 0

    def above(self) -> Iterator[Widget]:
        """The curve."""
        yield RatePlot()

    def columns(self) -> tuple[Column, ...]:
        """Those of the page."""
        return self._PAGES[PAGES[self.page]]

    def action_next_page(self) -> None:
        """Turn the page."""
        self.page = (self.page + 1) % len(PAGES)
        self._sorted_by = None
        self.grid.touched = False
        self.show_entries()
        self.head.refresh()

    def listed(self, trackers: Trackers) -> Iterator[Entry]:
        """The entries of the page."""
        self.title_line.what = f"{PAGES[self.page]} of {self.capture.name}"
        stats = cast("Stats", trackers["stats"])
        self.query_one(RatePlot).show(cast("Rate", trackers["rate"]))
        if self.page == 0:
            yield from _groups(stats.methods.values(), stats.total)
        elif self.page == 1:
            yield from _groups(stats.originators.values(), stats.total)
        elif self.page == 2:
            yield from _slowest(stats.slowest)
        elif self.reading.progress.done or not self.reading.running:
            yield from _spare(cast("Chatter", trackers["chatter"]).advice())

    def told_of(self, _trackers: Trackers) -> str:
        """Which pages there are."""
        return f"page {self.page + 1} of {len(PAGES)}, Tab turns"

    def filter_of(self, entry: Entry) -> str:
        """The calls of a method, an originator's sessions, one slow call, what an advice is about."""
        of = entry.of
        if isinstance(of, Advice):
            return "" if of.first_seq is None else f"seq:{of.first_seq}..{of.last_seq}"
        if isinstance(of, int):
            return f"seq:{of}"
        name = str(of)
        if self.page == 1:
            return self._originator(name)
        if name == "all":
            return "seq:1.."
        if name.startswith("(") and name.endswith(")"):
            return f"protocol:{name[1:-1]} not method:*"
        is_async = name.startswith("Async.")
        return f"method:{quoted(name.removeprefix('Async.'))} async:{'yes' if is_async else 'no'}"

    def _originator(self, name: str) -> str:
        with self.reading.looking() as trackers:
            sessions = cast("Sessions", trackers["sessions"])
            tokens = [each.token for each in sessions if each.originator == name][:_MANY_SESSIONS]
        if not tokens:
            return f"client:{quoted(name + '*')}" if name != "all" else "seq:1.."
        return "session:" + ",".join(map(quoted, tokens))


def _groups(groups: object, total: Group) -> Iterator[Entry]:
    found = sorted(cast("list[Group]", groups), key=lambda each: (-each.calls, each.name))
    most = max((each.calls for each in found), default=1)
    for each in [*found, total] if len(found) > 1 else found:
        times = each.percentiles_ms()
        p50, p90, p99, longest = (
            ["", "", "", ""] if times is None else [Cell(f"{one:.1f}", one) for one in times]
        )
        yield Entry(
            cells=(
                each.name,
                each.calls,
                0 if each is total else each.calls / most,
                each.errors or "",
                *(p50, p90, p99, longest),
                Cell(span(int(each.total_ms * 1000)), each.total_ms),
                Cell(size(each.request_bytes), each.request_bytes),
                Cell(size(each.response_bytes), each.response_bytes),
            ),
            of=each.name,
            word="failure" if each.errors == each.calls and each.calls else "",
        )


def _slowest(rows: list[CallRow]) -> Iterator[Entry]:
    most = max((row.elapsed_us or 0 for row in rows), default=1) or 1
    for row in rows:
        yield Entry(
            cells=(
                row.seq,
                Cell(clock(row.started_at_us), row.started_at_us),
                method_of(row) if row.method else row.path,
                f"{row.outcome.sign} {row.error_code or row.outcome.value}",
                Cell(f"{row.elapsed_ms or 0:.1f}", row.elapsed_ms or 0),
                (row.elapsed_us or 0) / most,
                Cell(size(row.response_bytes), row.response_bytes),
            ),
            of=row.seq,
            word="" if row.outcome.value == "success" else "failure",
        )


def _spare(advice: list[Advice]) -> Iterator[Entry]:
    for each in advice:
        took = Cell(span(int(each.ms * 1000)), each.ms) if each.ms else ""
        yield Entry(cells=(each.kind, each.text, each.calls, took), of=each)
