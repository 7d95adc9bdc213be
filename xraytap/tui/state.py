"""What the screens remember from one start to the next, in a small file of the user's state directory.

A file that cannot be used is told and started anew; it never stops the application. It may hold filters, and
so parts of what was recorded: mode 0600.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

HISTORY_KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`columns` in their order, none for the default. `order` is a `SortKey`, `split` is `beside` or `below`,
    `split_percent` the table's share, `tab` the detail's. `filter_history` has the newest last;
    `saved_filters` are by name. An empty text means that nothing was chosen."""

    columns: tuple[str, ...] = ()
    order: str = ""
    descending: bool = False
    time: str = ""
    split: str = ""
    split_percent: int = 0
    tab: str = ""
    theme: str = ""
    filter_history: tuple[str, ...] = ()
    saved_filters: dict[str, str] = field(default_factory=dict)


def state_path() -> Path:
    """`tui.json` in the user's state directory."""
    import platformdirs

    return Path(platformdirs.user_state_dir("xraytap", appauthor=False)) / "tui.json"


def load_state(path: Path) -> tuple[State, str | None]:
    """What was saved, and what could not be used of it, as a sentence."""
    try:
        document = json.loads(path.read_bytes())
        if not isinstance(document, dict):
            raise ValueError("it holds no object")  # noqa: TRY004  as broken as JSON that does not parse
    except FileNotFoundError:
        return State(), None
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return State(), f"the state kept in {path} cannot be read: {reason}; all starts as new."
    kinds = get_type_hints(State)
    known = {each.name: document[each.name] for each in fields(State) if each.name in document}
    found = {name: _as(kinds[name], value) for name, value in known.items()}
    wrong = sorted(name for name, value in found.items() if value is None)
    state = State(**{name: value for name, value in found.items() if value is not None})
    if wrong:
        return state, f"the state kept in {path} is damaged: {', '.join(wrong)}; these start as new."
    return state, None


def save_state(state: State, path: Path) -> str | None:
    """Write it, whole or not at all; why it could not be, as a sentence."""
    document = asdict(state)
    document["filter_history"] = document["filter_history"][-HISTORY_KEPT:]
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp makes the file for its owner alone.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        return f"the state could not be kept in {path}: {error.strerror}."
    return None


def _as(kind: Any, value: Any) -> Any:  # noqa: ANN401  JSON
    """`value` if it is of the field's type, None if it is not."""
    if get_origin(kind) is tuple:
        return (
            tuple(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else None
        )
    if get_origin(kind) is dict:
        texts = isinstance(value, dict) and all(
            isinstance(each, get_args(kind)[1]) for each in value.values()
        )
        return value if texts else None
    return value if type(value) is kind else None
