"""What the screens take from the user's own files at the start, and leave there at the end: keys, theme, layout.

Without a profile (as in tests) nobody's files are read or written.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from xraytap.tui.config import Config, config_path, load_config
from xraytap.tui.keys import KEYS
from xraytap.tui.state import State, load_state, save_state, state_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(slots=True, kw_only=True)
class Profile:
    """`problems` are sentences about what could not be used of either file."""

    config: Config
    state: State
    state_file: Path
    problems: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, themes: Iterable[str], *, config_file: Path | None = None, state_file: Path | None = None
    ) -> Self:
        """The user's own, or that of these files."""
        config = load_config(config_file or config_path(), KEYS, themes)
        file = state_file or state_path()
        state, trouble = load_state(file)
        problems = (*config.problems, *(() if trouble is None else (trouble,)))
        return cls(config=config, state=state, state_file=file, problems=problems)

    @property
    def theme(self) -> str:
        """The config file's, else the one chosen the last time; empty for none."""
        return self.config.theme or self.state.theme

    def remembered(self) -> dict[str, Any]:
        """What the main screen takes over."""
        return asdict(self.state)

    def keep(self, arranged: Mapping[str, object], theme: str) -> str | None:
        """Write what the main screen has now; why it could not be, as a sentence."""
        known = {each.name for each in fields(State)}
        found: dict[str, Any] = {name: value for name, value in arranged.items() if name in known}
        self.state = State(**{**found, "theme": theme})
        return save_state(self.state, self.state_file)
