"""A decoded call in words: one line for lists, a tree for a close look. Plain text, safe to print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import takes_session
from xraytap.protocol.printable import printable
from xraytap.protocol.values import DateTime, Extended, members, wire_type

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

_UUID = re.compile(r"(?:OpaqueRef:)?([0-9a-fA-F]{8})(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORD = re.compile(r"[\w.:/@+\-]+")
# Without the data model only the login's parameters are named, as everybody reads that line.
_LOGIN = ("uname", "pwd", "version", "originator")


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree: `label` (name or index), `kind` (wire type), `text` (leaf value or summary)."""

    label: str
    kind: str
    text: str
    children: tuple[Node, ...] = ()


def short_ref(text: str) -> str:
    """The first eight digits of a uuid-shaped reference; other text unchanged."""
    match = _UUID.fullmatch(text)
    return match[1] if match else text


def short(value: Value, width: int = 40) -> str:
    """A value in at most about `width` columns."""
    parts = members(value)
    if parts is not None:
        return "{" + _clip(", ".join(f"{printable(name)}" for name, _ in parts), width) + "}"
    if isinstance(value, list):
        if len(value) > 3:
            return f"[{len(value)} values]"
        return _clip("[" + ", ".join(short(each, width) for each in value) + "]", width)
    if isinstance(value, str):
        text = printable(short_ref(value))
        if text == "<redacted>" or _WORD.fullmatch(text):
            return _clip(text, width)
        return _clip(f"'{text}'", width)
    return _clip(_leaf(value), width)


def params_line(call: DecodedCall, width: int = 60) -> str:
    """The parameters that matter: all but the session."""
    request = call.request
    if request is None:
        return ""
    params = request.params
    if takes_session(request.name):
        params = params[1:]
    if request.name == "session.login_with_password":
        return _clip(
            " ".join(f"{name}={short(each)}" for name, each in zip(_LOGIN, params, strict=False)), width
        )
    return _clip(" ".join(short(each) for each in params), width)


def answer_line(row: CallRow, call: DecodedCall | None, width: int = 60) -> str:
    """What came back, without the sign: `2 VM`, `'guest002'`, `VM_BAD_POWER_STATE ...`, a reason."""
    answer = None if call is None else call.answer
    if row.outcome is Outcome.NO_RESPONSE:
        return _clip(printable(row.note or "no answer yet"), width)
    if row.outcome is Outcome.UNDECODABLE:
        return _clip(printable(row.decode_error or "undecodable"), width)
    if row.outcome is Outcome.HTTP_ERROR:
        return f"HTTP {row.http_status}"
    if row.protocol == "http":
        return f"HTTP {row.http_status}, {row.response_bytes} bytes"
    if answer is None:
        return printable(row.error_code or "")
    if answer.fault is not None:
        return _clip(f"fault {answer.fault.code} {printable(answer.fault.string)}", width)
    if answer.error is not None:
        return _clip(" ".join(short(each) for each in answer.error), width)
    return _success(row, answer.value, width)


def _success(row: CallRow, value: Value, width: int) -> str:
    if row.method == "session.login_with_password":
        return f"session {short(value)}"
    if row.is_async:
        return f"task {short(value)}"
    if row.message == "get_all" and isinstance(value, list):
        return f"{len(value)} {row.class_name}"
    parts = members(value)
    if parts is not None:
        what = (
            row.class_name if row.message == "get_all_records" else "members" if len(parts) != 1 else "member"
        )
        return f"{len(parts)} {what}"
    if isinstance(value, str):
        return _clip(f"'{printable(short_ref(value))}'", width) if value else ""
    return short(value, width)


def tree(row: CallRow, call: DecodedCall) -> list[Node]:
    """The whole call: parameters, then the answer."""
    nodes = []
    if call.request is not None:
        nodes.append(
            Node(
                "request",
                call.request.protocol,
                printable(call.request.method),
                tuple(_params(call)),
            )
        )
    elif call.request_error is not None:
        nodes.append(Node("request", "undecodable", printable(str(call.request_error))))
    sign = f"{row.outcome.sign} {row.outcome.value}"
    answer = call.answer
    if answer is None:
        why = (
            call.response_error or row.note or (f"HTTP {row.http_status}" if row.http_status else "no answer")
        )
        nodes.append(Node("answer", "", f"{sign}: {printable(str(why))}"))
    elif answer.fault is not None:
        children = (
            Node("code", "int", str(answer.fault.code)),
            Node("string", "string", printable(answer.fault.string)),
        )
        nodes.append(Node("answer", "fault", sign, children))
    elif answer.error is not None:
        error = tuple(value_node(str(i) if i else "code", each) for i, each in enumerate(answer.error))
        nodes.append(Node("answer", f"Status {printable(answer.status or '')}", sign, error))
    else:
        kind = f"Status {answer.status}" if answer.enveloped else "no envelope"
        nodes.append(Node("answer", kind, sign, (value_node("value", answer.value),)))
    return nodes


def value_node(label: str, value: Value) -> Node:
    """The tree of one value."""
    label = printable(label)
    kind = wire_type(value)
    parts = members(value)
    if parts is not None:
        children = tuple(value_node(name, each) for name, each in parts)
        return Node(label, kind, _count(len(children), "member"), children)
    if isinstance(value, list):
        children = tuple(value_node(str(index), each) for index, each in enumerate(value))
        return Node(label, kind, _count(len(children), "value"), children)
    return Node(label, kind, _leaf(value))


def _params(call: DecodedCall) -> list[Node]:
    request = call.request
    if request is None:
        return []
    named = takes_session(request.name)
    nodes = []
    for index, value in enumerate(request.params):
        label = f"param {index + 1}"
        if named and index == 0:
            label = "session"
        elif request.name == "session.login_with_password" and index < len(_LOGIN):
            label = _LOGIN[index]
        nodes.append(value_node(label, value))
    return nodes


def _leaf(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return printable(value) or "''"
    if value is None:
        return "nil"
    if isinstance(value, bytes):
        return f"{_count(len(value), 'byte')}: {value[:32].hex(' ')}{' …' if len(value) > 32 else ''}"
    if isinstance(value, DateTime):
        return printable(value.text)
    if isinstance(value, Extended):
        return printable(value.text)
    return repr(value) if isinstance(value, float) else str(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"
