"""A call as a text to edit, and back: the decoded form as YAML, as goldens write it, or the body itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from xraytap.errors import DecodeError, UsageError, XraytapError
from xraytap.protocol.copying import pretty_body
from xraytap.protocol.golden import FORMAT, Golden, GoldenCall, symbols_in
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_bytes
from xraytap.replay.wire import encode_call
from xraytap.store.golden import dump_golden, loads_golden
from xraytap.store.golden_text import flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.values import Value

_HEAD = f"xraytap-golden: {FORMAT}\napi: xend\ncalls:\n"
_TAIL = '  answer: ""\n'
_WORDS = """\
# {what}.
# Save and leave to send it; leave nothing to drop it. The session is
# first; the recorded one stands for that of this sitting.
# "1" is a string, 1 an int, 1.0 a double, null nil; others: !i8 1,
# !dateTime 20090710T09:01:27, !base64 "eHg=", !bare text.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to edit a call: the text, how the edited one is read, the suffix of its file."""

    label: str
    text: str
    read: Callable[[str, Request], Request | None]
    suffix: str


def forms(request: Request, what: str) -> dict[str, Form]:
    """The forms by their keys. `what` says which call it is, on one line."""
    json = request.protocol == "jsonrpc"
    yaml = Form(label="decoded, as YAML", text=yaml_of(request, what), read=request_of_yaml, suffix=".yaml")
    body = Form(
        label="the JSON" if json else "the XML",
        text=body_of(request),
        read=request_of_body,
        suffix=".json" if json else ".xml",
    )
    return {"y": yaml, "x": body}


def yaml_of(request: Request, what: str) -> str:
    """The call as YAML. `what` says which call it is, on one line."""
    call = GoldenCall(method=request.method, params=request.params, value="")
    text = dump_golden(Golden(api="xend", calls=(call,)))
    text = text[text.index("\ncalls:\n") + len("\ncalls:\n") :].removesuffix(_TAIL)
    if request.params and text.count("\n") == 1:
        # One parameter a line is easier to edit than a line of all.
        head = text[: text.index(": [") + 1]
        text = "\n".join((head, *(f"    - {flow(each)}" for each in request.params))) + "\n"
    return _WORDS.format(what=what) + text


def request_of_yaml(text: str, like: Request) -> Request | None:
    """The call that the text says, over the protocol of `like`; None where nothing was left. UsageError for
    what is no call; lines are counted as in the text."""
    lines = text.split("\n")
    if all(not line.strip() or line.lstrip().startswith("#") for line in lines):
        return None
    count = sum(line.startswith("- ") for line in lines)
    if count > 1:
        raise UsageError(f"the text has {count} calls; expected one.")
    # As many lines before the call as in the text, so that a mistake is found where it is named.
    comments = next(at for at, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    blank = "\n" * max(0, comments - _HEAD.count("\n"))
    document = _HEAD + blank + "\n".join(lines[comments:]).rstrip("\n") + "\n" + _TAIL
    try:
        golden = loads_golden(document, "the edited call")
    except XraytapError as error:
        raise UsageError(str(error)) from None
    call = golden.calls[0]
    for value in call.params:
        for symbol in symbols_in(value):
            raise UsageError(f"{symbol} stands for a value of a golden; write the value itself.")
    return replace(like, method=call.method, params=cast("tuple[Value, ...]", call.params))


def body_of(request: Request) -> str:
    """The body, laid out for reading."""
    return pretty_body(encode_call(request))


def request_of_body(text: str, like: Request) -> Request | None:
    """The call that a body says; None where nothing was left. UsageError for what is no call."""
    if not text.strip():
        return None
    try:
        message = decode_bytes(text.strip().encode("utf-8", "surrogatepass"))
    except DecodeError as error:
        raise UsageError(f"the edited body does not decode: {error}.") from None
    if not isinstance(message, Request):
        raise UsageError("the edited body is an answer, where a call is expected.")
    if message.protocol != like.protocol:
        raise UsageError(f"the edited body is {message.protocol}, where {like.protocol} is expected.")
    return message
