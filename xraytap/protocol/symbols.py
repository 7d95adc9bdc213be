"""From decoded calls to a golden: sessions, references, tasks and secrets become symbols.

Class names of references are found without the data model, by the names of methods and members; where
nothing tells the class the symbol is `obj.N`. Numbers follow the order of appearance, so the same scenario
on another host gives the same symbols.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from xraytap.protocol.call import Outcome
from xraytap.protocol.golden import Golden, GoldenCall, Reply, Symbol, Symbolic, response_of
from xraytap.protocol.messages import SESSIONLESS, Request, takes_envelope, takes_session
from xraytap.protocol.values import Bare, Struct, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_REF = re.compile(rf"(?:OpaqueRef:|Ref:)?{_UUID}")
_OPAQUE = re.compile(rf"(?:OpaqueRef|Ref):{_UUID}")
_CLASS = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_REDACTED = "<redacted>"

# Parameters that are secrets whatever they hold: {call: {index on the wire: name}}.
_SECRETS: dict[str, dict[int, str]] = {
    "session.login_with_password": {1: "pwd"},
    "session.slave_local_login_with_password": {1: "pwd"},
    "session.slave_login": {1: "psecret"},
    "session.slave_local_login": {0: "psecret"},
    "session.change_password": {1: "old_pwd", 2: "new_pwd"},
}
# Fields whose name does not tell the class that they refer to. `*` stands for the class they are in.
_FIELDS = {
    "metrics": "*_metrics",
    "guest_metrics": "*_guest_metrics",
    "resident_on": "host",
    "affinity": "host",
    "this_host": "host",
    "host_CPUs": "host_cpu",
    "suspend_VDI": "VDI",
    "suspend_SR": "SR",
    "snapshot_of": "*",
    "snapshots": "*",
    "parent": "*",
    "children": "*",
    "master": "host",
    "default_SR": "SR",
    "this_user": "user",
    "session": "session",
    "uuid": "*",
    "ref": "*",
    "by_uuid": "*",
    "by_name_label": "*",
    "all": "*",
    "record": "*",
    "all_records": "*",
    "all_records_where": "*",
}


def is_ref(text: str) -> bool:
    """Whether `text` is shaped like a reference or a uuid (the null reference is a constant, not one)."""
    return _REF.fullmatch(text) is not None


def field_class(class_name: str | None, field: str) -> str | None:
    """The class that a field or getter of `class_name` refers to, as far as its name tells.

    `VM`, `VBDs` -> `VBD`; `VM`, `metrics` -> `VM_metrics`; `VIF`, `network` -> `network`.
    """
    known = _FIELDS.get(field)
    if known is not None:
        return known.replace("*", class_name) if class_name else None
    if not _CLASS.fullmatch(field):
        return None
    return field[:-1] if len(field) > 2 and field.endswith("s") and not field.endswith("ss") else field


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

    `timed` keeps how long each took; without it the same scenario gives the same golden.
    """
    fit = [(row, call) for row, call in calls if unfit(row, call) is None]
    naming = _Naming(opaque=any(_has_opaque(call) for _, call in fit))
    made = [_call(row, call, naming) for row, call in fit]
    if timed:
        made = [replace(each, elapsed_ms=row.elapsed_ms) for each, (row, _) in zip(made, fit, strict=True)]
    secrets = dict.fromkeys(name for row, _ in fit for name in row.redacted) | naming.secrets
    return Golden(
        api=api,
        about=about,
        recorded=dict(recorded or {}),
        redacted=tuple(secrets),
        volatile=volatile,
        bare_strings=_writes_bare(fit),
        protocol=made[0].protocol if made else "xmlrpc",
        calls=tuple(made),
    )


