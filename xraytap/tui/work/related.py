"""What a call belongs to, as filters: its session, its task, the objects it speaks of, its method, its connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.correlate.objects import NULL_REFS, refs_in
from xraytap.protocol.describe import short_ref
from xraytap.protocol.summary import decode_exchange
from xraytap.tui.dialogs import Choice
from xraytap.tui.views.base import quoted

if TYPE_CHECKING:
    from xraytap.tui.capture import Capture

_OBJECTS = 20
_KEYS = "123456789bcdefghij"


def choices(capture: Capture, seq: int) -> list[Choice]:
    """What the list can be narrowed to; `of` is the filter."""
    row = capture.row(seq)
    call = decode_exchange(capture.store.exchange(capture.name, seq))
    about = capture.learner.about(row.session)
    found = []
    if row.session:
        found.append(Choice("s", "this session", short_ref(row.session), f"session:{quoted(row.session)}"))
    if row.method:
        found.append(Choice("m", "this method", row.method, f"method:{quoted(row.method)}"))
    if row.error_code:
        found.append(Choice("e", "this error", row.error_code, f"error:{quoted(row.error_code)}"))
    found.append(Choice("n", "this connection", f"#{row.connection}", f"connection:{row.connection}"))
    found.append(
        Choice("a", "this client", row.client, f"client:{quoted(row.client.rpartition(':')[0] + '*')}")
    )
    within = f"session:{quoted(row.session)} " if row.session else ""
    refs: dict[str, str] = {}
    if call.request is not None:
        if row.is_async and call.answer is not None and isinstance(call.answer.value, str):
            refs[str(call.answer.value)] = "task"
        for each in about.params(call.request) or ():
            refs.update((ref, name) for name, ref in refs_in(each.typed))
        result = about.result(call)
        if result is not None:
            refs.update((ref, name) for name, ref in refs_in(result) if ref not in refs)
    names = about.names or (lambda _: None)
    shown = [ref for ref in refs if ref not in NULL_REFS][:_OBJECTS]
    for key, ref in zip(_KEYS, shown, strict=False):
        found.append(
            Choice(key, f"this {refs[ref]}", names(ref) or short_ref(ref), f"{within}ref:{quoted(ref)}")
        )
    return found
