"""A call as a curl command for any POSIX shell."""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING

from xraytap.errors import DecodeError, UsageError
from xraytap.protocol.copying.secrets import secret_names, variable
from xraytap.protocol.http import content_decode, find_header, parse_head
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xraytap.protocol.call import Message

# What curl sets itself, what belongs to one connection, and what would garble the answer on a screen.
_LEFT_OUT = re.compile(
    "host|content-length|connection|keep-alive|proxy-connection|transfer-encoding|te|trailer|upgrade|expect"
    "|accept-encoding|content-encoding|user-agent",
    re.IGNORECASE,
)
_HOLE = re.compile(r'(?<=[>"])(?:&lt;redacted&gt;|<redacted>)(?=[<"])')
_GLOB = re.compile(r"[][{}]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_XML, _JSON = "xml", "json"
_ESCAPES = {
    _XML: "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g",
    _JSON: 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g',
}


def as_curl(message: Message, url: str | None) -> str:
    """The command that sends a kept request again; ends with a line feed.

    `url` is the host's, without a path: the path is the request's. None takes it from `$XRAYTAP_URL`.
    Raises UsageError for bytes that are no HTTP, and where the body was not kept whole.
    """
    if not message.head:
        raise UsageError("these bytes are no HTTP request; curl cannot send them.")
    if message.cut:
        raise UsageError(
            f"only {len(message.body)} of the body's {message.size} bytes were kept; curl cannot send it again."
        )
    start, headers = parse_head(message.head)
    method, _, rest = start.partition(" ")
    body, coding = _plain(message.body, find_header(headers, "content-encoding"))
    words = ["curl --silent --show-error", *_target(url, rest.partition(" ")[0])]
    if method == "HEAD":
        words.append("--head")
    elif method != ("POST" if body else "GET"):
        words.append(f"--request {_quote(method)}")
    for name, value in headers:
        if not _LEFT_OUT.fullmatch(name):
            words.append(f"--header {_header(name, value)}")
    if coding:
        words.append(f"--header {_quote('Content-Encoding: ' + coding)}")
    before = ""
    if body:
        if find_header(headers, "content-type") is None:
            words.append("--header 'Content-Type:'")  # or curl adds that of a form
        before, data = shell_body(body, find_header(headers, "content-type"))
        words.append(data)
    return before + " \\\n  ".join(words) + "\n"


def shell_body(
    body: bytes, content_type: str | None = None, known: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """What must stand before the command, and the option that gives curl the body.

    `known` maps texts of the body, as they are written there, to the shell expressions that stand for
    them (`{"68e3a009-...": '"$session"'}`). A body with control characters, or one that is no UTF-8, goes
    as base64: a pasted escape sequence could end the paste.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if _CONTROLS.search(text):
        return f"printf %s {base64.b64encode(body).decode()} | base64 -d | ", "--data-binary @-"
    language = _JSON if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else _XML
    names = _names(body, content_type)
    holes = [match.span() for match in _HOLE.finditer(text)]
    if len(names) != len(holes):
        names = ["secret"] * len(holes)
    variables = [variable(name) for name in names]
    before = "".join(
        f': "${{{each}?the secret that the capture lacks}}" && \\\n' for each in dict.fromkeys(variables)
    )
    if holes:
        before = f"{language}() {{ printf %s \"$1\" | sed '{_ESCAPES[language]}'; }}\n{before}"
    out, at = [], 0
    for (begin, end), name in zip(holes, variables, strict=True):
        out.append(_words(text[at:begin], known or {}))
        out.append(f'"$({language} "${name}")"')
        at = end
    out.append(_words(text[at:], known or {}))
    return before, "--data-raw " + ("".join(out) or "''")


def _words(text: str, known: Mapping[str, str]) -> str:
    """`text` quoted, but for the texts that have an expression."""
    if not known:
        return shlex.quote(text) if text else ""
    found = re.split("(" + "|".join(map(re.escape, sorted(known, key=len, reverse=True))) + ")", text)
    return "".join(known.get(each) or (shlex.quote(each) if each else "") for each in found)


def _names(body: bytes, content_type: str | None) -> list[str]:
    try:
        message = decode_bytes(body, content_type=content_type)
    except DecodeError:
        return []
    return secret_names(message) if isinstance(message, Request) else []


def _plain(body: bytes, encoding: str | None) -> tuple[bytes, str]:
    """The body without its content coding, and the coding that could not be undone."""
    try:
        return content_decode(body, encoding), ""
    except DecodeError:
        return body, encoding or ""


def _target(url: str | None, path: str) -> list[str]:
    """The words that name where the request goes."""
    base = '"$XRAYTAP_URL"' if url is None else _quote(url.rstrip("/"))
    if not path.startswith("/"):
        # An absolute target, as for a proxy, or one that is no path at all.
        return [f"--request-target {_quote(path)}", base]
    words = [base + _quote(path) if url is None else _quote(url.rstrip("/") + path)]
    if "/." in path:
        words.insert(0, "--path-as-is")
    return ["--globoff", *words] if _GLOB.search(path) else words


def _quote(text: str) -> str:
    """A word of a head, which is latin-1. Raw control characters could end a paste and begin a command, so
    `printf` makes them, as it makes the bytes that are no ASCII."""
    if text.isascii() and text.isprintable():
        return shlex.quote(text)
    octal = "".join(
        char if char.isascii() and char.isprintable() and char not in "\\%'" else f"\\{byte:03o}"
        for char, byte in zip(text, text.encode("latin-1", "replace"), strict=True)
    )
    return f"\"$(printf '{octal}')\""


def _header(name: str, value: str) -> str:
    """A header's word; curl leaves out a header that ends in a colon, and sends it empty for a semicolon."""
    if not value:
        return _quote(f"{name};")
    if "<redacted>" in value:
        before, _, after = value.partition("<redacted>")
        hole = f'"${{{variable("header " + name)}?the secret that the capture lacks}}"'
        return _quote(f"{name}: {before}") + hole + (_quote(after) if after else "")
    return _quote(f"{name}: {value}")
