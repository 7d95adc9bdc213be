"""One call as one line: what `record`, `demo` and `calls` print."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from xraytap.cli.out import colour
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
    it, the time how long it took, with the number of polls before it: `(3) 210.0 ms`."""
    when = datetime.fromtimestamp(row.started_at_us // 1_000_000).astimezone()
    clock = f"{when:%H:%M:%S}.{row.started_at_us // 1000 % 1000:03d}"
    name = method_text(row)
    params = params_line(call, 36, about) if call is not None else _session(row)
    ended, elapsed_ms = row.outcome, row.elapsed_ms
    if entry is not None and entry.task is not None:
        ended, elapsed_ms = entry.outcome, entry.elapsed_ms
        answer = clip(entry_words(entry, about), 72)
    else:
        answer = answer_line(row, call, 72, about)
    elapsed = "" if elapsed_ms is None else f"{elapsed_ms:.1f} ms"
    if entry is not None and entry.polls:
        elapsed = f"({entry.polls}) {elapsed}".rstrip()
    outcome = colour(f"{ended.sign} {answer}".rstrip(), ended)
    pad = " " * max(0, 24 - len(answer) - 2)
    redacted = "" if call is not None or not row.redacted else "  (redacted)"
    return f"{row.seq:5}  {clock}  {name:<32} {params:<36} {outcome}{pad} {elapsed:>10}{redacted}".rstrip()


def _session(row: CallRow) -> str:
    return "" if row.session is None else f"session={printable(short_ref(row.session))[:20]}"
