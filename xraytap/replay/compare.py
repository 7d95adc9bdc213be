"""One answer of the host against the recorded one: the same, another content, or another kind of answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.call import Outcome
from xraytap.protocol.diff import describe_change, diff_values
from xraytap.protocol.printable import printable
from xraytap.protocol.redact_values import REDACTED
from xraytap.protocol.summary import decode_exchange, full_row, same_content
from xraytap.replay.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import CallRow, Exchange, Message
    from xraytap.protocol.diff import Change, Rules
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value
    from xraytap.replay.mapping import Mapping

SHOWN = 8
"""Differences of one call that are put into words; the rest is counted."""
_FLOOR_US = 10_000
"""A call is not slower by less than this: a few milliseconds are the machine's mood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer, decoded: what it says and how it counts. `came`: as it came, None where none did."""

    row: CallRow
    call: DecodedCall
    came: Message | None

    @property
    def code(self) -> str:
        """`success`, `failure VM_BAD_POWER_STATE`, `fault 1`, `http-error 500`, `no-response: why`."""
        row = self.row
        if row.outcome is Outcome.HTTP_ERROR:
            return f"{row.outcome} {row.http_status}"
        if row.outcome is Outcome.NO_RESPONSE:
            return row.outcome.value
        return f"{row.outcome} {row.error_code}" if row.error_code else row.outcome.value

    @property
    def value(self) -> Value:
        """The answer's value; None where there is none."""
        return None if self.call.answer is None else self.call.answer.value

    def refused(self, code: str) -> bool:
        """Whether it is the failure `code`."""
        return self.row.outcome is Outcome.FAILURE and self.row.error_code == code

    def __str__(self) -> str:
        answer = self.call.answer
        if self.row.outcome is Outcome.NO_RESPONSE:
            return f"no answer ({self.row.note})" if self.row.note else "no answer"
        if answer is not None and answer.error:
            return f"{self.row.outcome} {' '.join(printable(str(each)) for each in answer.error)}"
        if answer is not None and answer.fault is not None:
            return f"fault {answer.fault.code} {printable(answer.fault.string)}"
        if self.row.outcome is Outcome.UNDECODABLE:
            return f"an answer that is undecodable: {printable(self.row.decode_error or '')}"
        return self.code


def told(
    exchange: Exchange,
    *,
    capture: str = "",
    seq: int = 0,
    request: Request | None = None,
    old: Told | None = None,
) -> Told:
    """An exchange as it counts. `request` is what its request was written from; `old` the recorded answer:
    what came again byte for byte is not decoded again."""
    came = exchange.response
    again = old is not None and old.came is not None and came is not None and same_content(came, old.came)
    if old is not None and request is not None and again:
        call = replace(old.call, request=request, request_error=None)
    else:
        call = decode_exchange(exchange, request=request)
    return Told(row=full_row(exchange, capture=capture, seq=seq, decoded=call), call=call, came=came)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparer:
    """Compares with what `mapping` knows at the moment; `rules` tell what does not count."""

    mapping: Mapping
    rules: Rules

    def verdict(self, old: Told, new: Told, names: Callable[[str], str]) -> tuple[Verdict, tuple[str, ...]]:
        """The verdict, and every difference in words; `names` puts names for references into a sentence."""
        if old.code != new.code:
            return Verdict.ERROR_CHANGED, (names(f"{old} became {new}"),)
        found = self.changes(old, new)
        if not found:
            return Verdict.SAME, ()
        root = "error" if old.row.outcome is Outcome.FAILURE else ""
        words = [names(describe_change(each, root=root)) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            words.append(f"and {len(found) - SHOWN} more differences")
        return Verdict.DIFFERENT, tuple(words)

    def changes(self, old: Told, new: Told) -> tuple[Change, ...]:
        """The differences of two answers of one kind."""
        mine, theirs = old.call.answer, new.call.answer
        if mine is None or theirs is None:
            return ()
        if mine.fault is not None and theirs.fault is not None:
            return self._diff("", mine.fault.string, theirs.fault.string)
        if mine.error is not None and theirs.error is not None:
            return diff_values(list(mine.error), list(theirs.error), same=self._same)
        method = "" if old.call.request is None else old.call.request.method
        left, right = mine.value, theirs.value
        if old.row.protocol != new.row.protocol:
            left, right = self._meaning(old, left), self._meaning(new, right)
        return self._diff(method, left, right)

    def _diff(self, method: str, left: Value, right: Value) -> tuple[Change, ...]:
        places = self.rules.answer(method)
        found = diff_values(left, right, same=self._same, ignore=places.ignore, unordered=places.unordered)
        # What was taken out of the recording cannot be compared, whatever stands there today.
        return tuple(each for each in found if each.left != REDACTED)

    def _same(self, left: object, right: object) -> bool:
        return self.mapping.text(str(left)) == str(right)

    def _meaning(self, told: Told, value: Value) -> Value:
        """The typed meaning: XML-RPC sends ints as strings, JSON-RPC as numbers."""
        typed = About(model=self.rules.model).result(told.call)
        found: Value = value if typed is None else typed.to_json()
        return found


def slower_by(old_us: int | None, new_us: int | None, factor: float | None) -> float | None:
    """How many times slower, if that is more than `factor`."""
    if factor is None or old_us is None or new_us is None or new_us - old_us < _FLOOR_US:
        return None
    ratio = new_us / max(old_us, 1)
    return ratio if ratio > factor else None
