"""Writes xraytap/protocol/secrets_table.py from the facts about the data model.

    python docs/tools/make_secrets.py FOLDER-OF-FACTS

FOLDER-OF-FACTS holds `xend.json` and `xapi.json`. Session tokens that a login answers are left out: they
are what ties a capture together (docs/security.md).
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "xraytap" / "protocol" / "secrets_table.py"
_HEAD = '''"""Which parameters and results are secret, by method. Made by docs/tools/make_secrets.py: do not edit.

`PARAMETERS`: method -> (position on the wire, name, member of that struct or "" for the whole value).
`RESULTS`: method -> names of secret members at any depth of the answer, "" for the whole value.
`OPEN_RESULTS`: methods whose answer may hold a map with keys that no data model knows.
"""

from __future__ import annotations

'''
_MAP = "(string -> string) map"
_EVENTS = ("event.from", "event.next")


def _facts(folder: Path) -> Any:  # noqa: ANN401  JSON
    for name in ("xend", "xapi"):
        facts = json.loads((folder / f"{name}.json").read_text())
        yield facts["classes"]
        yield {"": {"messages": facts.get("legacy", {})}}


def collect(folder: Path) -> tuple[dict[str, set[tuple[int, str, str]]], dict[str, set[str]]]:
    """Both tables, the two hosts' facts joined."""
    parameters: dict[str, set[tuple[int, str, str]]] = {}
    results: dict[str, set[str]] = {name: set() for name in _EVENTS}
    for classes in _facts(folder):
        for class_name, known in classes.items():
            for message, facts in known["messages"].items():
                method = f"{class_name}.{message}".removeprefix(".")
                names = [each[0] for each in facts.get("params", [])]
                for path in facts.get("secret", ()):
                    first, _, rest = path.partition(".")
                    if first != "result":
                        parameters.setdefault(method, set()).add((names.index(first), first, rest))
                    elif class_name != "session":
                        results.setdefault(method, set()).add(rest.removeprefix("*."))
            for field, facts in known.get("fields", {}).items():
                # An event carries whole records; `value` alone would be too common a name.
                if facts.get("secret") and field not in ("value", "other_config"):
                    for name in _EVENTS:
                        results[name].add(field)
    return parameters, results


def open_results(folder: Path) -> set[str]:
    """The methods whose answer may hold a map of strings."""
    found = set(_EVENTS)
    for name in ("xend", "xapi"):
        facts = json.loads((folder / f"{name}.json").read_text())
        holders = {
            f"{kind} {word}"
            for word, known in (("record", facts["classes"]), ("struct", facts["structs"]))
            for kind, each in known.items()
            if _MAP in json.dumps(each.get("fields", {}) if word == "record" else each)
        }
        for class_name, known in facts["classes"].items():
            for message, about in known["messages"].items():
                returns = about.get("returns") or ""
                if _MAP in returns or any(each in returns for each in holders):
                    found.add(f"{class_name}.{message}")
    return found


def main() -> int:
    """Write the table."""
    parameters, results = collect(Path(sys.argv[1]))
    lines = [_HEAD, "PARAMETERS: dict[str, tuple[tuple[int, str, str], ...]] = {\n"]
    for method, found in sorted(parameters.items()):
        lines.append(
            f'    "{method}": (' + " ".join(f'({i}, "{n}", "{m}"),' for i, n, m in sorted(found)) + "),\n"
        )
    lines.append("}\n\nRESULTS: dict[str, tuple[str, ...]] = {\n")
    for method, members in sorted(results.items()):
        lines.append(f'    "{method}": (' + " ".join(f'"{each}",' for each in sorted(members)) + "),\n")
    names = textwrap.fill(" ".join(sorted(open_results(Path(sys.argv[1])))), 110, break_long_words=False)
    lines.append(f'}}\n\n_OPEN = """\n{names}\n"""\nOPEN_RESULTS = frozenset(_OPEN.split())\n')
    TARGET.write_text("".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
