"""Secrets in HTTP heads: credentials, the pool's secret in cookies and in the request's target."""

from __future__ import annotations

import re

_ANY = re.compile(rb"authorization|secret|passw|pwd|://", re.IGNORECASE)
_CREDENTIALS = re.compile(
    rb"^((?:proxy-)?authorization[ \t]*:[ \t]*)((?:[A-Za-z][A-Za-z0-9_-]*(?=[ \t]+\S))?)"
    rb"[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_POOL_SECRET = re.compile(rb"(pool(?:_|%5f)secret\s*=\s*)[^;&\s,]+", re.IGNORECASE)
# In a request's target, and in any URL that names a user.
_QUERY = re.compile(rb"([?&](?:password|passwd|pwd)=)[^;&\s]+", re.IGNORECASE)
_USER = re.compile(rb"(://[^/\s:@]*:)[^/\s@]+(?=@)")


def redact_head(head: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The head without its secrets, and what they were: `header.Authorization`, `pool_secret`, `password` (of a
    query), `url.password`."""
    if _ANY.search(head) is None:
        return head, ()
    names: list[str] = []

    def credentials(match: re.Match[bytes]) -> bytes:
        names.append("header." + match[1].split(b":")[0].strip().decode("latin-1").title())
        return match[1] + (match[2] + b" " if match[2] else b"") + b"<redacted>"

    def pool_secret(match: re.Match[bytes]) -> bytes:
        names.append("pool_secret")
        return match[1] + b"<redacted>"

    head = _POOL_SECRET.sub(pool_secret, _CREDENTIALS.sub(credentials, head))
    for pattern, name in ((_QUERY, "password"), (_USER, "url.password")):
        head, hits = pattern.subn(rb"\1<redacted>", head)
        names += [name] * bool(hits)
    return head, tuple(dict.fromkeys(names))


def as_plain_utf8(head: bytes) -> bytes:
    """The head for a body that is kept decoded: without Content-Encoding, its charset UTF-8."""
    head = re.sub(rb"(?im)^content-encoding[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n", b"", head)
    return re.sub(rb"(?im)^(content-type[ \t]*:[^\r\n]*?charset\s*=\s*)\"?[\w.\-]+\"?", rb"\1utf-8", head)
