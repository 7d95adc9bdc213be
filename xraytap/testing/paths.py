"""Which golden a test uses: the one that its marker names, else one by the test's own name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_UNSAFE = re.compile(r"[^\w.=+-]+")
_LONGEST = 120
"""Characters of a file's name before `.yaml`: file systems take 255 bytes."""
SHIPPED = "shipped:"


def golden_path(named: str | None, *, module: Path, test: str, folder: str) -> Path:
    """`named` is what the marker says: a path, relative to `folder` beside the module; or `shipped:NAME`, one of
    those that come with xraytap. Without it `folder/MODULE/TEST.yaml`.

    `test` is the test's name in its module: `test_start[web-1]`, `TestGuest.test_start`.
    """
    goldens = module.parent / folder
    if named is None:
        return goldens / module.stem / f"{file_name(test)}.yaml"
    if named.startswith(SHIPPED):
        from xraytap.shipped import shipped_capture

        return shipped_capture(named.removeprefix(SHIPPED))
    path = Path(named)
    return path if path.is_absolute() else goldens / path


def file_name(test: str) -> str:
    """A name that every file system takes, and another one for every test: `test_start-web-1`. Where letters
    had to go, some of a digest follow."""
    plain = test.replace("[", "-", 1).removesuffix("]")
    safe = _UNSAFE.sub("_", plain)
    if safe == plain and len(safe) <= _LONGEST:
        return safe
    digest = hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe[: _LONGEST - 9]}-{digest}"
