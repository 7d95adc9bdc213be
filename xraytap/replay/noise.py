"""From two answers to one question: the names of the places where a host varies by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.diff import Change
    from xraytap.protocol.messages import Request


def noisy_places(request: Request, changes: Iterable[Change], model: Model) -> list[str]:
    """Rules that take these places out of comparisons, as goldens and `--ignore` write them: `Class.field`,
    or the call itself where its whole answer varies."""
    found: dict[str, None] = {}
    class_name, message = request.class_name or "", request.message
    records = message.startswith("get_all_records") or message == "get_record"
    for change in changes:
        names = [each for each in change.path if isinstance(each, str)]
        if not names:
            found[request.name] = None
            continue
        if not records:
            found[names[-1]] = None
            continue
        fields = model.fields("record", class_name)
        field = next((each for each in names if each in fields), None)
        found[names[-1] if field is None else f"{class_name}.{field}"] = None
    return list(found)
