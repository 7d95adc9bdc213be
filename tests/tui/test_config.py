"""The config file: what it sets, and how a mistake in it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from xraytap.tui.config import UNBOUND, key_name, load_config

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Action:
    id: str
    keys: str
    context: str


ACTIONS = [
    Action("filter", "slash", "browse"),
    Action("follow", "f", "browse"),
    Action("quit", "q,ctrl+q", "app"),
    Action("lines.down", "j,down", "lines"),
    Action("lines.up", "k,up", "lines"),
    Action("captures.delete", "d", "captures"),
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/", "slash"),
        ("slash", "slash"),
        ("?", "question_mark"),
        ("x", "x"),
        ("X", "X"),
        ("^p", "ctrl+p"),
        ("Ctrl+P", "ctrl+p"),
        ("ctrl+shift+left", "ctrl+shift+left"),
        ("esc", "escape"),
        ("PgUp", "pageup"),
        (" ", "space"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("F5", "f5"),
        ("é", "é"),
        ("-", "minus"),
        ("f99", None),
        ("control+x", None),
        ("banana", None),
    ],
)
def test_a_key_is_written_as_people_write_it(text: str, name: str | None) -> None:
    assert key_name(text) == name


def write(folder: Path, text: str) -> Path:
    path = folder / "tui.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_keys_are_bound_by_the_name_of_their_action(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'theme = "nord"\n[keys]\nfilter = "f, ^f"\nfollow = []\nlines.down = ["n", "down"]\n"lines.up" = "p"\n',
    )
    config = load_config(path, ACTIONS, ["nord"])
    assert config.theme == "nord"
    assert config.keymap == {"filter": "f,ctrl+f", "follow": UNBOUND, "lines.down": "n,down", "lines.up": "p"}
    assert config.problems == ()


def test_two_actions_may_swap_their_keys(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, '[keys]\nfilter = "f"\nfollow = "/"\n'), ACTIONS)
    assert (config.keymap, config.problems) == ({"filter": "f", "follow": "slash"}, ())


def test_without_a_file_all_is_as_it_was(tmp_path: Path) -> None:
    config = load_config(tmp_path / "none.toml", ACTIONS)
    assert (config.theme, dict(config.keymap), config.problems) == (None, {}, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\nfilter = "q"\n', "keys.filter: the key 'q' is that of 'quit' already"),
        ('[keys]\nquit = "d"\n', "keys.quit: the key 'd' is that of 'captures.delete' already"),
        ('[keys]\nlines.down = "f"\n', "keys.lines.down: the key 'f' is that of 'follow' already"),
        ('[keys]\nfilter = "x"\nfollow = "x"\n', "keys.follow: the key 'x' is that of 'filter' already"),
        (
            '[keys]\nfolow = "x"\n',
            "keys.folow: there is no such action; it is left out of account. Nearest: 'follow'",
        ),
        ('[keys]\nfollow = "hyper hyper"\n', "keys.follow: 'hyper hyper' is no key"),
        ("[keys]\nfollow = 3\n", "keys.follow: found 3, expected a key or a list of keys"),
        ("keys = 3\n", "keys: found 3, expected a table"),
        ('theme = "nrod"\n', "theme: 'nrod' is no theme; it is left out of account. Nearest: 'nord'"),
        (
            "colour = 1\n",
            "colour: there is no such setting; it is left out of account. There are: theme, keys.",
        ),
        ("theme = \n", "is left out of account: Invalid value (at line 1"),
    ],
)
def test_a_mistake_is_told_and_left_out(text: str, told: str, tmp_path: Path) -> None:
    config = load_config(write(tmp_path, text), ACTIONS, ["nord"])
    assert len(config.problems) == 1
    assert told in config.problems[0]
    assert str(tmp_path) in config.problems[0]
    assert "x" in config.keymap.values() or not config.keymap


def test_the_same_key_may_serve_two_screens(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, '[keys]\nfollow = "d"\n'), ACTIONS)
    assert (config.keymap, config.problems) == ({"follow": "d"}, ())


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tui.toml"
    path.write_bytes(b"\xff")
    assert "utf-8" in load_config(path, ACTIONS).problems[0]
    assert "directory" in load_config(tmp_path, ACTIONS).problems[0]
