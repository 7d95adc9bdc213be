"""What the user says of the mapping: `VM:guest002=guest007` (names), `REF=REF` (references or uuids)."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from xraytap.errors import UsageError
from xraytap.protocol.symbols.shapes import is_ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.datamodel.model import Model

_FORMS = "CLASS:NAME=NAME, e.g. VM:guest002=guest007, or REF=REF"


def parse_maps(texts: Iterable[str], model: Model) -> dict[str, str]:
    """Recorded text to the new host's. UsageError for what is no pair, or names a class that there is not."""
    found: dict[str, str] = {}
    for text in texts:
        old, equals, new = text.partition("=")
        if not equals or not old or not new:
            raise UsageError(f"--map {text}: expected {_FORMS}.")
        if is_ref(old):
            found[old] = new
            continue
        class_name, colon, name = old.partition(":")
        if not colon or not name:
            raise UsageError(
                f"--map {text}: '{old}' is neither a reference nor CLASS:NAME; expected {_FORMS}."
            )
        if class_name not in model.classes():
            near = difflib.get_close_matches(class_name, model.classes(), n=3, cutoff=0.5)
            hint = f" Nearest: {', '.join(near)}." if near else ""
            raise UsageError(f"--map {text}: {model.api} has no class '{class_name}'.{hint}")
        found[name] = new.removeprefix(f"{class_name}:")
    return found


def read_maps(text: str) -> list[str]:
    """The pairs in a map file: one per line, blank lines and lines that begin with # aside."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
