"""A decoded call in words: one line for lists, a tree for a close look. Plain text, safe to print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.about import NOTHING
from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import BATCH, takes_session
from xraytap.protocol.printable import printable
from xraytap.protocol.values import DateTime, Extended, members, wire_type

if TYPE_CHECKING:
    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.datamodel.typed import Typed
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

_UUID = re.compile(r"(?:OpaqueRef:)?([0-9a-fA-F]{8})(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORD = re.compile(r"[\w.:/@+\-]+")


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


def short_refs(text: str) -> str:
    """A text with every reference inside shortened."""
    return _UUID.sub(r"\1", text)


def short(value: Value, width: int = 40) -> str:
    """A value in at most about `width` columns."""
    parts = members(value)
    if parts is not None:
        return "{" + clip(", ".join(f"{printable(name)}" for name, _ in parts), width) + "}"
    if isinstance(value, list):
        if len(value) > 3:
            return f"[{len(value)} values]"
        return clip("[" + ", ".join(short(each, width) for each in value) + "]", width)
    if isinstance(value, str):
        text = printable(short_ref(value))
        if text == "<redacted>" or _WORD.fullmatch(text):
            return clip(text, width)
        return clip(f"'{text}'", width)
    return clip(_leaf(value), width)


def method_text(row: CallRow) -> str:
    """The method with its `Async.`; for what is no RPC, what it was."""
    if row.method is not None:
        return printable(("Async." if row.is_async else "") + row.method)
    if row.protocol == "tcp":
        return "(not HTTP)"
    if row.protocol == "http":
        return printable(f"{row.http_method} {row.path}")
    return "(undecodable)"


def params_line(call: DecodedCall, width: int = 60, about: About = NOTHING) -> str:
    """The parameters that matter: all but the session, `vm=guest002` where names are known."""
    request = call.request
    if request is None:
        return ""
    if request.method == BATCH:
        methods = [dict(members(each) or ()).get("method") for each in request.params]
        return clip(printable(" ".join(map(str, methods))), width)
    first = 1 if takes_session(request.name) else 0
    labels = about.labels(request.name)
    parts = []
    for index, value in enumerate(request.params[first:], first):
        label = f"{labels[index]}=" if index < len(labels) else ""
        # `self=` tells nobody anything.
        parts.append(("" if label == "self=" else label) + named(value, about))
    return clip(" ".join(parts), width)


def answer_line(row: CallRow, call: DecodedCall | None, width: int = 60, about: About = NOTHING) -> str:
    """What came back, without the sign: `2 VM`, `'guest002'`, `VM_BAD_POWER_STATE ...`, a reason."""
    answer = None if call is None else call.answer
    if row.outcome is Outcome.NO_RESPONSE:
        return clip(printable(row.note or "no answer yet"), width)
    if row.outcome is Outcome.UNDECODABLE:
        return clip(printable(row.decode_error or "undecodable"), width)
    if row.outcome is Outcome.HTTP_ERROR:
        return f"HTTP {row.http_status}"
    if row.protocol == "http":
        return f"HTTP {row.http_status}, {row.response_bytes} bytes"
    if answer is None:
        return printable(row.error_code or "")
    if answer.fault is not None:
        return clip(f"fault {answer.fault.code} {printable(answer.fault.string)}", width)
    if answer.error is not None:
        return clip(error_line(answer.error, about), width)
    return _success(row, call, answer.value, width, about)


def _success(row: CallRow, call: DecodedCall | None, value: Value, width: int, about: About) -> str:
    if row.method == "session.login_with_password":
        return f"session {short(value)}"
    if row.is_async:
        return f"task {short(value)}"
    if row.message == "get_all" and isinstance(value, list):
        return f"{len(value)} {row.class_name}"
    batch = dict(members(value) or ()).get("events", value) if row.class_name == "event" else None
    if isinstance(batch, list) and row.message in ("next", "from"):
        return _count(len(batch), "event")
    typed = None if call is None or about.names is None else about.result(call)
    type_ = None if typed is None else typed.type
    if type_ is not None and type_.kind == "ref":
        return clip(named(value, about), width)
    if type_ is not None and type_.of and type_.of[0].kind == "ref" and isinstance(value, list):
        if 0 < len(value) <= 3:
            return clip("[" + ", ".join(named(each, about) for each in value) + "]", width)
        return short(value, width)
    parts = members(value)
    if parts is not None:
        what = (
            row.class_name if row.message == "get_all_records" else "members" if len(parts) != 1 else "member"
        )
        return f"{len(parts)} {what}"
    if isinstance(value, str):
        return clip(f"'{printable(short_ref(value))}'", width) if value else ""
    return short(value, width)


def error_line(error: tuple[Value, ...], about: About = NOTHING) -> str:
    """An ErrorDescription on one line, its arguments named: `VM_BAD_POWER_STATE vm=... actual=Running`."""
    labels = about.error_labels(error)
    words = [short(each) for each in error[:1]]
    for label, value in zip(labels, error[1:], strict=True):
        words.append((f"{label}=" if label else "") + named(value, about))
    return " ".join(words)


def named(value: Value, about: About) -> str:
    """A value in short; a reference by its name where that is known."""
    name = about.names(str(value)) if about.names is not None and isinstance(value, str) else None
    return short(value if name is None else name)


def tree(row: CallRow, call: DecodedCall, about: About = NOTHING) -> list[Node]:
    """The whole call: parameters, then the answer; with names and types where `about` knows them."""
    nodes = []
    if call.request is not None:
        nodes.append(
            Node(
                "request",
                call.request.protocol,
                printable(call.request.method),
                tuple(_params(call, about)),
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
        labels = ("code", *(label or str(i) for i, label in enumerate(about.error_labels(answer.error), 1)))
        error = tuple(value_node(label, each) for label, each in zip(labels, answer.error, strict=True))
        nodes.append(Node("answer", _carrier(call, f"Status {printable(answer.status or '')}"), sign, error))
    else:
        kind = _carrier(call, f"Status {answer.status}" if answer.enveloped else "no envelope")
        typed = about.result(call)
        value = value_node("value", answer.value) if typed is None else typed_node("value", typed, about)
        nodes.append(Node("answer", kind, sign, (value,)))
    return nodes


def _carrier(call: DecodedCall, xml: str) -> str:
    """What the value or the error came in."""
    if call.response is None or call.response.protocol != "jsonrpc":
        return xml
    return "result" if call.response.error is None else "error"


def typed_node(label: str, typed: Typed, about: About = NOTHING) -> Node:
    """The tree of one value read by the data model: its type, and its meaning beside the wire form."""
    label = printable(label)
    if typed.type is None:
        return value_node(label, typed.wire)
    kind = str(typed.type)
    if typed.parts:
        plain = value_node(label, typed.wire)
        children = tuple(typed_node(name, part, about) for name, part in typed.parts)
        return Node(label, kind, plain.text + _problem(typed), children)
    plain = value_node(label, typed.wire)
    text = plain.text
    if typed.type.kind == "ref" and about.names is not None and isinstance(typed.wire, str):
        name = about.names(str(typed.wire))
        text += f"  {printable(name)}" if name else ""
    elif typed.meaning is not None and type(typed.meaning) is int and isinstance(typed.wire, str):
        text = f"{typed.meaning}  {printable(repr(str(typed.wire)))}"
    elif typed.type.kind == "datetime" and typed.meaning:
        text = f"{typed.meaning}  {text}"
    return Node(label, kind, text + _problem(typed), plain.children)


def _problem(typed: Typed) -> str:
    return "" if typed.problem is None else f"  !! {printable(typed.problem)}"


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


def _params(call: DecodedCall, about: About) -> list[Node]:
    request = call.request
    if request is None:
        return []
    named = about.params(request)
    if named is not None:
        return [typed_node(each.name, each.typed, about) for each in named]
    labels = about.labels(request.name)
    nodes = []
    for index, value in enumerate(request.params):
        label = labels[index] if index < len(labels) else f"param {index + 1}"
        if takes_session(request.name) and index == 0:
            label = "session"
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


def clip(text: str, width: int) -> str:
    """The text in at most `width` characters."""
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"
