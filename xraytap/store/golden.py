"""Golden files: read, and the values and functions that belong to them in one place (docs/goldens.md)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xraytap.errors import SourceError
from xraytap.protocol.golden import FORMAT, Golden, GoldenCall, Raw, Reply, Symbol
from xraytap.store.golden_text import dump_golden
from xraytap.store.golden_yaml import loads_golden

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FORMAT",
    "Golden",
    "GoldenCall",
    "Raw",
    "Reply",
    "Symbol",
    "dump_golden",
    "load_golden",
    "loads_golden",
    "save_golden",
]


def save_golden(path: Path, golden: Golden) -> None:
    """Write `golden` to the file `path`, whole or not at all; folders on the way are made. Raises SourceError."""
    text = dump_golden(golden)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8")
            if path.exists():
                part.chmod(path.stat().st_mode & 0o777)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SourceError(f"cannot write the golden {path}: {error.strerror or error}.") from None


def load_golden(path: Path) -> Golden:
    """The golden in the file `path`. Raises SourceError: file, line, what was found, what was expected."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except IsADirectoryError:
        raise SourceError(
            f"{path} is a folder; expected a golden file in it, such as {path}/NAME.yaml."
        ) from None
    except OSError as error:
        raise SourceError(f"cannot read the golden {path}: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: byte {error.start} is no UTF-8; a golden is YAML in UTF-8. Is this another kind of file?"
        ) from None
    return loads_golden(text, str(path))
