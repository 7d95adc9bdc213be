"""The packed facts beside this module: the only file that the ground floor reads, and it is our own."""

from __future__ import annotations

import json
import pkgutil
import zlib
from typing import Any


def read(api: str) -> dict[str, Any]:
    """The facts of `xend` or `xapi`, as docs/tools/make_datamodel.py wrote them."""
    packed = pkgutil.get_data(__package__, f"{api}.json.z")  # importlib.resources takes 50 ms to import
    if packed is None:
        raise FileNotFoundError(f"the package lacks its data model {api}.json.z")
    facts: dict[str, Any] = json.loads(zlib.decompress(packed))
    return facts
