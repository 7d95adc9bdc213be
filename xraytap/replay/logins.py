"""Who logs in: the recorded users, as whom today, and with which password. Never from a file.

The user is the one that `--login` names for the recorded one, else XRAYTAP_USER, else the recorded one. The
password is XRAYTAP_PASSWORD, else the keyring's, else asked for on a terminal; an empty one stays empty.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

USER, PASSWORD = "XRAYTAP_USER", "XRAYTAP_PASSWORD"
SERVICE = "xraytap"
"""What the keyring files passwords under, with `user@host` as the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """Recorded user to user and password; None stands for users that the recording does not name."""

    known: Mapping[str | None, tuple[str, str]] = field(default_factory=dict)

    def of(self, user: str | None) -> tuple[str, str]:
        """User and password for a recorded user."""
        return self.known[user]


def parse_logins(texts: Iterable[str]) -> dict[str, str]:
    """`RECORDED=NEW` each. UsageError for other texts."""
    found = {}
    for text in texts:
        old, equals, new = text.partition("=")
        if not equals or not new:
            raise UsageError(f"--login {text}: expected RECORDED=NEW, e.g. --login root=admin.")
        found[old] = new
    return found


def gather(
    users: Mapping[str | None, bool],
    host: str,
    *,
    named: Mapping[str, str],
    ask: Callable[[str], str] | None,
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[str, str], str | None] | None = None,
) -> Logins:
    """The credentials of all `users`, recorded user to whether its password was empty.

    `ask(user)` asks a person for a password, None where there is nobody to ask. UsageError if a password
    cannot be had.
    """
    look_up = keyring or _keyring
    found: dict[str | None, tuple[str, str]] = {}
    asked: dict[str, str] = {}
    for recorded, empty in users.items():
        user = named.get(recorded or "") or environ.get(USER) or recorded
        if user is None:
            raise UsageError(
                f"the recording does not show who logged in for a session; set {USER} to the user to log in as."
            )
        if user not in asked:
            asked[user] = _password(user, host, empty=empty, ask=ask, environ=environ, look_up=look_up)
        found[recorded] = (user, asked[user])
    return Logins(known=found)


def _password(
    user: str,
    host: str,
    *,
    empty: bool,
    ask: Callable[[str], str] | None,
    environ: Mapping[str, str],
    look_up: Callable[[str, str], str | None],
) -> str:
    given = environ.get(PASSWORD)
    if given is not None:
        return given
    if empty:
        return ""
    kept = look_up(SERVICE, f"{user}@{host}")
    if kept is not None:
        return kept
    if ask is None:
        raise UsageError(
            f"no password for {user or 'the user without a name'} on {host}: set {PASSWORD} (and {USER}), "
            f"or keep it in the keyring: keyring set {SERVICE} {user}@{host}"
        )
    return ask(user)


def _keyring(service: str, name: str) -> str | None:
    """The keyring's password, if the keyring is installed and has one."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(service, name)
    except KeyringError:
        return None
    return found
