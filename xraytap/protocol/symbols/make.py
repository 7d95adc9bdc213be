"""From decoded calls to a golden: sessions, references, tokens, times and secrets become symbols."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel.model import load
from xraytap.protocol.diff.volatile import Rules
from xraytap.protocol.golden import Golden, GoldenCall, Join, Reply, Symbol, response_of
from xraytap.protocol.messages import takes_envelope
from xraytap.protocol.symbols.census import Census
from xraytap.protocol.symbols.shapes import split_text
from xraytap.protocol.symbols.walk import Walk
from xraytap.protocol.values import Bare, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.golden import Symbolic
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.symbols.walk import Trail
    from xraytap.protocol.values import Value

_LEAST = 8
"""Shorter texts than this are not taken for a token where they stand by chance."""


def unfit(row: CallRow, call: DecodedCall) -> str | None:
    """Why a call cannot stand in a golden; None if it can."""
    if row.protocol not in ("xmlrpc", "jsonrpc"):
        return "it is no RPC call"
    if call.request is None:
        return f"its request is undecodable: {call.request_error}"
    if row.outcome is Outcome.UNDECODABLE:
        return f"its answer is undecodable: {call.response_error}"
    return None


def golden_of(
    calls: Iterable[tuple[CallRow, DecodedCall]],
    *,
    api: str,
    about: str = "",
    recorded: Mapping[str, str] | None = None,
    volatile: tuple[str, ...] = (),
    timed: bool = False,
) -> Golden:
    """The golden of `calls`, in their order. Calls that are `unfit` are left out: tell the user which.

    `api` tells the data model as well. `volatile` are names beside those that the data model knows. `timed`
    keeps how long each took; without it the same scenario gives the same golden.
    """
    fit = [(row, call) for row, call in calls if unfit(row, call) is None]
    model = model_of(api)
    rules = Rules(model=model)
    classes = {} if model is None else {name.lower(): name for name in model.classes()}
    census = Census(rules.is_volatile, classes)
    walk = Walk(model, census)
    for row, call in fit:
        _call(row, call, walk)
    naming = _Naming(census.symbols(), rules.is_volatile)
    walk = Walk(model, naming)
    made = [_call(row, call, walk) for row, call in fit]
    if timed:
        made = [replace(each, elapsed_ms=row.elapsed_ms) for each, (row, _) in zip(made, fit, strict=True)]
    secrets = dict.fromkeys(name for row, _ in fit for name in row.redacted) | naming.secrets
    return Golden(
        api=api,
        about=about,
        recorded=dict(recorded or {}),
        redacted=tuple(secrets),
        volatile=(*volatile, *sorted(naming.volatile - set(volatile))),
        bare_strings=_writes_bare(fit),
        protocol=made[0].protocol if made else "xmlrpc",
        calls=tuple(made),
    )


def model_of(api: str) -> Model | None:
    """The data model that a golden's header names (`xend 1.0`, `XAPI 2.21`), None for another API."""
    word = api.lower()
    return load("xend") if word.startswith("xend") else load("xapi") if word.startswith("xapi") else None


class _Naming:
    """The second walk: a visitor that puts symbols in their places."""

    def __init__(self, symbols: dict[str, Symbol], is_volatile: Callable[[str, str], bool]) -> None:
        self._symbols = symbols
        self._is_volatile = is_volatile
        self.secrets: dict[str, None] = {}
        self.volatile: set[str] = set()

    def text(self, text: str, class_name: str | None, trail: Trail) -> Symbolic:  # noqa: ARG002
        known = self._symbols.get(text)
        if known is not None and (len(text) >= _LEAST or class_name == "session"):
            return known
        parts = split_text(text, self._symbols.get) if len(text) > 36 else (text,)
        return text if parts == (text,) else Join(parts)

    def name(self, text: str, class_name: str | None, trail: Trail) -> str | Symbol:  # noqa: ARG002
        return self._symbols.get(text, text)

    def session(self, token: str, *, issued: bool) -> Symbolic:  # noqa: ARG002
        return self._symbols.get(token, token)

    def token(self, text: str) -> Symbolic:
        return self._symbols.get(text, text)

    def time(self, text: str, name: str) -> Symbol:  # noqa: ARG002
        return Symbol("time", name)

    def fact(self, owner: str, name: str, value: Value) -> None:
        pass

    def asked(self, owner: str) -> None:
        pass

    def field(self, name: str, made: Symbolic) -> None:
        class_name, _, member = name.rpartition(".")
        if (
            not isinstance(made, Symbol | Join)
            and made not in ("", [], {})
            and self._is_volatile(class_name, member)
        ):
            self.volatile.add(name)

    def secret(self, names: Iterable[str]) -> None:
        self.secrets.update(dict.fromkeys(names))


def _call(row: CallRow, call: DecodedCall, walk: Walk) -> GoldenCall:
    request = cast("Request", call.request)
    params = walk.params(request)
    reply, value, status = _reply(row, call, request)
    return GoldenCall(
        method=request.method,
        params=params,
        reply=reply,
        value=walk.reply(request, reply, value),
        status=status or "Failure",
        http_status=row.http_status or 200,
        protocol=request.protocol,
    )


def _reply(row: CallRow, call: DecodedCall, request: Request) -> tuple[Reply, Value, str]:
    """Reply, its value as on the wire, and the Status. An envelope that carries more than the usual two
    members, or carries them in another order, is kept whole as a PLAIN value."""
    answer, response = call.answer, call.response
    if row.outcome is Outcome.NO_RESPONSE:
        return Reply.NO_ANSWER, row.note or "the host closed the connection without an answer", ""
    if answer is None or response is None:
        return Reply.HTTP, "", ""
    if answer.fault is not None:
        return Reply.FAULT, [answer.fault.code, answer.fault.string], ""
    status = answer.status or ""
    if answer.enveloped and answer.error is not None:
        found: tuple[Reply, Value, str] = (Reply.FAILS, list(answer.error), status)
    elif answer.enveloped or (response.protocol == "jsonrpc" and takes_envelope(request.name)):
        found = (Reply.ANSWER, answer.value, "")
    else:
        return Reply.PLAIN, answer.value, ""
    made = GoldenCall(method="", params=(), reply=found[0], value=found[1], status=status)
    again = response_of(made, str)
    if response.protocol == "xmlrpc" and (again is None or members(again.value) != members(response.value)):
        return Reply.PLAIN, response.value, ""
    return found


def _writes_bare(calls: list[tuple[CallRow, DecodedCall]]) -> bool:
    """Whether the host's first envelope has a bare Status: a host writes all strings alike."""
    for _, call in calls:
        parts = None if call.response is None else members(call.response.value)
        for name, value in parts or ():
            if name == "Status":
                return type(value) is Bare
    return False
