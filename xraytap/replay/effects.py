"""What a call does to the host, by the data model: the ground on which a replay sends it or withholds it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.datamodel.model import Model

_HARMLESS = frozenset({"read", "check", "event", "session"})
_INTROSPECTION = frozenset(
    {"system.listMethods", "system.methodHelp", "system.methodSignature", "system.isAlive:x"}
)


class Effect(StrEnum):
    """READ leaves the host as it is (logins and event registrations count here); CHANGE alters something;
    DESTROY loses something for good. What nobody knows counts as CHANGE."""

    READ = "read"
    CHANGE = "change"
    DESTROY = "destroy"


def effect_of(method: str, model: Model) -> Effect:
    """The effect of `method` (without `Async.`)."""
    if method in _INTROSPECTION:
        return Effect.READ
    facts = model.message(method)
    if facts is None:
        return Effect.CHANGE
    if facts.effect in _HARMLESS:
        return Effect.READ
    return Effect.DESTROY if facts.effect == "destroy" else Effect.CHANGE


def allowed(names: Iterable[str]) -> frozenset[Effect]:
    """What may be sent: READ, and what the user named; who allows destroying allows changing."""
    wanted = {Effect(name) for name in names}
    if Effect.DESTROY in wanted:
        wanted.add(Effect.CHANGE)
    return frozenset({Effect.READ, *wanted})
