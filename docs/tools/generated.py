"""A page that is made from the code: written, or with `--check` only compared."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(name: str, text: str, how: str = "docs") -> int:
    """Write `docs/NAME`, or tell whether it is in step. `how` makes it anew. The exit code."""
    target = Path(__file__).parents[1] / name
    if "--check" not in sys.argv:
        target.write_text(text)
    elif not target.exists() or target.read_text() != text:
        sys.stderr.write(f"docs/{name} is not what the code says. Run: make {how}\n")
        return 1
    return 0
