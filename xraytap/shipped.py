"""The goldens that ship with xraytap: `captures/` in a checkout, a folder of the package in a wheel."""

from __future__ import annotations

from pathlib import Path

from xraytap.errors import SourceError

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "_captures", _PACKAGE.parent / "captures")


def shipped_capture(name: str) -> Path:
    """The file of the shipped golden `name` (with or without `.yaml`). SourceError if there is none."""
    wanted = name if name.endswith(".yaml") else f"{name}.yaml"
    there: list[str] = []
    for folder in _FOLDERS:
        # Found by listing, so that a name with `..` or a slash leads nowhere.
        for path in sorted(folder.glob("*.yaml")):
            if path.name == wanted:
                return path
            there.append(path.name)
    known = ", ".join(dict.fromkeys(there)) or f"none: neither {_FOLDERS[0]} nor {_FOLDERS[1]} holds any"
    raise SourceError(f"no shipped golden '{name}'. Those that ship: {known}.")
