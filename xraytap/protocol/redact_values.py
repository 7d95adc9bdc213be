"""Secrets in decoded calls: which they are, and the same values without them. Shared by XML-RPC and JSON-RPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xraytap.protocol.messages import strip_async
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "<redacted>"
MULTICALL = "system.multicall"
_UNDERSCORED = {name.replace(".", "_"): name for name in (*PARAMETERS, *RESULTS)}
"""XAPI takes `session_login_with_password` as well."""


def known_as(method: str) -> str:
    """The method's name in the tables: without `Async.`, blanks, or XAPI's underscore."""
    name = strip_async(method.strip())[0]
    return _UNDERSCORED.get(name, name)


def clean_params(method: str, params: list[Any]) -> tuple[list[Any], list[str]]:
    """The parameters without secrets, and the secrets' names."""
    name = known_as(method)
    if name == MULTICALL:
        return _clean_multicall(params)
    found: list[str] = []
    params = list(params)
    for position, parameter, member in PARAMETERS.get(name, ()):
        # By name (JSON-RPC 2.0) the parameters are one struct.
        if position < len(params) and not member:
            new, hit = REDACTED, not _is_empty(params[position])
            if hit:
                params[position] = new
                found.append(f"{name}.{parameter}")
        elif position < len(params):
            params[position], hit = _without(params[position], {member})
            if hit:
                found.append(f"{name}.{parameter}.{member}")
        if params and isinstance(params[0], dict | Struct):
            params[0], hit = _without(params[0], {member or parameter})
            if hit:
                found.append(f"{name}.{parameter}")
    return params, list(dict.fromkeys(found))


def clean_result(method: str, value: Any) -> tuple[Any, list[str]]:  # noqa: ANN401  wire values or JSON
    """The answer's value without secrets, and the secrets' names."""
    name = known_as(method)
    members = RESULTS.get(name, ())
    if "" in members:
        return (value, []) if _is_empty(value) else (REDACTED, [f"{name}.result"])
    found = []
    for member in members:
        value, hit = _without(value, {member})
        if hit:
            found.append(f"{name}.result.{member}")
    return value, found


def _clean_multicall(params: list[Any]) -> tuple[list[Any], list[str]]:
    """Each call cleaned by its own name; what does not have the shape of a call goes as a whole."""
    found: list[str] = []

    def each(call: Any) -> Any:  # noqa: ANN401
        pairs = dict(_pairs(call) or ())
        name, inner = pairs.get("methodName"), pairs.get("params")
        if len(pairs) == 2 and isinstance(call, dict) and isinstance(name, str) and isinstance(inner, list):
            cleaned, hits = clean_params(name, inner)
            found.extend(hits)
            return {**call, "params": cleaned}
        found.append(f"{MULTICALL}.call")
        return REDACTED

    new = [[each(call) for call in one] if isinstance(one, list) else each(one) for one in params]
    return new, list(dict.fromkeys(found))


def _without(value: Any, names: Iterable[str]) -> tuple[Any, bool]:  # noqa: ANN401
    """`value` with every member so named replaced, at any depth; whether there was one."""
    pairs = _pairs(value)
    if pairs is not None:
        hit, new = False, []
        for key, inner in pairs:
            if key in names and not _is_empty(inner):
                new.append((key, REDACTED))
                hit = True
            else:
                cleaned, below = _without(inner, names)
                new.append((key, cleaned))
                hit = hit or below
        return (_same_kind(value, new), True) if hit else (value, False)
    if isinstance(value, list):
        cleaned_all = [_without(each, names) for each in value]
        if any(hit for _, hit in cleaned_all):
            return [each for each, _ in cleaned_all], True
    return value, False


def _pairs(value: Any) -> list[tuple[str, Any]] | None:  # noqa: ANN401
    if isinstance(value, dict):
        return list(value.items())
    return list(value.items) if isinstance(value, Struct) else None


def _same_kind(value: Any, pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401
    return Struct(tuple(pairs)) if isinstance(value, Struct) else dict(pairs)


def _is_empty(value: Any) -> bool:  # noqa: ANN401
    """An empty container tells nothing; an empty password does."""
    return isinstance(value, dict | list) and not value
