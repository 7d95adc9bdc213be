"""Secrets out of what is kept, before anything is stored, logged or shown (design, promise 6).

Bytes outside the secrets stay as they were wherever the layout is plain. A body in another encoding, with
CDATA, comments or entities, or compressed, is decoded and written anew when it holds a secret; one that
may hold a secret and cannot be decoded is cut after its method's name, or dropped whole. What has no secret
comes back as the very same object.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.errors import DecodeError
from xraytap.protocol.call import Outcome
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.http import charset_of, content_decode, find_header, parse_head
from xraytap.protocol.messages import Response
from xraytap.protocol.printable import printable
from xraytap.protocol.redact_head import as_plain_utf8, redact_head
from xraytap.protocol.redact_mention import mentions_a_secret
from xraytap.protocol.redact_rules import DEFAULT, Rules, may_name_a_secret
from xraytap.protocol.redact_spans import CUT, is_plain, members, named_members, parameter, replace_values
from xraytap.protocol.redact_values import MULTICALL, added_under, clean_params, clean_result, known_as
from xraytap.protocol.secrets_table import OPEN_RESULTS, PARAMETERS, RESULTS

if TYPE_CHECKING:
    from xraytap.protocol.messages import Request

_NAME = re.compile(
    rb"\s*+(?:<\?xml[^>]*\?>)?+\s*+<methodCall>\s*+<methodName>\s*+([A-Za-z0-9_.:\-]{1,200})\s*+</methodName>"
)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.\-]+)")
_ASCII_LIKE = re.compile(rb"(?i)utf-?8|us-ascii|ascii|iso-8859-\d+|windows-125\d|latin-?1|cp125\d")
_JSON_NAME = re.compile(rb'"method"\s*:\s*"([A-Za-z0-9_.:\-]{1,200})"')
_CODED = re.compile(rb"(?im)^content-encoding[ \t]*:(?:\r?\n[ \t]|[ \t])*(?!identity)\S")
_MOST_LABELS, _LONGEST_LABEL = 20, 120
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


def redact_request(head: bytes, body: bytes, rules: Rules = DEFAULT) -> Redacted:
    """A request without its secrets. `head` is `b""` for bytes that are no HTTP."""
    head, names = redact_head(head)
    match = _NAME.match(body)
    # A lenient host takes the last of two names.
    if match is not None and _ascii_like(head, body) and body.find(b"<methodName", match.end(1)) < 0:
        method = match[1].decode("ascii")
        name = known_as(method)
        known = name in PARAMETERS or name == MULTICALL
        # Getters, most of all calls, take references and no maps.
        if not known and not rules.patterns and (".get_" in name or not may_name_a_secret(body)):
            return Redacted(head, body, names, method)
        kept, found = _secret_request(name, body, match.end(), rules, known=known)
        return Redacted(head, kept, (*names, *_labels(found)), method)
    if not body:
        return Redacted(head, body, names)
    return _odd_request(head, body, names, rules)


def redact_response(method: str | None, head: bytes, body: bytes, rules: Rules = DEFAULT) -> Redacted:
    """An answer to `method` without its secrets."""
    head, names = redact_head(head)
    if method is None or not body:
        return Redacted(head, body, names, method)
    name = known_as(method)
    secret = ("",) if rules.result(name) else RESULTS.get(name, ())
    if not secret and not rules.patterns and name not in OPEN_RESULTS:
        return Redacted(head, body, names, method)
    coded = _CODED.search(head) is not None
    if not secret and not rules.patterns and not coded and not may_name_a_secret(body):
        return Redacted(head, body, names, method)
    plain = body
    try:
        if coded:
            plain = content_decode(body, find_header(parse_head(head)[1], "content-encoding"))
            if not secret and not rules.patterns and not may_name_a_secret(plain):
                return Redacted(head, body, names, method)
        spans = _result_spans(name, head, plain, secret, rules)
        if spans is not None:
            kept, found = replace_values(plain, [start for start, _ in spans]), [each for _, each in spans]
        else:
            kept, found = _decoded_response(name, head, plain, rules)
        if not found or kept == plain:
            return Redacted(head, body, names, method)
        if spans is None:
            head = as_plain_utf8(head)
    except DecodeError:
        if secret:
            return Redacted(as_plain_utf8(head), _DROPPED, (*names, f"{name}.result"), method)
        # Named like a secret is a guess, and junk is evidence: what can be found goes, the rest stays.
        kept, found = _without_named(name, plain, rules)
        if not found:
            return Redacted(head, body, names, method)
    return Redacted(as_plain_utf8(head) if coded else head, kept, (*names, *_labels(found)), method)


def _result_spans(
    name: str, head: bytes, body: bytes, secret: tuple[str, ...], rules: Rules
) -> list[tuple[int, str]] | None:
    """Where the secret values of a plainly written answer begin, with their labels; None for another one."""
    if body.lstrip()[:1] != b"<" or not _ascii_like(head, body):
        return None
    named = named_members(body, lambda member: rules.member(name, member), every=bool(rules.patterns))
    if not secret and not named:
        return []
    if not is_plain(body):
        return None
    wanted = frozenset(b"Value" if each == "" else each.encode() for each in secret)
    known = [(start, each.decode()) for start, each in members(body, wanted)]
    if "" in secret and not known:
        return None  # no envelope
    found = {start: f"{name}.result.{each}" for start, each in named}
    found |= {
        start: f"{name}.result" if each == "Value" and "" in secret else f"{name}.result.{each}"
        for start, each in known
    }
    return sorted(found.items())


def _labels(found: list[str]) -> list[str]:
    """What was replaced, for people: peers choose members' names, and how many there are."""
    unique = [printable(each)[:_LONGEST_LABEL] for each in dict.fromkeys(found)]
    more = len(unique) - _MOST_LABELS
    return unique if more <= 0 else [*unique[:_MOST_LABELS], f"and {more} more"]


