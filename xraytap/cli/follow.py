"""Follow a live capture through the store: rows as they end, and the summary of it all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.stats import percentile
from xraytap.protocol.phrases import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import CallRow
    from xraytap.store import Store


@dataclass(slots=True)
class Follower:
    """Yields each call once, when it has ended: a blocking `event.next` holds nobody up."""

    store: Store
    capture: str
    seen: int = 0
    pending: set[int] = field(default_factory=set)

    def ended(self) -> Iterator[CallRow]:
        """The calls that ended since the last time."""
        for seq in sorted(self.pending):
            row = self.store.row(self.capture, seq)
            if row.elapsed_us is not None:
                self.pending.discard(seq)
                yield row
        for row in self.store.calls(self.capture, after_seq=self.seen):
            self.seen = row.seq
            if row.elapsed_us is None:
                self.pending.add(row.seq)
            else:
                yield row


@dataclass(slots=True)
class Tally:
    """Counts for the summary line. `elapsed_ms` keeps every time: 8 bytes a call."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    sessions: set[str] = field(default_factory=set)
    connections: set[int] = field(default_factory=set)
    elapsed_ms: list[float] = field(default_factory=list)

    def add(self, row: CallRow) -> None:
        """Count one call."""
        self.outcomes[row.outcome] += 1
        self.connections.add(row.connection)
        if row.session:
            self.sessions.add(row.session)
        if row.error_code:
            self.codes[row.error_code] += 1
        if row.elapsed_ms is not None:
            self.elapsed_ms.append(row.elapsed_ms)

    def line(self, lost: int | None) -> str:
        """`12 calls in 1 session over 1 connection: 11 success, 1 failure (...); p50 ..., p99 ...`; and how many
        were `lost`, None where nothing is recorded."""
        total = sum(self.outcomes.values())
        text = f"{many(total, 'call')} in {many(len(self.sessions), 'session')}"
        text += f" over {many(len(self.connections), 'connection')}"
        if total:
            parts = []
            for outcome in Outcome:
                if self.outcomes[outcome]:
                    part = f"{self.outcomes[outcome]} {outcome.value}"
                    if outcome is Outcome.FAILURE:
                        part += f" ({', '.join(code for code, _ in self.codes.most_common(3))})"
                    parts.append(part)
            text += ": " + ", ".join(parts)
        if self.elapsed_ms:
            text += f"; p50 {percentile(self.elapsed_ms, 50):.1f} ms, p99 {percentile(self.elapsed_ms, 99):.1f} ms"
        if lost is None:
            return text
        return text + ("; nothing lost" if not lost else f"; {many(lost, 'call')} LOST (not recorded)")
