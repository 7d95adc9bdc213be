"""A replay under way, and what came of it: what differs from the recording, call by call."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from xraytap.protocol.phrases import many
from xraytap.protocol.summary import decode_exchange
from xraytap.replay.report import counted
from xraytap.replay.verdict import Verdict
from xraytap.store import open_store
from xraytap.tui.guard import words
from xraytap.tui.keys import bindings
from xraytap.tui.views.grid import Column, Entry
from xraytap.tui.views.screen import GridScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from xraytap.replay.plan import Plan
    from xraytap.replay.replay import Replay
    from xraytap.replay.report import Report
    from xraytap.replay.verdict import Result
    from xraytap.store import Store
    from xraytap.tui.capture import Capture
    from xraytap.tui.lines import LinesView
    from xraytap.tui.views.doors import Doors
    from xraytap.tui.work.pairs import Side

_LOOK_EVERY_S = 0.2
_QUIET = (Verdict.SAME, Verdict.FOLLOWED)


class RunScreen(GridScreen):
    """`replay` makes what is run from a store of its own thread."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("replaying")]
    COLUMNS = (
        Column(title="seq", right=True),
        Column(title="", least=2),
        Column(title="call", least=20),
        Column(title="recorded", right=True, leaves=2),
        Column(title="ms", right=True, leaves=1),
        Column(title="what came of it", least=24),
    )
    app: Doors

    class Ended(Message):
        """The replay is over: its report, or why there is none."""

        def __init__(self, report: Report | None, error: str = "") -> None:
            super().__init__()
            self.report, self.error = report, error

    def __init__(self, capture: Capture, plan: Plan, url: str, replay: Callable[[Store], Replay]) -> None:
        super().__init__()
        self.capture = capture
        self.report: Report | None = None
        self.running = True
        self.all = False
        self._plan, self._url, self._replay = plan, url, replay
        self._results: list[Result] = []
        self._shown = -1
        self._wished = False

    def on_mount(self) -> None:
        """Begin."""
        self.title_line.what = f"replay of {self.capture.name} onto {self._url}"
        self.grid.focus()
        self.run_worker(self._run, thread=True, group="replay", exit_on_error=False)
        self.set_interval(_LOOK_EVERY_S, self._look)
        self._look()

    def on_unmount(self) -> None:
        """Nobody looks any more: end it."""
        self._wished = True

    def _run(self) -> None:
        try:
            with open_store(self.capture.path) as store:
                report = self._replay(store).run(on_result=self._results.append, wished=lambda: self._wished)
            self.post_message(self.Ended(report))
        except Exception as error:  # noqa: BLE001  shown where the list would be
            self.post_message(self.Ended(None, words(error)))

    def on_run_screen_ended(self, message: Ended) -> None:
        """Show the whole of it."""
        self.running = False
        self.report = message.report
        title = self.title_line
        title.trouble = message.error
        if message.error:
            self.app.tell(message.error)  # the title's line may be too short for it
        if message.report is not None:
            self._results = list(message.report.results)
            for remark in message.report.remarks:
                self.notify(remark, markup=False)
        self._shown = -1
        self._look()

    # -- actions ------------------------------------------------------------------------------------

    def action_toggle_all(self) -> None:
        """Every call, or those that did not answer as recorded."""
        self.all = not self.all
        self._shown = -1
        self._look()

    def action_stop(self) -> None:
        """End it; what is known so far stays."""
        self._wished = True

    def action_close(self) -> None:
        """Back to the table; a replay that runs is ended first."""
        if self.running:
            self._wished = True
        else:
            self.dismiss()

    def action_open_replay(self) -> None:
        """Browse the replay's own capture."""
        if self.report is not None and self.report.capture is not None:
            self.app.open_capture(self.report.capture)

    def action_look(self) -> None:
        """The recorded call and the replayed one side by side."""
        chosen = self.grid.chosen
        result: Result | None = None if chosen is None else chosen.of
        report = self.report
        if result is None or report is None or report.capture is None:
            return
        new = report.kept.get(result.step.seq)
        if new is None:
            self.notify("this call was not sent", markup=False)
            return
        browse = self.app.browse
        browse.compare(browse.side(result.step.seq), self._side(report.capture, new), other_host=True)

    def on_lines_view_chosen(self, message: LinesView.Chosen) -> None:
        """A second click."""
        message.stop()
        self.action_look()

    # -- inside -------------------------------------------------------------------------------------

    def _side(self, capture: str, seq: int) -> Side:
        from xraytap.tui.work.pairs import Side

        with open_store(self.capture.path) as store:
            row, exchange = store.row(capture, seq), store.exchange(capture, seq)
        return Side(title=f"replayed #{seq}", row=row, call=decode_exchange(exchange))

    def _look(self) -> None:
        results = self._results[:]
        if len(results) == self._shown:
            return
        self._shown = len(results)
        told = [each for each in results if self.all or each.verdict not in _QUIET or each.is_finding]
        self.grid.fill([_entry(each) for each in told])
        self.head.refresh()
        title = self.title_line
        if self.report is not None:
            title.word = counted(self.report)
            return
        if title.trouble:
            return
        differ = sum(each.is_finding for each in results)
        title.word = f"{len(results):,} of {many(len(self._plan.steps), 'call')}, {differ} to look at"


def _entry(result: Result) -> Entry:
    words = [*result.changes]
    if result.not_sent is not None:
        words = [f"not sent: {result.not_sent.text}"]
    if result.slower is not None:
        words.append(f"{result.slower:.1f} times slower")
    old, new = result.old_us, result.new_us
    return Entry(
        cells=(
            result.step.seq,
            result.verdict.sign,
            result.step.method,
            "" if old is None else f"{old / 1000:.1f}",
            "" if new is None else f"{new / 1000:.1f}",
            "; ".join(words) or result.verdict.value,
        ),
        of=result,
        word="failure" if result.is_finding else "dim" if result.verdict is Verdict.NOT_SENT else "",
    )
