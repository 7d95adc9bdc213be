"""Where secrets were taken out of a request, and which environment variable stands for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xraytap.protocol.redact_values import REDACTED, known_as
from xraytap.protocol.secrets_table import PARAMETERS
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value

_PASSWORDS = frozenset({"pwd", "password", "psecret", "secret"})


def variable(name: str) -> str:
    """The environment variable for the secret `name`: `XRAYTAP_PASSWORD` for a login's `pwd`, else
    `XRAYTAP_` and the name in capitals (`XRAYTAP_MASTER_PASSWORD`)."""
    if name in _PASSWORDS:
        return "XRAYTAP_PASSWORD"
    return "XRAYTAP_" + (re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "SECRET")


def param_name(request: Request, position: int) -> str:
    """What the secret at a position is called; `secret 3` for the third parameter of a call unknown."""
    for place, name, _ in PARAMETERS.get(known_as(request.method), ()):
        if place == position:
            return name
    return f"secret {position + 1}"


def secret_names(request: Request) -> list[str]:
    """The names of the secrets that were taken out, in the order of the document."""
    return [
        name
        for position, value in enumerate(request.params)
        for name in _names(value, param_name(request, position))
    ]


def _names(value: Value, name: str) -> Iterator[str]:
    if isinstance(value, str):
        if value == REDACTED:
            yield name
        return
    if isinstance(value, list):
        for each in value:
            yield from _names(each, name)
        return
    for member, each in members(value) or ():
        yield from _names(each, member)
