"""Broken bytes from good ones: a few edits each, so that most of the structure stands."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from tests.cases.values import REFUSED, REFUSED_VALUES, VALUES
from tests.recorded import EVERY
from xraytap.errors import DecodeError
from xraytap.protocol.jsonrpc import encode_json_request, encode_json_response
from xraytap.protocol.messages import Request
from xraytap.protocol.xmlrpc_decode import decode

if TYPE_CHECKING:
    from random import Random

_ANSWER = "<methodResponse><params><param><value>{}</value></param></params></methodResponse>"
_PIECES = [
    *(
        b"&lt;",
        b"&#13;",
        b"&#x1F;",
        b"&#xD800;",
        b"&",
        b"&x;",
        b"]]>",
        b"<![CDATA[",
        b"<!--",
        b"-->",
        b"<?x?>",
    ),
    *(b"<value>", b"</value>", b"<value/>", b"<string>", b"</string>", b"<int>1</int>", b"<i8>5", b"<nil/>"),
    *(b"<struct>", b"</struct>", b"<member>", b"</member>", b"<member><name>a</name>", b"<array><data>"),
    *(b"</data></array>", b"<param>", b"</param>", b"<params>", b"<fault>", b"<methodName>x</methodName>"),
    *(
        b"<?xml version='1.0'?>",
        b"<?xml version='1.0' encoding='utf-16'?>",
        b"<!DOCTYPE x [<!ENTITY e 'v'>]>",
    ),
    *(
        b"\xff",
        b"\x00",
        b"\x1b[31m",
        b"\xed\xa0\x80",
        b"\xe2\x80\xae",
        b"\xef\xbf\xbe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\r\n",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\\ud800",
        b"1e999",
        b"-0",
        b"NaN",
        b",",
        b":",
        b"null",
        b"9" * 400,
    ),
    *(
        b"session.login_with_password",
        b"system.multicall",
        b"Async.",
        b"Status",
        b"ErrorDescription",
        b"Failure",
    ),
]


def corpus() -> list[bytes]:
    """Bodies to start from: recorded ones, the same as XAPI lays them out and as JSON, every wire form."""
    bodies = [
        message.body
        for _, _, exchange in EVERY
        for message in (exchange.request, exchange.response)
        if message is not None
    ]
    tight = [
        body.replace(b">\n<", b"><").replace(b"<string>", b"").replace(b"</string>", b"") for body in bodies
    ]
    forms = [_ANSWER.format(row[1]).encode() for row in (*VALUES, *REFUSED_VALUES)]
    deep = [b'{"id": 1, "method": "a.b", "params": [%s%s]}' % (b"[" * n, b"]" * n) for n in (100, 300, 900)]
    return [
        *bodies,
        *tight,
        *deep,
        *filter(None, map(_as_json, bodies)),
        *forms,
        *(row[1] for row in REFUSED),
    ]


def _as_json(body: bytes) -> bytes | None:
    try:
        message = decode(body)
    except DecodeError:
        return None
    return encode_json_request(message) if isinstance(message, Request) else encode_json_response(message)


def mutate(body: bytes, bodies: list[bytes], random: Random) -> bytes:
    """`body` after one to four edits."""
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(body) + 1)
        edit = random.random()
        if edit < 0.35:
            body = body[:at] + random.choice(_PIECES) + body[at + random.choice([0, 0, 1, 8]) :]
        elif edit < 0.5:
            body = body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
        elif edit < 0.65:
            body = body[:at] + body[at + random.randint(1, 40) :]
        elif edit < 0.75:
            body = body[:at]
        elif edit < 0.85:
            body = _moved(body, random)
        elif edit < 0.92:
            other = random.choice(bodies)
            body = body[:at] + other[random.randrange(len(other) + 1) :][:200]
        elif edit < 0.95:
            body = body[:at] + body[at : at + 30] * random.choice([2, 50, 3000])
        else:
            codec = random.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "cp037", "utf-8-sig"])
            body = body.decode("utf-8", "replace").encode(codec, "replace")
    return body


def _moved(body: bytes, random: Random) -> bytes:
    """A stretch between two tags repeated elsewhere, or gone."""
    tags = [at for at, byte in enumerate(body[:4000]) if byte == ord("<")]
    if len(tags) < 3:
        return body
    start, end = sorted(random.sample(tags, 2))
    if random.random() < 0.5:
        return body[:start] + body[end:]
    to = random.choice(tags)
    return body[:to] + body[start:end] + body[to:]


def head(body: bytes, random: Random, *, request: bool) -> tuple[bytes, bytes]:
    """A head for `body`, and the body as that head says it is coded."""
    lines = [b"POST /RPC2 HTTP/1.1" if request else b"HTTP/1.1 200 OK"]
    if random.random() < 0.3:
        kind = random.choice(
            [b"text/xml; charset=latin-1", b"application/json", b"text/xml;charset=x", b"text/html"]
        )
        lines.append(b"Content-Type: " + kind)
    if random.random() < 0.2:
        coding = random.choice([b"gzip", b"deflate", b"br", b"zstd", b"x"])
        lines.append(b"Content-Encoding: " + coding)
        if coding == b"gzip" and random.random() < 0.8:
            body = gzip.compress(body)
    return b"\r\n".join([*lines, b"", b""]), body