def _without_named(name: str, body: bytes, rules: Rules) -> tuple[bytes, list[str]]:
    """A body that does not decode without the members that are named like secrets."""
    spans = named_members(body, lambda member: rules.member(name, member), every=bool(rules.patterns))
    return replace_values(body, [start for start, _ in spans]), [f"{name}.{member}" for _, member in spans]


def _secret_request(
    name: str, body: bytes, after_name: int, rules: Rules, *, known: bool
) -> tuple[bytes, list[str]]:
    """A plainly named call that has secrets, or may have: by spans if that gives what decoding gives."""
    if not known and not _may_hold_named(name, body, rules):
        return body, []
    from xraytap.protocol.xmlrpc_decode import decode_request
    from xraytap.protocol.xmlrpc_encode import encode_request

    try:
        request = decode_request(body)
    except DecodeError:
        if not known:
            return _without_named(name, body, rules)
        return body[:after_name] + CUT, [f"{name}: undecodable parameters"]
    params, found = clean_params(request.method, list(request.params), rules)
    if not found:
        return body, []
    if name != MULTICALL and is_plain(body):
        kept = replace_values(body, _parameter_spans(name, body, request, rules))
        try:
            if decode_request(kept).params == tuple(params):
                return kept, found
        except DecodeError:
            pass  # written anew below
    return encode_request(request.method, params), found


def _may_hold_named(name: str, body: bytes, rules: Rules) -> bool:
    """Whether a request of a call without known secrets is worth decoding."""
    if name.rpartition(".")[2].startswith("add_to_") or rules.parameters(name) or not is_plain(body):
        return True
    return bool(named_members(body, lambda member: rules.member(name, member), every=bool(rules.patterns)))


def _parameter_spans(name: str, body: bytes, request: Request, rules: Rules) -> list[int]:
    """Where the secret values of a plainly written call begin."""
    starts = {at for at, _ in named_members(
        body, lambda member: rules.member(name, member), every=bool(rules.patterns)
    )}  # fmt: skip
    whole = [position for position, _ in rules.parameters(name)]
    added = added_under(name, request.params, rules)
    if added is not None:
        whole.append(added[0])
    for position, _, member in PARAMETERS.get(name, ()):
        if not member:
            whole.append(position)
            continue
        start = parameter(body, position)
        if start is not None:
            starts |= {at for at, _ in members(body, frozenset({member.encode()}), start)}
    found = (parameter(body, position) for position in whole)
    return sorted(starts | {start for start in found if start is not None})


def _odd_request(head: bytes, body: bytes, names: tuple[str, ...], rules: Rules) -> Redacted:
    """JSON, other encodings, compressed bodies, CDATA in names, junk."""
    plain = body
    try:
        _, headers = parse_head(head)
        plain = content_decode(body, find_header(headers, "content-encoding"))
        if plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return _json_request(head, body, plain, names, rules)
        from xraytap.protocol.xmlrpc_decode import decode_request
        from xraytap.protocol.xmlrpc_encode import encode_request

        request = decode_request(plain, charset=charset_of(find_header(headers, "content-type")))
        params, found = clean_params(request.method, list(request.params), rules)
        if not found:
            return Redacted(head, body, names, request.method)
        kept = encode_request(request.method, params)
        return Redacted(as_plain_utf8(head), kept, (*names, *_labels(found)), request.method)
    except DecodeError:
        return _undecodable(head, body, plain, names)


def _undecodable(head: bytes, body: bytes, plain: bytes, names: tuple[str, ...]) -> Redacted:
    # Still compressed, it says nothing about itself.
    # Bytes that are no HTTP may have a head that we could not read in front of them.
    unread = _CODED.search(head or body[:65536]) is not None and plain is body
    if unread or mentions_a_secret(plain):
        return Redacted(as_plain_utf8(head), _DROPPED, (*names, "undecodable body"))
    return Redacted(head, body, names)


def _decoded_response(name: str, head: bytes, body: bytes, rules: Rules) -> tuple[bytes, list[str]]:
    from xraytap.protocol.summary import decode_bytes
    from xraytap.protocol.xmlrpc_encode import encode_response

    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from xraytap.protocol.redact_json import clean_json_response

        return clean_json_response(name, body, rules)
    message = decode_bytes(body, content_type=find_header(parse_head(head)[1], "content-type"))
    if not isinstance(message, Response) or message.fault is not None:
        return body, []
    value = message.value
    if read_envelope(message).outcome is not Outcome.SUCCESS:
        return body, []  # a failure's arguments are the host's words
    if isinstance(value, dict) and "Value" in value:
        inner, found = clean_result(name, value["Value"], rules)
        return encode_response({**value, "Value": inner}), found
    cleaned, found = clean_result(name, value, rules)
    return encode_response(cleaned), found


def _json_request(head: bytes, body: bytes, plain: bytes, names: tuple[str, ...], rules: Rules) -> Redacted:
    method = _JSON_NAME.search(plain)
    from xraytap.protocol.redact_json import clean_json_request

    kept, found = clean_json_request(plain, rules)
    label = method[1].decode() if method else None
    if not found:
        return Redacted(head, body, names, label)
    return Redacted(as_plain_utf8(head), kept, (*names, *_labels(found)), label)


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
