"""What must hold for any bytes, in words, and the check of it. A check raises where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases.values import typed
from tests.fuzz.mutate import head
from xraytap.errors import DecodeError, FilterError
from xraytap.protocol.about import About
from xraytap.protocol.call import Exchange, Message, Outcome
from xraytap.protocol.datamodel import load
from xraytap.protocol.describe import Node, answer_line, method_text, params_line, tree
from xraytap.protocol.filter import matches, parse
from xraytap.protocol.http import parse_message
from xraytap.protocol.jsonform import call_to_json, json_line
from xraytap.protocol.messages import Request, Response
from xraytap.protocol.printable import printable
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.scan import scan_request, scan_response
from xraytap.protocol.summary import decode_bytes, decode_exchange, full_row, quick_row
from xraytap.protocol.xmlrpc_decode import decode, decode_fully
from xraytap.protocol.xmlrpc_encode import encode
from xraytap.protocol.xmlrpc_plain import decode_plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_SECRET = b"Zq7secretXw"
_SESSIONS = {"xend": About(model=load("xend")), "xapi": About(model=load("xapi"))}
_FILTER_PIECES = [
    "method:",
    "outcome:",
    "ms:>",
    "5..",
    "and",
    "or",
    "not",
    "(",
    ")",
    '"',
    "seq:",
    "*",
    "VM.*",
    "ref:",
    "bytes:",
]


def _meaning(message: Request | Response) -> object:
    if isinstance(message, Request):
        return message.method, typed(list(message.params))
    return message.fault, typed(message.value)


def decoding(body: bytes, _random: Random) -> None:
    """A message, or a DecodeError with an offset inside the body; nothing else."""
    for read in (decode, decode_bytes, parse_message):
        try:
            read(body)
        except DecodeError as error:
            if not 0 <= error.offset <= len(body):
                raise AssertionError(f"offset {error.offset} of {len(body)}: {error}") from error


def the_short_way(body: bytes, _random: Random) -> None:
    """The short way for plain documents gives what the full decode gives, or nothing."""
    plain = decode_plain(body, 200)
    if plain is not None:
        assert _meaning(plain) == _meaning(decode_fully(body))


def round_trip(body: bytes, _random: Random) -> None:
    """What was decoded encodes to a document of the same meaning."""
    try:
        message = decode(body)
    except DecodeError:
        return
    again = decode(encode(message))
    assert _meaning(again) == _meaning(message)


def scanning(body: bytes, _random: Random) -> None:
    """A scan of a body that decodes agrees with the decode, or is not sure."""
    try:
        message = decode(body)
    except DecodeError:
        return
    if isinstance(message, Request):
        asked = scan_request(body)
        if asked is not None:
            assert (asked.method, asked.is_async, asked.session) == (
                message.name,
                message.is_async,
                message.session,
            )
    elif scan_response(body) is not None:
        row = full_row(_exchange(b"", _ASKED, b"", body), capture="c", seq=1)
        answer = scan_response(body)
        assert answer is not None
        assert (answer.outcome, answer.error_code) == (row.outcome, row.error_code)


def redaction(body: bytes, random: Random) -> None:
    """Redaction never fails, and what it keeps of a call with a secret that decodes holds no secret."""
    at = random.randrange(len(body) + 1)
    with_secret = body[:at] + _SECRET + body[at:]
    top, coded = head(with_secret, random, request=True)
    kept = redact_request(top, coded)
    redact_response(kept.method, top, coded)
    redact_response("VM.get_record", top, coded)
    again = redact_request(kept.head, kept.body)
    assert again.body == kept.body, "a second redaction finds more"
    try:
        request = decode_bytes(kept.body)
    except DecodeError:
        return
    if (
        isinstance(request, Request)
        and request.name == "session.login_with_password"
        and len(request.params) > 1
    ):
        assert request.params[1] in ("<redacted>", [], {}), request.params


def showing(body: bytes, random: Random) -> None:
    """Any exchange has a row, quick and full, and can be shown, with no character that steers a terminal."""
    asked, answered = (body, _ANSWER) if random.random() < 0.5 else (_ASKED, body)
    top, asked = head(asked, random, request=True)
    bottom, answered = head(answered, random, request=False)
    exchange = _exchange(top, asked, bottom, answered)
    quick_row(exchange, capture="c", seq=1)
    row = full_row(exchange, capture="c", seq=1)
    call = decode_exchange(exchange)
    for about in _SESSIONS.values():
        json_line(call_to_json(row, call, about)).encode("ascii")
        lines = [method_text(row), params_line(call, about=about), answer_line(row, call, about=about)]
        lines += _texts(tree(row, call, about))
        for line in lines:
            assert printable(line) == line, repr(line)
    assert row.outcome in Outcome
    if random.random() < 0.2:
        matches(parse("ref:b28e* or xend or error:VM*"), row, lambda: call)


def filtering(body: bytes, random: Random) -> None:
    """A filter expression, or a FilterError whose column lies in the text."""
    words = [random.choice(_FILTER_PIECES) for _ in range(random.randint(1, 8))]
    text = random.choice([" ", ""]).join(words) + body[: random.randrange(12)].decode("latin-1")
    try:
        parse(text)
    except FilterError as error:
        if not 0 <= error.column <= len(text):
            raise AssertionError(f"column {error.column} of {text!r}") from error


def _texts(nodes: list[Node] | tuple[Node, ...]) -> list[str]:
    found = []
    for node in nodes:
        found += [node.label, node.kind, node.text, *_texts(node.children)]
    return found


def _exchange(top: bytes, asked: bytes, bottom: bytes, answered: bytes) -> Exchange:
    return Exchange(
        started_at_us=1,
        elapsed_us=1,
        client="127.0.0.1:1",
        connection=1,
        request=Message(head=top or b"POST /RPC2 HTTP/1.1\r\n\r\n", body=asked, size=len(asked)),
        response=Message(head=bottom or b"HTTP/1.1 200 OK\r\n\r\n", body=answered, size=len(answered)),
        error=None,
    )


_ASKED = b"<methodCall><methodName>VM.start</methodName><params><param><value>s</value></param></params></methodCall>"
_ANSWER = b"<methodResponse><params><param><value>x</value></param></params></methodResponse>"
TARGETS: tuple[Callable[[bytes, Random], None], ...] = (
    decoding,
    the_short_way,
    round_trip,
    scanning,
    redaction,
    showing,
    filtering,
)
