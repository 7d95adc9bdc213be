"""Which names are secret beside the data model's own: keys named like secrets, and patterns of the user.

Maps such as `other_config` take any key, so no data model knows what they hold: a text under a name like
`password` is taken for a secret. Patterns (`--redact`) are fitted to a parameter's or member's name, alone and
with the method before it: `*licence*`, `VM.set_other_config.*token*`, `host.get_license_params.result`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from xraytap.errors import UsageError
from xraytap.protocol.glob import glob_matches

NEEDLES = (b"passw", b"passphrase", b"pwd", b"secret", b"token", b"credential", b"private", b"psk", b"api")
"""In lower case: a name that holds none of these does not look like a secret."""
_LIKE_A_SECRET = re.compile(
    r"(?i)passw|passphrase|pwd|secret|token|credential|private[_ .-]?key|(?<![a-z])psk(?![a-z])|api[_ .-]?key"
)
_HARMLESS = frozenset({"repository_proxy_password"})
"""Fields of the data model that are named so and hold no secret: a reference."""
_EVENTS = frozenset({"event.from", "event.next"})
_NAMES_KEPT = 20_000
MOST = 100
"""Patterns of the user."""


class Verdict(IntEnum):
    """What is done with a member of that name."""

    KEEP = 0
    TEXT = 1
    """Replaced if it is a text."""
    WHOLE = 2
    """Replaced whatever it is."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`patterns` are the user's. UsageError for what cannot be one."""

    patterns: tuple[str, ...] = ()
    _verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict, repr=False, compare=False)
    _positions: dict[str, tuple[tuple[int, str], ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if len(self.patterns) > MOST:
            raise UsageError(f"{len(self.patterns)} patterns to redact; at most {MOST} are taken.")
        for each in self.patterns:
            if not each.strip() or len(each) > 1000 or each.strip("*?.") == "":
                raise UsageError(
                    f"--redact {each!r} would fit every name, or none; give the name of a parameter or member, "
                    "with * and ?, alone or after its method: '*licence*', 'VM.set_other_config.*token*'."
                )

    def member(self, method: str, name: str) -> Verdict:
        """What is done with a struct's member in parameters or result of `method` (without `Async.`)."""
        key = (method, name)
        found = self._verdicts.get(key)
        if found is None:
            found = self._judge(method, name)
            if len(self._verdicts) >= _NAMES_KEPT:  # peers choose the names
                self._verdicts.clear()
            self._verdicts[key] = found
        return found

    def parameters(self, method: str) -> tuple[tuple[int, str], ...]:
        """Position and name of the parameters that the user's patterns fit, by either data model."""
        if not self.patterns:
            return ()
        found = self._positions.get(method)
        if found is None:
            from xraytap.protocol.datamodel import APIS, load

            known = [load(api).message(method) for api in APIS]
            named = {
                (index, each.name)
                for facts in known
                if facts is not None
                for index, each in enumerate(facts.params)
                if self._fits(method, each.name)
            }
            if len(self._positions) >= _NAMES_KEPT:
                self._positions.clear()
            found = self._positions[method] = tuple(sorted(named))
        return found

    def result(self, method: str) -> bool:
        """Whether the user's patterns take the whole result."""
        return any(glob_matches(each, f"{method}.result") for each in self.patterns)

    def _judge(self, method: str, name: str) -> Verdict:
        if self._fits(method, name):
            return Verdict.WHOLE
        if _LIKE_A_SECRET.search(name) is None or name in _HARMLESS:
            return Verdict.KEEP
        # The batch's token is what ties polls together; a key of that name in a snapshot is lost to this.
        return Verdict.KEEP if name == "token" and method in _EVENTS else Verdict.TEXT

    def _fits(self, method: str, name: str) -> bool:
        return any(
            glob_matches(each, name) or glob_matches(each, f"{method}.{name}") for each in self.patterns
        )


DEFAULT = Rules()


def may_name_a_secret(body: bytes) -> bool:
    """Whether a name like a secret's may be in these bytes: a scan, quick enough for every body."""
    lower = body.lower()
    for needle in NEEDLES:  # noqa: SIM110  a generator takes twice the time
        if needle in lower:
            return True
    return False
