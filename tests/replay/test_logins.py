"""Who logs in as whom, and where the password comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from xraytap.errors import UsageError
from xraytap.replay.logins import Logins, gather, parse_logins

if TYPE_CHECKING:
    from collections.abc import Mapping


def logins(
    users: Mapping[str | None, bool],
    *,
    named: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    kept: Mapping[str, str] | None = None,
    typed: str | None = None,
) -> Logins:
    """`kept` is the keyring by `user@host`; `typed` what a person answers, None for nobody there."""
    return gather(
        users,
        "xenhost",
        named=named or {},
        ask=None if typed is None else lambda _user: typed,
        environ=environ or {},
        keyring=lambda service, name: (kept or {}).get(name) if service == "xraytap" else None,
    )


BOTH = {"XRAYTAP_USER": "admin", "XRAYTAP_PASSWORD": "from-environment"}


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({"environ": BOTH}, ("admin", "from-environment")),
        ({"environ": BOTH, "named": {"root": "operator"}}, ("operator", "from-environment")),
        ({"environ": {"XRAYTAP_PASSWORD": ""}, "typed": "typed"}, ("root", "")),
        ({"kept": {"root@xenhost": "from-keyring"}, "typed": "typed"}, ("root", "from-keyring")),
        ({"kept": {"root@otherhost": "from-keyring"}, "typed": "typed"}, ("root", "typed")),
        ({"named": {"root": "operator"}, "kept": {"operator@xenhost": "hers"}}, ("operator", "hers")),
    ],
)
def test_user_and_password_come_from_the_first_who_knows(known: dict, found: tuple[str, str]) -> None:  # type: ignore[type-arg]
    assert logins({"root": False}, **known).of("root") == found


def test_an_empty_password_stays_empty_and_nobody_is_asked() -> None:
    assert logins({"": True}).of("") == ("", "")


def test_each_password_is_asked_for_once() -> None:
    asked: list[str] = []

    def ask(user: str) -> str:
        asked.append(user)
        return user.upper()

    found = gather(
        {"root": False, "admin": False, "other": False},
        "xenhost",
        named={"other": "root"},
        ask=ask,
        environ={},
        keyring=lambda *_: None,
    )
    assert asked == ["root", "admin"]
    assert found.of("other") == ("root", "ROOT")


def test_a_password_that_nobody_knows_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(
        UsageError, match=r"no password for root on xenhost: set XRAYTAP_PASSWORD .* keyring set"
    ):
        logins({"root": False})


def test_a_session_of_an_unknown_user_needs_one_named() -> None:
    with pytest.raises(UsageError, match="set XRAYTAP_USER"):
        logins({None: False}, typed="x")
    assert logins({None: False}, environ=BOTH).of(None) == ("admin", "from-environment")


def test_pairs_of_users_are_read() -> None:
    assert parse_logins(["root=admin", "=nobody"]) == {"root": "admin", "": "nobody"}
    with pytest.raises(UsageError, match="expected RECORDED=NEW"):
        parse_logins(["root="])
