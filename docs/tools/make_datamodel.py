"""Writes the data model's files in xraytap/protocol/datamodel/ from the facts about it.

    python docs/tools/make_datamodel.py FOLDER-OF-FACTS

FOLDER-OF-FACTS holds `xend.json` and `xapi.json`. What no part of xraytap asks for (roles, relations, prose of
releases) is left out; the rest is JSON, deflated, so that loading takes milliseconds.
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "xraytap" / "protocol" / "datamodel"
_MESSAGE_KEYS = (
    "params",
    "impl_params",
    "returns",
    "effect",
    "kind",
    "async",
    "session",
    "state",
    "status",
    "internal",
    "implemented",
)
_FIELD_KEYS = ("type", "wire", "volatile", "carries", "secret")


def _kept(facts: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    kept = {key: facts[key] for key in keys if key in facts}
    if kept.get("implemented") is True:
        del kept["implemented"]
    return kept


def _field(facts: dict[str, Any]) -> dict[str, Any]:
    """`create` is there where a record given to create holds the field: `needed`, or one with a `default`."""
    kept = _kept(facts, _FIELD_KEYS)
    if facts.get("qualifier") in ("RW", "RO/constructor"):
        kept["create"] = "default" if "default" in facts else "needed"
    return kept


def compact(facts: dict[str, Any]) -> dict[str, Any]:
    """The part of the facts that the package carries."""
    classes = {
        name: {
            "fields": {field: _field(each) for field, each in known.get("fields", {}).items()},
            "messages": {message: _kept(each, _MESSAGE_KEYS) for message, each in known["messages"].items()},
        }
        for name, known in facts["classes"].items()
    }
    undocumented = dict.fromkeys(facts.get("errors_undocumented", ()))
    return {
        "api": facts["api"],
        "classes": classes,
        "enums": {**facts["enums"], **facts.get("enums_sent", {})},
        "structs": facts["structs"],
        "flags": facts.get("flags", {}),
        "errors": {**undocumented, **facts["errors"]},
        "undocumented": sorted(undocumented),
        "legacy": {name: _kept(each, _MESSAGE_KEYS) for name, each in facts.get("legacy", {}).items()},
    }


def main() -> int:
    """Write both files."""
    for name in ("xend", "xapi"):
        facts = json.loads((Path(sys.argv[1]) / f"{name}.json").read_text())
        text = json.dumps(compact(facts), separators=(",", ":"), sort_keys=True).encode()
        packed = zlib.compress(text, 9)
        (TARGET / f"{name}.json.z").write_bytes(packed)
        print(f"{name}: {len(text)} -> {len(packed)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
