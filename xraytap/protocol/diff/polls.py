"""Calls that only pass the time: how often a client asks is its pace, and no answer of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from xraytap.protocol.golden import Reply

if TYPE_CHECKING:
    from xraytap.protocol.golden import GoldenCall, Symbolic

_GOING_ON = ("pending", "cancelling")


def is_idle_poll(call: GoldenCall) -> bool:
    """Whether a call asked for a task that went on, or for events and got none."""
    if call.reply is Reply.NO_ANSWER:
        return call.method in ("event.next", "event.from")  # it waits as long as nothing happens
    if call.reply is not Reply.ANSWER:
        return False
    record = cast("dict[str, Symbolic]", call.value) if isinstance(call.value, dict) else {}
    if call.method in ("task.get_status", "task.get_record"):
        return (record.get("status") if record else call.value) in _GOING_ON
    if call.method == "task.get_progress":
        return call.value not in (1, 100, "100")
    return (call.method == "event.next" and call.value == []) or (
        call.method == "event.from" and record.get("events") == []
    )
