"""Event calls by meaning: what a recorded batch told, and whether the host has told it by now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value
    from xraytap.replay.mapping import Mapping

    type Event = tuple[str, str, str]


@dataclass(slots=True)
class Chain:
    """The event calls of one session for one set of classes. `token` is the host's last one; `seen` its
    events that no recorded one has been met by yet."""

    token: str | None = None
    seen: Counter[Event] = field(default_factory=Counter)


class Chains:
    """Every chain of a replay."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Chain] = {}

    def of(self, session: str | None, request: Request) -> Chain:
        """The chain that a recorded call belongs to."""
        classes = repr(request.params[1]) if request.message == "from" and len(request.params) > 1 else ""
        return self._all.setdefault((session or "", classes), Chain())


def records(value: Value) -> list[dict[str, Value]]:
    """The events of an answer of event.next or event.from."""
    batch = value if isinstance(value, list) else dict(members(value) or ()).get("events")
    return [dict(members(each) or ()) for each in batch] if isinstance(batch, list) else []


def token_of(value: Value) -> str | None:
    """The token that an answer of event.from gives."""
    found = dict(members(value) or ()).get("token")
    return str(found) if isinstance(found, str) else None


def event_of(record: dict[str, Value]) -> Event:
    """Class in lower case (XAPI) whoever wrote it, operation, reference."""
    return (
        str(record.get("class", "")).lower(),
        str(record.get("operation", "")),
        str(record.get("ref") or record.get("obj_uuid") or ""),
    )


def missing(expected: Iterable[Event], chain: Chain, mapping: Mapping) -> list[Event]:
    """The recorded events that the host has not told yet. Each event that it told meets one recorded event;
    one about an object without a counterpart may be met by any of its class and kind."""
    left = Counter(chain.seen)
    loose: list[Event] = []
    found: list[Event] = []
    for event in expected:
        kind, operation, old = event
        new = mapping.get(old)
        if new is None:
            loose.append(event)
        elif left[kind, operation, new] > 0:
            left[kind, operation, new] -= 1
        else:
            found.append(event)
    for event in loose:
        met = next((each for each, count in left.items() if count > 0 and each[:2] == event[:2]), None)
        if met is None:
            found.append(event)
        else:
            left[met] -= 1
    return found


def consume(expected: Iterable[Event], chain: Chain, mapping: Mapping) -> None:
    """Take the events that met recorded ones out of `chain.seen`."""
    for kind, operation, old in expected:
        key = (kind, operation, mapping.get(old) or "")
        if chain.seen[key] > 0:
            chain.seen[key] -= 1
