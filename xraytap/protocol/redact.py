"""Secrets out of what is kept, before anything is stored, logged or shown (design, promise 6).

Bytes outside the secrets stay as they were wherever the layout is plain. A body in another encoding, with
CDATA, comments or entities, or compressed, is decoded and written anew when it holds a secret; one that
may hold a secret and cannot be decoded is cut after its method's name, or dropped whole. What has no secret
comes back as the very same object.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from xraytap.errors import DecodeError
from xraytap.protocol.http import charset_of, content_decode, find_header, parse_head
from xraytap.protocol.messages import Response
from xraytap.protocol.redact_head import as_plain_utf8, redact_head
from xraytap.protocol.redact_spans import CUT, is_plain, members, parameter, replace_values
from xraytap.protocol.redact_values import MULTICALL, clean_params, clean_result, known_as
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS

_NAME = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>)?\s*<methodCall>\s*<methodName>\s*([A-Za-z0-9_.:\-]{1,200})\s*</methodName>"
)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.\-]+)")
_ASCII_LIKE = re.compile(rb"(?i)utf-?8|us-ascii|ascii|iso-8859-\d+|windows-125\d|latin-?1|cp125\d")
_JSON_NAME = re.compile(rb'"method"\s*:\s*"([A-Za-z0-9_.:\-]{1,200})"')
_CODED = re.compile(rb"(?im)^content-encoding[ \t]*:[ \t]*(?!identity)\S")
_LAST_PARTS = tuple(
    sorted(
        {name.rpartition(".")[2] for name in PARAMETERS} - {"create", "join", "make"}
        | {"multicall", "pool_secret"}
    )
)
_DROPPED = b"<!-- redacted: this body may hold a secret and could not be decoded -->"


@dataclass(frozen=True, slots=True)
class Redacted:
    """What may be kept. `names` lists what was replaced: `session.login_with_password.pwd`,
    `VM.get_record.result.platform`, `header.Authorization`; `method` is what the request calls, if that
    could be told."""

    head: bytes
    body: bytes
    names: tuple[str, ...]
    method: str | None = None


def redact_request(head: bytes, body: bytes) -> Redacted:
    """A request without its secrets. `head` is `b""` for bytes that are no HTTP."""
    head, names = redact_head(head)
    match = _NAME.match(body)
    if match is not None and _ascii_like(head, body):
        method = match[1].decode("ascii")
        name = known_as(method)
        if name not in PARAMETERS and name != MULTICALL:
            return Redacted(head, body, names, method)
        kept, found = _secret_request(name, body, match.end())
        return Redacted(head, kept, (*names, *found), method)
    if not body:
        return Redacted(head, body, names)
    return _odd_request(head, body, names)


def redact_response(method: str | None, head: bytes, body: bytes) -> Redacted:
    """An answer to `method` without its secrets."""
    head, names = redact_head(head)
    secret = RESULTS.get(known_as(method)) if method else None
    if method is None or secret is None or not body:
        return Redacted(head, body, names, method)
    name = known_as(method)
    plain, coded = body, _CODED.search(head) is not None
    try:
        if coded:
            plain = content_decode(body, find_header(parse_head(head)[1], "content-encoding"))
        if plain.lstrip()[:1] == b"<" and _ascii_like(head, plain) and is_plain(plain):
            wanted = frozenset(b"Value" if each == "" else each.encode() for each in secret)
            spans = members(plain, wanted)
            kept = replace_values(plain, [start for start, _ in spans])
            if kept is plain:
                return Redacted(head, body, names, method)
            hits = {each.decode() for _, each in spans}
            found = [f"{name}.result" if not each else f"{name}.result.{each}" for each in secret]
            found = [label for label, each in zip(found, secret, strict=True) if (each or "Value") in hits]
        else:
            kept, found = _decoded_response(name, head, plain)
            if not found:
                return Redacted(head, body, names, method)
            head = as_plain_utf8(head)
    except DecodeError:
        return Redacted(as_plain_utf8(head), _DROPPED, (*names, f"{name}.result"), method)
    return Redacted(as_plain_utf8(head) if coded else head, kept, (*names, *found), method)


def _secret_request(name: str, body: bytes, after_name: int) -> tuple[bytes, list[str]]:
    """A plainly named call of a method with secrets: by spans if that gives what decoding gives."""
    from xraytap.protocol.xmlrpc_decode import decode_request
    from xraytap.protocol.xmlrpc_encode import encode_request

    try:
        request = decode_request(body)
    except DecodeError:
        return body[:after_name] + CUT, [f"{name}: undecodable parameters"]
    params, found = clean_params(request.method, list(request.params))
    if not found:
        return body, []
    if name != MULTICALL and is_plain(body):
        starts: list[int] = []
        for position, _, member in PARAMETERS[name]:
            start = parameter(body, position)
            if start is None:
                continue
            starts += (
                [at for at, _ in members(body, frozenset({member.encode()}), start)] if member else [start]
            )
        kept = replace_values(body, sorted(starts))
        try:
            if decode_request(kept).params == tuple(params):
                return kept, found
        except DecodeError:
            pass  # written anew below
    return encode_request(request.method, params), found


def _odd_request(head: bytes, body: bytes, names: tuple[str, ...]) -> Redacted:
    """JSON, other encodings, compressed bodies, CDATA in names, junk."""
    plain = body
    try:
        _, headers = parse_head(head)
        plain = content_decode(body, find_header(headers, "content-encoding"))
        if plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return _json_request(head, body, plain, names)
        from xraytap.protocol.xmlrpc_decode import decode_request
        from xraytap.protocol.xmlrpc_encode import encode_request

        request = decode_request(plain, charset=charset_of(find_header(headers, "content-type")))
        params, found = clean_params(request.method, list(request.params))
        if not found:
            return Redacted(head, body, names, request.method)
        return Redacted(
            as_plain_utf8(head), encode_request(request.method, params), (*names, *found), request.method
        )
    except DecodeError:
        return _undecodable(head, body, plain, names)


def _undecodable(head: bytes, body: bytes, plain: bytes, names: tuple[str, ...]) -> Redacted:
    # Still compressed, it says nothing about itself.
    unread = _CODED.search(head) is not None and plain is body
    if unread or _mentions_a_secret(plain):
        return Redacted(as_plain_utf8(head), _DROPPED, (*names, "undecodable body"))
    return Redacted(head, body, names)


def _mentions_a_secret(body: bytes) -> bool:
    """Whether somebody more lenient than we are could read a call with secrets out of these bytes."""
    text = body.replace(b"\0", b"").decode("latin-1")
    text = re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?.*?\?>", "", text, flags=re.DOTALL)
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), html.unescape(text))
    return any(part in text for part in _LAST_PARTS) or re.search(r"(?i)authorization\s*:", text) is not None


def _decoded_response(name: str, head: bytes, body: bytes) -> tuple[bytes, list[str]]:
    from xraytap.protocol.summary import decode_bytes
    from xraytap.protocol.xmlrpc_encode import encode_response

    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from xraytap.protocol.redact_json import clean_json_response

        return clean_json_response(name, body)
    message = decode_bytes(body, content_type=find_header(parse_head(head)[1], "content-type"))
    if not isinstance(message, Response) or message.fault is not None:
        return body, []
    value = message.value
    if isinstance(value, dict) and "Value" in value:
        inner, found = clean_result(name, value["Value"])
        return encode_response({**value, "Value": inner}), found
    cleaned, found = clean_result(name, value)
    return encode_response(cleaned), found


def _json_request(head: bytes, body: bytes, plain: bytes, names: tuple[str, ...]) -> Redacted:
    method = _JSON_NAME.search(plain)
    from xraytap.protocol.redact_json import clean_json_request

    kept, found = clean_json_request(plain)
    label = method[1].decode() if method else None
    if not found:
        return Redacted(head, body, names, label)
    return Redacted(as_plain_utf8(head), kept, (*names, *found), label)


def _ascii_like(head: bytes, body: bytes) -> bool:
    """Whether the bytes of tags are what they seem: no encoding that is not a superset of ASCII."""
    if _CODED.search(head) is not None:
        return False
    declared = _DECLARED.match(body.lstrip()[:200])
    if declared is not None and _ASCII_LIKE.fullmatch(declared[1]) is None:
        return False
    at = head.lower().find(b"charset")
    if at < 0:
        return True
    charset = re.match(rb"charset\s*=\s*\"?([\w.\-]+)", head[at : at + 60].lower())
    return charset is None or _ASCII_LIKE.fullmatch(charset[1]) is not None
