"""One call as one line: what `record`, `demo` and `calls` print."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from xraytap.cli.out import colour, screen_width
from xraytap.protocol.about import NOTHING
from xraytap.protocol.correlate.words import entry_words
from xraytap.protocol.describe import answer_line, clip, method_text, params_line, short_ref
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.fold import Entry
    from xraytap.protocol.summary import DecodedCall


def call_line(
    row: CallRow, call: DecodedCall | None = None, about: About = NOTHING, entry: Entry | None = None
) -> str:
    """Seq, local time, method, parameters, sign and answer, milliseconds. Without `call`, as lists have it,
    the session stands where the parameters would. With a folded `entry` of a task the answer is what came of
    it, the time how long it took, with the number of polls before it: `(3) 210.0 ms`. On a terminal a line
    fits its width: on a narrow one parameters go first, then the time of day; what is left is cut."""
    width = screen_width()
    name = method_text(row)
    params = params_line(call, 36, about) if call is not None else _session(row)
    task = entry if entry is not None and entry.task is not None else None
    ended, elapsed_ms = (row.outcome, row.elapsed_ms) if task is None else (task.outcome, task.elapsed_ms)
    elapsed = "" if elapsed_ms is None else f"{elapsed_ms:.1f} ms"
    if entry is not None and entry.polls:
        elapsed = f"({entry.polls}) {elapsed}".rstrip()
    redacted = "" if call is not None or not row.redacted else "  (redacted)"
    start = f"{row.seq:5}  "
    if width is None or width >= 90:
        when = datetime.fromtimestamp(row.started_at_us // 1_000_000).astimezone()
        start += f"{when:%H:%M:%S}.{row.started_at_us // 1000 % 1000:03d}  "
    if width is not None:
        name = clip(name, max(8, width // 2 - len(start)))
    start += f"{name:<32} " if width is None or width >= 80 else f"{name} "
    if width is None or width >= 120:
        start += f"{params:<36} "
    end = f" {elapsed:>10}{redacted}".rstrip()
    room = 72 if width is None else max(8, width - len(start) - len(end) - 2)
    answer = answer_line(row, call, room, about) if task is None else clip(entry_words(task, about), room)
    pad = " " * max(0, 24 - len(answer) - 2) if width is None or width >= 90 else ""
    return f"{start}{colour(f'{ended.sign} {answer}'.rstrip(), ended)}{pad}{end}".rstrip()


def _session(row: CallRow) -> str:
    return "" if row.session is None else f"session={printable(short_ref(row.session))[:20]}"
