"""Secrets in decoded calls: which they are, and the same values without them. Shared by XML-RPC and JSON-RPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xraytap.protocol.messages import strip_async
from xraytap.protocol.redact_rules import DEFAULT, Rules, Verdict
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REDACTED = "<redacted>"
MULTICALL = "system.multicall"
_UNDERSCORED = {name.replace(".", "_"): name for name in (*PARAMETERS, *RESULTS)}
"""XAPI takes `session_login_with_password` as well."""


def known_as(method: str) -> str:
    """The method's name in the tables: without `Async.`, blanks, or XAPI's underscore."""
    name = strip_async(method.strip())[0]
    return _UNDERSCORED.get(name, name)


def added_under(name: str, params: Sequence[Any], rules: Rules) -> tuple[int, str] | None:
    """Where `X.add_to_MAP` puts a text under a key that makes it a secret: the position, and the key."""
    if not name.rpartition(".")[2].startswith("add_to_") or len(params) < 4 or not isinstance(params[2], str):
        return None
    key = str(params[2])
    return None if rules.member(name, key) is Verdict.KEEP else (3, key)


def clean_params(method: str, params: list[Any], rules: Rules = DEFAULT) -> tuple[list[Any], list[str]]:
    """The parameters without secrets, and the secrets' names."""
    name = known_as(method)
    if name == MULTICALL:
        return _clean_multicall(params, rules)
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
    for position, parameter in rules.parameters(name):
        if position < len(params) and params[position] != REDACTED and not _is_empty(params[position]):
            params[position] = REDACTED
            found.append(f"{name}.{parameter}")
    added = added_under(name, params, rules)
    if added is not None and params[added[0]] != REDACTED:
        params[added[0]] = REDACTED
        found.append(f"{name}.{added[1]}")
    for position, each in enumerate(params):
        params[position], names = _by_name(each, name, rules)
        found.extend(f"{name}.{member}" for member in names)
    return params, list(dict.fromkeys(found))


def clean_result(method: str, value: Any, rules: Rules = DEFAULT) -> tuple[Any, list[str]]:  # noqa: ANN401  wire values or JSON
    """The answer's value without secrets, and the secrets' names."""
    name = known_as(method)
    members = RESULTS.get(name, ())
    if "" in members or rules.result(name):
        return (value, []) if _is_empty(value) else (REDACTED, [f"{name}.result"])
    found = []
    for member in members:
        value, hit = _without(value, {member})
        if hit:
            found.append(f"{name}.result.{member}")
    value, names = _by_name(value, name, rules)
    found.extend(f"{name}.result.{member}" for member in names)
    return value, list(dict.fromkeys(found))


def _by_name(value: Any, method: str, rules: Rules) -> tuple[Any, list[str]]:  # noqa: ANN401
    """`value` with every member replaced whose name makes it a secret, at any depth, and these names."""
    pairs = _pairs(value)
    if pairs is None and not isinstance(value, list):
        return value, []
    found: list[str] = []
    if pairs is None:
        cleaned = [_by_name(each, method, rules) for each in value]
        found = [name for _, names in cleaned for name in names]
        return ([each for each, _ in cleaned], found) if found else (value, [])
    new = []
    for key, inner in pairs:
        verdict = rules.member(method, key)
        text = isinstance(inner, str) and inner != ""
        if (
            inner == REDACTED
            or _is_empty(inner)
            or verdict is Verdict.KEEP
            or not (text or verdict is Verdict.WHOLE)
        ):
            kept, names = _by_name(inner, method, rules)
        else:
            kept, names = REDACTED, [key]
        new.append((key, kept))
        found += names
    return (_same_kind(value, new), found) if found else (value, [])


def _clean_multicall(params: list[Any], rules: Rules) -> tuple[list[Any], list[str]]:
    """Each call cleaned by its own name; what does not have the shape of a call goes as a whole."""
    found: list[str] = []

    def each(call: Any) -> Any:  # noqa: ANN401
        pairs = dict(_pairs(call) or ())
        name, inner = pairs.get("methodName"), pairs.get("params")
        if len(pairs) == 2 and isinstance(call, dict) and isinstance(name, str) and isinstance(inner, list):
            cleaned, hits = clean_params(name, inner, rules)
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
