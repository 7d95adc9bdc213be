"""What the user set in the file `tui.toml` of their config directory: theme and keys (docs/tui.md).

Nothing in the file stops the application: what it cannot use is told, with what would fit, and left out.
"""

from __future__ import annotations

import difflib
import string
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textual.keys import _character_to_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

UNBOUND = "unbound"
"""What Textual is told for an action that the user wants no key for: no terminal sends such a key."""

_EVERYWHERE = frozenset({"app", "lines"})
"""Contexts that count in every screen: the application's, and the lists of lines that each has."""

_TOGETHER = (
    frozenset({"browse", "calls", "detail", "view"}),
    frozenset({"list", "statistics"}),
    frozenset({"compare", "two-captures"}),
)
"""Contexts that count in one screen at the same time."""

_MODIFIERS = ("ctrl", "alt", "shift", "meta", "super", "hyper")
_NAMES = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "pgup": "pageup",
    "pgdn": "pagedown",
    " ": "space",
}
_KNOWN = {
    *("escape", "enter", "tab", "backspace", "delete", "insert", "space"),
    *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
} | {f"f{number}" for number in range(1, 25)}


class Action(Protocol):
    """What can be bound (`xraytap.tui.keys.Key`): an id, its keys as Textual writes them, and where it counts."""

    @property
    def id(self) -> str:
        """The name in the file."""

    @property
    def keys(self) -> str:
        """By default, separated by commas."""

    @property
    def context(self) -> str:
        """The widget or screen that has the action; `app` is everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`keymap` is Textual's: action id to keys, separated by commas. `problems` are sentences for the user."""

    path: Path
    theme: str | None = None
    keymap: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def config_path() -> Path:
    """`tui.toml` in the user's config directory."""
    import platformdirs

    return Path(platformdirs.user_config_dir("xraytap", appauthor=False)) / "tui.toml"


def load_config(path: Path, actions: Iterable[Action], themes: Iterable[str] = ()) -> Config:
    """Read the file at `path`; a missing one means the defaults. `themes`: the names that there are, any if
    none are given."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return Config(path=path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return Config(path=path, problems=(f"{path} is left out of account: {reason}.",))
    reader = _Reader(path, tuple(actions), tuple(themes))
    theme = reader.theme(document.pop("theme", None))
    keymap = reader.keymap(document.pop("keys", {}))
    reader.leftovers(document)
    return Config(path=path, theme=theme, keymap=keymap, problems=tuple(reader.problems))


def key_name(text: str) -> str | None:
    """Textual's name of a key as people write it: `/` is `slash`, `^p` and `Ctrl+P` are `ctrl+p`; None for
    what is no key."""
    text = text if text == " " else text.strip()
    if len(text) > 1 and text.startswith("^"):
        text = f"ctrl+{text[1:]}"
    if text.endswith("+"):
        modifiers, key = text[:-1].split("+"), "+"
    else:
        *modifiers, key = text.split("+")
    modifiers = [each.lower() for each in modifiers if each]
    if any(each not in _MODIFIERS for each in modifiers):
        return None
    if len(key) == 1:
        key = _character_to_key(key.lower() if modifiers and "shift" not in modifiers else key)
    else:
        key = _NAMES.get(key.lower(), key.lower())
        if key not in _KNOWN and not _is_character_name(key):
            return None
    return "+".join((*modifiers, key))


class _Reader:
    """Gathers problems while it reads."""

    def __init__(self, path: Path, actions: tuple[Action, ...], themes: tuple[str, ...]) -> None:
        self._path = path
        self._actions = {each.id: each for each in actions}
        self._themes = themes
        self.problems: list[str] = []

    def theme(self, value: Any) -> str | None:  # noqa: ANN401  TOML
        if value is None or (isinstance(value, str) and (not self._themes or value in self._themes)):
            return value
        self._tell("theme", f"{value!r} is no theme", self._near(str(value), self._themes))
        return None

    def keymap(self, table: Any) -> dict[str, str]:  # noqa: ANN401  TOML
        if not isinstance(table, dict):
            self._tell("keys", f"found {table!r}, expected a table of actions and their keys", "")
            return {}
        wanted: dict[str, list[str]] = {}
        for action_id, value in _flat(table):
            if action_id not in self._actions:
                self._tell(
                    f"keys.{action_id}", "there is no such action", self._near(action_id, self._actions)
                )
                continue
            keys = self._keys(action_id, value)
            if keys is not None:
                wanted[action_id] = keys
        self._drop_conflicts(wanted)
        return {action_id: ",".join(keys) or UNBOUND for action_id, keys in wanted.items()}

    def leftovers(self, document: dict[str, Any]) -> None:
        for name in document:
            self._tell(name, "there is no such setting", " There are: theme, keys.")

    # -- inside -------------------------------------------------------------------------------------

    def _keys(self, action_id: str, value: Any) -> list[str] | None:  # noqa: ANN401  TOML
        texts = value.split(",") if isinstance(value, str) and len(value) > 1 else value
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            self._tell(f"keys.{action_id}", f"found {value!r}, expected a key or a list of keys", "")
            return None
        keys = []
        for text in texts:
            name = key_name(text) if text else None
            if name is None and text:
                self._tell(
                    f"keys.{action_id}",
                    f"{text!r} is no key",
                    ' Keys read "x", "X", "/", "ctrl+x", "f5", "enter".',
                )
                return None
            if name is not None:
                keys.append(name)
        return list(dict.fromkeys(keys))

    def _drop_conflicts(self, wanted: dict[str, list[str]]) -> None:
        """Take out each setting whose key another action has where both count, until none is left."""
        while (found := self._conflict(wanted)) is not None:
            action_id, key, holder = found
            del wanted[action_id]
            what = f"the key {key!r} is that of '{holder}' already"
            self._tell(f"keys.{action_id}", what, f" Give '{holder}' another first.")

    def _conflict(self, wanted: dict[str, list[str]]) -> tuple[str, str, str] | None:
        """A setting, its key and who has that: of two settings, the one that the file names later."""
        before = [each for each in self._actions if each not in wanted]
        for action_id, keys in wanted.items():
            for holder in before:
                theirs = wanted.get(holder) or self._actions[holder].keys.split(",")
                shared = [each for each in keys if each in theirs]
                if shared and _meet(self._actions[action_id].context, self._actions[holder].context):
                    return action_id, shared[0], holder
            before.append(action_id)
        return None

    def _tell(self, where: str, what: str, hint: str) -> None:
        self.problems.append(f"{self._path}: {where}: {what}; it is left out of account.{hint}")

    @staticmethod
    def _near(name: str, known: Iterable[str]) -> str:
        found = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        return " Nearest: " + ", ".join(f"'{each}'" for each in found) + "." if found else ""


def _meet(one: str, other: str) -> bool:
    """Whether a key of both contexts could mean either."""
    together = any(one in each and other in each for each in _TOGETHER)
    return one == other or together or one in _EVERYWHERE or other in _EVERYWHERE


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """`lines.down = "j"` in TOML is a table in a table."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _is_character_name(name: str) -> bool:
    """Whether `name` is how Textual calls a sign of the keyboard, such as `slash` or `question_mark`."""
    return any(_character_to_key(sign) == name for sign in string.punctuation)
