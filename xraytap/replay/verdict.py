"""What became of one call of a replay, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange
    from xraytap.replay.plan import NotSent, Step


class Verdict(StrEnum):
    """SAME: the recorded answer, symbols and volatile places aside. DIFFERENT: the same kind of answer, another
    content. ERROR_CHANGED: another kind: a failure where there was success, another error code, no answer.
    FOLLOWED: a poll that needed no call of its own. NOT_SENT: with the reason beside it."""

    SAME = "same"
    DIFFERENT = "different"
    ERROR_CHANGED = "error class changed"
    FOLLOWED = "followed"
    NOT_SENT = "not sent"

    @property
    def sign(self) -> str:
        """The one-character sign that stands in lists."""
        return {"same": "=", "different": "~", "error class changed": "x", "followed": ".", "not sent": "-"}[
            self.value
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`changes` are sentences, one per difference. `old_us` and `new_us` are the times that the host took;
    `slower` is the factor between them where it is beyond what was asked for. `sent` counts the times the
    call went out: polls are repeated. `exchange` is what went over the wire (the last of it)."""

    step: Step
    verdict: Verdict
    changes: tuple[str, ...] = ()
    old_us: int | None = None
    new_us: int | None = None
    slower: float | None = None
    sent: int = 0
    not_sent: NotSent | None = None
    exchange: Exchange | None = None

    @property
    def is_finding(self) -> bool:
        """Whether it is something about the host that the user must look at."""
        if self.verdict is Verdict.NOT_SENT:
            return self.not_sent is not None and self.not_sent.why.is_finding
        return self.verdict in (Verdict.DIFFERENT, Verdict.ERROR_CHANGED) or self.slower is not None


@dataclass(slots=True, kw_only=True)
class Lacking:
    """An object that the new host does not have, with the calls that therefore were not sent."""

    ref: str
    class_name: str
    uuid: str | None
    name: str | None
    looked: str
    calls: list[int]

    def __str__(self) -> str:
        named = f"{self.class_name} {self.name}" if self.name else f"{self.class_name or 'object'} {self.ref}"
        return f"{named} (uuid {self.uuid})" if self.uuid and self.name else named
