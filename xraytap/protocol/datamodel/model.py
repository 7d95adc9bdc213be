"""The model of one API release, looked up by name."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from xraytap.protocol.datamodel.data import read
from xraytap.protocol.datamodel.types import Type, parse_type

_NEAR_KEPT = 1000
"""Names whose neighbours are remembered: to find them takes milliseconds."""

APIS = ("xend", "xapi")
_FIELDED = ("record", "struct")
_INTROSPECTION: dict[str, Any] = {
    "system.listMethods": {"returns": "string set", "effect": "read"},
    "system.methodHelp": {"params": [["method", "string"]], "returns": "string", "effect": "read"},
    "system.methodSignature": {"params": [["method", "string"]], "returns": "any", "effect": "read"},
}
"""Python's XML-RPC servers answer these, and XAPI the first; no data model lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter as it stands on the wire. `optional`: a trailing one that may be left away."""

    name: str
    type: Type
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """What is known of one call. `params` as on the wire: the session first where one is due.

    `effect`: `read check event session write destroy`. `kind`: `custom`, or which implicit message it is.
    `state`: `published prototyped deprecated removed`. `status`: how far xend implements it, `ok` for all.
    `implemented`: False for a call that xend's document has and xend has not. `internal`: only for calls of
    one XAPI host to another. `legacy`: a call of xend's older interface, without envelope or session.
    """

    method: str
    params: tuple[Param, ...]
    returns: Type
    effect: str
    kind: str = "custom"
    has_async: bool = False
    takes_session: bool = True
    state: str = "published"
    status: str = "ok"
    implemented: bool = True
    internal: bool = False
    legacy: bool = False

    @property
    def least(self) -> int:
        """How many parameters must be there."""
        return sum(not each.optional for each in self.params)