class _Naming:
    """The symbols given so far."""

    def __init__(self, *, opaque: bool) -> None:
        self.opaque = opaque
        self.secrets: dict[str, None] = {}
        self._known: dict[str, Symbol] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def session(self, token: str) -> Symbol:
        if token not in self._known:
            self._known[token] = Symbol("session", f"s{self._next('session', 's')}")
        return self._known[token]

    def text(self, text: str, class_name: str | None) -> str | Symbol:
        """`text`, or the symbol that stands for it."""
        known = self._known.get(text)
        if known is not None:
            return known
        if not is_ref(text):
            return text
        name = class_name if class_name and _CLASS.fullmatch(class_name) else "obj"
        kind = "uuid" if self.opaque and not _OPAQUE.fullmatch(text) else "ref"
        if name == "task" and kind == "ref":
            kind, name = "task", "T"
        self._known[text] = Symbol(kind, f"{name}.{self._next(kind, name)}")
        return self._known[text]

    def value(self, value: Value, class_name: str | None) -> Symbolic:
        """`value` with symbols; `class_name` is the class of the references that it holds directly."""
        if isinstance(value, str):
            found = self.text(str(value), class_name)
            return found if isinstance(found, Symbol) else value
        if isinstance(value, list):
            return [self.value(each, class_name) for each in value]
        parts = members(value)
        if parts is None:
            return value
        # An event tells the class of its `ref`; a map by reference (get_all_records) has refs for names.
        told = dict(parts).get("class")
        inside = str(told) if isinstance(told, str) else class_name
        items: list[tuple[str | Symbol, Symbolic]] = []
        for name, each in parts:
            key = self.text(name, class_name)
            if each == _REDACTED and isinstance(each, str):
                items.append((name, Symbol("secret", re.sub(r"[^\w.-]", "_", name) or "value")))
            elif isinstance(key, Symbol):
                items.append((key, self.value(each, class_name)))
            else:
                items.append((name, self.value(each, field_class(inside, name))))
        if isinstance(value, dict):
            return dict(items)
        return Struct(cast("tuple[tuple[str, Value], ...]", tuple(items)))

    def _next(self, kind: str, name: str) -> int:
        self._counts[kind, name] = count = self._counts.get((kind, name), 0) + 1
        return count


def _call(row: CallRow, call: DecodedCall, naming: _Naming) -> GoldenCall:
    request = cast("Request", call.request)
    params = _params(request, naming)
    reply, value, status = _reply(row, call, request)
    made: Symbolic
    if reply in (Reply.HTTP, Reply.NO_ANSWER, Reply.FAULT):
        made = value
    elif request.name in SESSIONLESS and reply is Reply.ANSWER and isinstance(value, str):
        made = naming.session(str(value))
    elif request.is_async and reply is Reply.ANSWER:
        made = naming.value(value, "task")
    elif reply is Reply.FAILS:
        made = naming.value(value, _error_class(value) or request.class_name)
    else:
        made = naming.value(value, _answer_class(request))
    return GoldenCall(
        method=request.method,
        params=params,
        reply=reply,
        value=made,
        status=status or "Failure",
        http_status=row.http_status or 200,
        protocol=request.protocol,
    )


def _params(request: Request, naming: _Naming) -> tuple[Symbolic, ...]:
    secrets = _SECRETS.get(request.name, {})
    session = takes_session(request.name)
    made: list[Symbolic] = []
    for index, each in enumerate(request.params):
        if index in secrets:
            naming.secrets[f"{request.name}.{secrets[index]}"] = None
            made.append(Symbol("secret", secrets[index]))
        elif isinstance(each, str) and each == _REDACTED:
            made.append(Symbol("secret", f"param{index + 1}"))
        elif session and index == 0 and isinstance(each, str) and each:
            made.append(naming.session(str(each)))
        else:
            made.append(naming.value(each, request.class_name))
    return tuple(made)


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


def _answer_class(request: Request) -> str | None:
    message, class_name = request.message, request.class_name
    if message.startswith("get_"):
        return field_class(class_name, message.removeprefix("get_"))
    return class_name


def _error_class(description: Value) -> str | None:
    """The class that a failure names, as in `[HANDLE_INVALID, VM, ref]`."""
    if isinstance(description, list) and len(description) > 2 and description[0] == "HANDLE_INVALID":
        return str(description[1])
    return None


def _has_opaque(call: DecodedCall) -> bool:
    params = () if call.request is None else call.request.params
    return any(isinstance(each, str) and _OPAQUE.fullmatch(each) for each in params)


def _writes_bare(calls: list[tuple[CallRow, DecodedCall]]) -> bool:
    """Whether the host's first envelope has a bare Status: a host writes all strings alike."""
    for _, call in calls:
        parts = None if call.response is None else members(call.response.value)
        for name, value in parts or ():
            if name == "Status":
                return type(value) is Bare
    return False
