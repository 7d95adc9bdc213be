"""The forms in which one call is copied; each text is made when it is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.errors import UsageError
from xraytap.protocol.copying import as_curl, as_json, as_python, as_xml, value_text
from xraytap.protocol.filter import parse
from xraytap.protocol.messages import SESSIONLESS
from xraytap.protocol.summary import decode_exchange
from xraytap.tui.dialogs import Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.call import Message
    from xraytap.protocol.messages import Request
    from xraytap.tui.capture import Capture

_LOGINS_LOOKED_AT = 200


def choices(capture: Capture, seq: int, under_cursor: str | None) -> list[Choice]:
    """What the menu offers for a call; `of` is a function that gives the text, or raises a UsageError."""
    row = capture.row(seq)
    exchange = capture.store.exchange(capture.name, seq)
    call = decode_exchange(exchange)
    url = f"{capture.host.rstrip('/')}{row.path}" if row.path.startswith("/") else capture.host

    def python(*, with_package: bool) -> str:
        if call.request is None:
            raise UsageError("this request does not decode; copy it as curl or as XML.")
        login = login_of(capture, row.session, seq)
        return as_python(call.request, url, login=login, with_package=with_package)

    def body(message: Message | None, *, pretty: bool) -> str:
        if message is None:
            raise UsageError("there is no answer to copy.")
        return as_xml(message, pretty=pretty)

    def value() -> str:
        if call.answer is None:
            raise UsageError("there is no answer to copy.")
        if call.fault is not None:
            return f"{call.fault.code} {call.fault.string}"
        error = call.answer.error
        return value_text(call.answer.value if error is None else list(error))

    def form(key: str, label: str, hint: str, make: Callable[[], str]) -> Choice:
        return Choice(key, label, hint, make)

    found = [
        form(
            "c",
            "curl",
            "a shell command that sends it again",
            lambda: as_curl(exchange.request, capture.host),
        ),
        form(
            "p",
            "Python, XenAPI package",
            "a program that logs in and makes the call",
            lambda: python(with_package=True),
        ),
        form(
            "x",
            "Python, xmlrpc.client",
            "the same with nothing installed",
            lambda: python(with_package=False),
        ),
        form("q", "request, laid out", "XML or JSON, indented", lambda: body(exchange.request, pretty=True)),
        form("Q", "request, exact", "as it was sent", lambda: body(exchange.request, pretty=False)),
        form("a", "answer, laid out", "XML or JSON, indented", lambda: body(exchange.response, pretty=True)),
        form("A", "answer, exact", "as it came", lambda: body(exchange.response, pretty=False)),
        form("v", "the answer's value", "text as it is, else JSON", value),
        form(
            "j",
            "JSON",
            "the whole call, as docs/json.md has it",
            lambda: as_json(row, call, capture.learner.about(row.session)),
        ),
    ]
    if under_cursor is not None:
        found.append(form("l", "the line under the cursor", under_cursor[:40], lambda: under_cursor))
    return found


def login_of(capture: Capture, session: str | None, seq: int) -> Request | None:
    """The login that gave a session, as far as the capture shows it: looked for backwards from a call."""
    if not session:
        return None
    wanted = parse(f"method:{','.join(sorted(SESSIONLESS))} outcome:success seq:..{seq}")
    logins = [row.seq for row in capture.store.calls(capture.name, filter=wanted)]
    for each in reversed(logins[-_LOGINS_LOOKED_AT:]):
        call = decode_exchange(capture.store.exchange(capture.name, each))
        if call.answer is not None and call.answer.value == session:
            return call.request
    return None