class Model:
    """One release. `api` is its title, `name` the short one: `xend` or `xapi`."""

    def __init__(self, name: str, facts: dict[str, Any]) -> None:
        self.name = name
        self.api: str = facts["api"]
        self._classes: dict[str, Any] = facts["classes"]
        self._legacy: dict[str, Any] = facts["legacy"]
        self._enums: dict[str, list[str]] = facts["enums"]
        self._structs: dict[str, dict[str, str]] = facts["structs"]
        self._errors: dict[str, list[str] | None] = facts["errors"]
        self._undocumented = frozenset(facts["undocumented"])
        self._near: dict[str, list[str]] = {}
        self._by_lower: dict[str, str] = {}
        self._ref_holders: dict[Type, bool] = {}
        self._fields: dict[tuple[str, str], dict[str, Type]] = {}
        self._known: dict[str, MessageFacts | None] = {}

    def message(self, method: str) -> MessageFacts | None:
        """The call `method` (without `Async.`; XAPI takes `VM_start` as well), None if the API has none such."""
        if method not in self._known:
            self._known[method] = self._message(method)
        return self._known[method]

    def methods(self) -> list[str]:
        """Every call, legacy ones included."""
        named = [
            f"{name}.{message}" for name, known in self._classes.items() for message in known["messages"]
        ]
        return sorted((*named, *self._legacy))

    @cached_property
    def _names(self) -> list[str]:
        return self.methods()

    def classes(self) -> list[str]:
        """Every class."""
        return sorted(self._classes)

    def class_named(self, text: str) -> str | None:
        """The class that a text names in any case: XAPI's events write `vm`."""
        if not self._by_lower:
            self._by_lower.update((each.lower(), each) for each in self._classes)
        return self._by_lower.get(text.lower())

    def nearest(self, method: str) -> list[str]:
        """Up to three calls whose names come near."""
        if method not in self._near:
            if len(self._near) >= _NEAR_KEPT:
                self._near.clear()
            self._near[method] = difflib.get_close_matches(method, self._names, n=3, cutoff=0.75)
        return self._near[method]

    def error(self, code: str) -> tuple[str, ...] | None:
        """The names of an error's arguments; empty where they are not documented; None for an unknown code."""
        return None if code not in self._errors else tuple(self._errors[code] or ())

    def errors(self) -> list[str]:
        """Every error code."""
        return sorted(self._errors)

    def undocumented(self, code: str) -> bool:
        """Whether the host sends the error although no document has it."""
        return code in self._undocumented

    def enum(self, name: str) -> tuple[str, ...]:
        """The words of an enum."""
        return tuple(self._enums.get(name, ()))

    def fields(self, kind: str, name: str) -> dict[str, Type]:
        """The members of a record or struct, as they come on the wire."""
        found = self._fields.get((kind, name))
        if found is None:
            if kind == "struct":
                texts = self._structs.get(name, {})
            else:
                known = self._classes.get(name, {}).get("fields", {})
                texts = {field: facts.get("wire") or facts["type"] for field, facts in known.items()}
            found = self._fields[kind, name] = {field: parse_type(text) for field, text in texts.items()}
        return found

    def holds_refs(self, type_: Type) -> bool:
        """Whether a value of that type may have references inside that its type tells."""
        found = self._ref_holders.get(type_)
        if found is None:
            self._ref_holders[type_] = False  # a type inside itself adds nothing
            inner = (
                (*type_.of, *self.fields(type_.kind, type_.name).values())
                if type_.kind in _FIELDED
                else type_.of
            )
            found = self._ref_holders[type_] = (
                type_.kind == "ref" or type_.name == "event" or any(map(self.holds_refs, inner))
            )
        return found

    def declared(self, class_name: str, field: str) -> Type | None:
        """The declared type of a field, where the wire may differ from it."""
        facts = self._classes.get(class_name, {}).get("fields", {}).get(field)
        return None if facts is None else parse_type(facts["type"])

    def creation(self, class_name: str) -> dict[str, bool]:
        """The members of a record given to `create`, each with whether XAPI asks for it (xend asks for none)."""
        known = self._classes.get(class_name, {}).get("fields", {})
        return {
            field: self.name == "xapi" and facts["create"] == "needed"
            for field, facts in known.items()
            if "create" in facts
        }

    def volatile(self, class_name: str, field: str) -> str | None:
        """Why a field differs from run to run: `id time metric event`, None if it does not."""
        facts = self._classes.get(class_name, {}).get("fields", {}).get(field, {})
        found: str | None = facts.get("volatile")
        return found

    def _message(self, method: str) -> MessageFacts | None:
        known = self._legacy.get(method) or _INTROSPECTION.get(method)
        if known is not None:
            return self._facts(method, known, legacy=True)
        class_name, _, message = method.rpartition(".")
        if not class_name and self.name == "xapi":
            for name, about in self._classes.items():
                if method.startswith(name + "_") and method[len(name) + 1 :] in about["messages"]:
                    class_name, message = name, method[len(name) + 1 :]
        facts = self._classes.get(class_name, {}).get("messages", {}).get(message)
        return None if facts is None else self._facts(f"{class_name}.{message}", facts, legacy=False)

    def _facts(self, method: str, facts: dict[str, Any], *, legacy: bool) -> MessageFacts:
        read = _parse_native if legacy else parse_type
        returns = read(facts.get("returns") or "void")
        kind = facts.get("kind", "custom")
        class_name, _, message = method.rpartition(".")
        if kind == "get":
            returns = self.fields("record", class_name).get(message.removeprefix("get_"), returns)
        params = facts.get("impl_params") or facts.get("params", [])
        return MessageFacts(
            method=method,
            params=tuple(Param(name=each[0], type=read(each[1]), optional=len(each) > 2) for each in params),
            returns=returns,
            effect=facts.get("effect", "write"),
            kind=kind,
            has_async=bool(facts.get("async")),
            takes_session=not legacy and facts.get("session", True),
            state=facts.get("state", "published"),
            status=facts.get("status", "ok"),
            implemented=facts.get("implemented", True),
            internal=facts.get("internal", False),
            legacy=legacy,
        )


def _parse_native(text: str) -> Type:
    """A type of the legacy calls, whose ints come as numbers; texts of digits are taken as well."""
    return parse_type(re.sub(r"\bint\b", "i4", text))


@cache
def load(name: str) -> Model:
    """The model of `xend` or `xapi`."""
    if name not in APIS:
        raise ValueError(f"no API {name!r}; one of {' '.join(APIS)}")
    return Model(name, read(name))
