"""What a failed test shows: each call without a recorded answer, as a diff against the nearest recorded one."""

from __future__ import annotations

from difflib import ndiff
from typing import TYPE_CHECKING

from xraytap.protocol.about import About
from xraytap.protocol.messages import strip_async
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xraytap.playback.nearest import Miss
    from xraytap.protocol.datamodel import Model
    from xraytap.protocol.golden import GoldenCall, Symbolic

_SHOWN = 10


def unmatched_text(misses: Sequence[Miss], golden: Path, model: Model) -> str:
    """All misses: the reason, and the diff (`-` recorded, `+` sent)."""
    calls = "1 call has" if len(misses) == 1 else f"{len(misses)} calls have"
    lines = [f"{calls} no recorded answer in {golden}:"]
    for miss in misses[:_SHOWN]:
        lines += ["", f"{printable(miss.method)}: {printable(miss.reason)}"]
        if miss.recorded is not None and miss.differences:
            labels = About(model=model).labels(strip_async(miss.method)[0])
            recorded = _written(miss.recorded.method, miss.recorded.params, labels)
            sent = _written(miss.method, miss.params, labels)
            lines += [f"    {line}" for line in ndiff(recorded, sent) if not line.startswith("?")]
    if len(misses) > _SHOWN:
        lines += ["", f"and {len(misses) - _SHOWN} more"]
    return "\n".join(lines)


def unused_text(unused: Sequence[tuple[int, GoldenCall]], golden: Path) -> str:
    """The recorded calls that the test did not make."""
    calls = "1 recorded call was" if len(unused) == 1 else f"{len(unused)} recorded calls were"
    lines = [f"{calls} never asked for, of {golden}:"]
    lines += [f"  call {seq}, {printable(call.method)}" for seq, call in unused[:_SHOWN]]
    if len(unused) > _SHOWN:
        lines.append(f"  and {len(unused) - _SHOWN} more")
    return "\n".join(lines)


def _written(method: str, params: Sequence[Symbolic], labels: Sequence[str]) -> list[str]:
    """A call over several lines: a parameter each, members of a record each, as a golden writes values."""
    lines = [printable(method)]
    for index, value in enumerate(params):
        name = labels[index] if index < len(labels) else f"param {index + 1}"
        if isinstance(value, dict) and value:
            lines.append(f"  {name}:")
            lines += [f"    {_flow(key)}: {_flow(each)}" for key, each in sorted(value.items(), key=str)]
        else:
            lines.append(f"  {name}: {_flow(value)}")
    return lines


def _flow(value: Symbolic) -> str:
    from xraytap.store.golden_text import flow

    return printable(flow(value))
