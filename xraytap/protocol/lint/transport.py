"""Rules about HTTP: heads, lengths, codings, character sets."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from xraytap.protocol.describe import short
from xraytap.protocol.http import charset_of
from xraytap.protocol.lint.rule import Needs, Problem, Rule, Severity, rule
from xraytap.protocol.redact_values import clean_params
from xraytap.protocol.summary import RPC_PATHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.lint.subject import Side, Subject

_ONLY_RPC = RPC_PATHS - {"/"}
_NO_BODY = frozenset({"HEAD", "OPTIONS"})
_LOCAL = re.compile(r"http://(?:localhost|127\.[0-9.]+|\[::1\])(?:[:/]|$)", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@rule("http-method", Severity.WARNING, "a call that is no POST")
def http_method(subject: Subject) -> Iterator[Problem]:
    """Calls are POSTed. Another method on a path that serves calls (`/RPC2`, `/json`, `/jsonrpc`) is answered with an
    error page: a browser, a health check, or a client that was redirected and forgot its body. OPTIONS is
    XAPI's answer to browsers and is not told."""
    row = subject.row
    path = row.path.partition("?")[0]
    if row.protocol != "http" or row.http_method in ("POST", "OPTIONS"):
        return
    refused = path == "/" and row.http_status is not None and row.http_status >= 400
    if path in _ONLY_RPC or refused:
        yield Problem(
            where="request", message=f"{short(row.http_method)} {short(row.path)}, where calls are POSTed"
        )


@rule("http-path", Severity.WARNING, "a path where the host does not serve such calls")
def http_path(subject: Subject) -> Iterator[Problem]:
    """XAPI takes XML-RPC at `/`, `/RPC2` and `/json`, and JSON-RPC at `/jsonrpc` alone. xend looks at no path and
    every client of it says `/RPC2`: another one is a note."""
    if not subject.is_rpc:
        return
    path = subject.row.path.partition("?")[0]
    if subject.is_xend:
        if path not in RPC_PATHS:
            message = f"{short(subject.row.path)}; xend takes any path, other hosts want /RPC2"
            yield Problem(where="request", message=message, severity=Severity.NOTE)
    elif (subject.row.protocol == "jsonrpc") != (path == "/jsonrpc") or path not in RPC_PATHS:
        due = "/jsonrpc" if subject.row.protocol == "jsonrpc" else "/RPC2"
        yield Problem(
            where="request", message=f"{subject.row.protocol} at {short(subject.row.path)}; use {due}"
        )


@rule("http-content-type", Severity.WARNING, "a Content-Type that is not what the body is")
def http_content_type(subject: Subject) -> Iterator[Problem]:
    """The head says another type than the body has: JSON that calls itself XML, or XML-RPC as a form or plain text.
    Our hosts look at the body only; proxies, other servers and stricter clients look at the head. A head
    without the header is not told; in an answer it is a note. A POST to a path that serves calls, of a type
    that no call has, is kept as what it says it is and not decoded."""
    row = subject.row
    if row.protocol == "http" and row.http_method == "POST" and row.path.partition("?")[0] in _ONLY_RPC:
        said = subject.asked.header("content-type") or "no Content-Type"
        message = f"{short(said)}, so it is not read as a call; say text/xml or application/json"
        yield Problem(where="request header Content-Type", message=message)
    for where, side in _sides(subject):
        if not side.body or subject.call.request is None:
            continue
        if where == "answer" and subject.answer is None:
            continue
        said = (side.header("content-type") or "").partition(";")[0].strip().lower()
        due = "json" if side.body.lstrip()[:1] in (b"{", b"[") else "xml"
        if said and not said.endswith(due):
            proper = "application/json" if due == "json" else "text/xml"
            message = f"{short(said)} where the body is {due.upper()}; say {proper}"
            severity = Severity.NOTE if where == "answer" else None
            yield Problem(where=f"{where} header Content-Type", message=message, severity=severity)


@rule("http-length", Severity.ERROR, "a Content-Length that is not the body's length")
def http_length(subject: Subject) -> Iterator[Problem]:
    """The Content-Length is no number, comes twice with two numbers, stands beside a Transfer-Encoding, or is not
    the length of the body that came. Whoever stands between client and host may take the rest for the next
    message. Bodies that were cut off on the way are told as no-response, not here."""
    for where, side in _sides(subject):
        lengths = [each.strip() for each in side.all("content-length")]
        place = f"{where} header Content-Length"
        if len(set(lengths)) > 1:
            yield Problem(
                where=place, message=f"given {len(lengths)} times: {', '.join(map(short, lengths))}"
            )
        elif lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            yield Problem(where=place, message=f"{short(lengths[0])} is no number")
        elif lengths and side.header("transfer-encoding"):
            yield Problem(where=place, message="beside Transfer-Encoding, which makes it void")
        elif lengths and int(lengths[0][:18]) != side.message.size and _is_as_sent(subject, where, side):
            came = side.message.size
            yield Problem(where=place, message=f"says {short(lengths[0])}, and {came} bytes of body came")
        elif (
            not lengths and where == "request" and side.message.size and not side.header("transfer-encoding")
        ):
            yield Problem(where=place, message=f"not there, before a body of {side.message.size} bytes")


def _is_as_sent(subject: Subject, where: str, side: Side) -> bool:
    """Whether a body was due, and the length of the one that came is known in spite of redaction."""
    if where == "answer" and (subject.row.http_method in _NO_BODY or subject.row.http_status in (204, 304)):
        return False
    return not subject.exchange.redacted or side.message.size != len(side.message.body)


@rule("http-host", Severity.WARNING, "an HTTP/1.1 request without one Host")
def http_host(subject: Subject) -> Iterator[Problem]:
    """HTTP/1.1 asks for exactly one Host header. xend does not look; any proxy before the host refuses the request."""
    hosts = subject.asked.all("host")
    if subject.asked.start.endswith("HTTP/1.1") and len(hosts) != 1:
        found = "no Host" if not hosts else f"{len(hosts)} Host headers"
        yield Problem(where="request header Host", message=f"{found} in an HTTP/1.1 request")


@rule("http-status", Severity.WARNING, "an RPC answer under another status than 200")
def http_status(subject: Subject) -> Iterator[Problem]:
    """The body is a proper answer, and the status says that something went wrong. Both hosts say 200 whatever the
    answer; clients drop the body of any other and report the status in place of the error."""
    status = subject.row.http_status
    if subject.answer is not None and status is not None and status != 200:
        yield Problem(
            where="answer", message=f"status {status} over an RPC answer; clients look at the status only"
        )


@rule("http-coding", Severity.WARNING, "a compressed body that the other side did not ask for")
def http_coding(subject: Subject) -> Iterator[Problem]:
    """A request is compressed, which hosts are not known to undo, or an answer is compressed in a way that the
    request's Accept-Encoding does not offer."""
    coding = _coding(subject.asked)
    if coding:
        yield Problem(
            where="request header Content-Encoding", message=f"{short(coding)}; hosts take plain bodies only"
        )
    side = subject.answered
    coding = _coding(side) if side is not None else ""
    offered = " ".join(subject.asked.all("accept-encoding")).lower()
    if coding and coding.removeprefix("x-") not in offered and "*" not in offered:
        message = f"{short(coding)}, which the request does not accept"
        yield Problem(where="answer header Content-Encoding", message=message)


def _coding(side: Side) -> str:
    coding = (side.header("content-encoding") or "").strip().lower()
    return "" if coding == "identity" else coding


@rule("charset", Severity.WARNING, "bytes in another character set than was declared")
def charset(subject: Subject) -> Iterator[Problem]:
    """The head's charset and the XML declaration name different sets, or nothing was declared and the bytes are no
    UTF-8. Readers differ in whom they believe, so a name with an umlaut arrives as another one. Bodies of plain
    ASCII are not told."""
    for where, side in _sides(subject):
        body = side.body
        if not subject.is_rpc or body is None or body.isascii():
            continue
        said = charset_of(side.header("content-type"))
        declared = _DECLARED.match(body[:300])
        inside = declared[1].decode("ascii") if declared is not None else None
        if said is not None and inside is not None and _codec(said) != _codec(inside):
            message = f"the head says {short(said)}, the XML declaration {short(inside)}"
            yield Problem(where=where, message=message)
        elif said is None and inside is None and not body.startswith(_BOMS) and not _is_utf8(body):
            yield Problem(where=where, message="no character set is declared and the bytes are no UTF-8")


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return b"\0" in body[:4]  # UTF-16 or UTF-32 without a mark is told by its first character
    return True


@rule("secret-in-clear", Severity.NOTE, "a secret over plain HTTP", needs=Needs.CAPTURE)
def secret_in_clear(subject: Subject) -> Iterator[Problem]:
    """A password, or another parameter that the data model knows as a secret, went to a host over `http://`: whoever
    sees the network can read it, and the session token after it. Use https, or the unix socket. Told once for
    each call that carries one; a host on this machine is not told, nor is one whose URL is not known."""
    memory, request = subject.memory, subject.request
    if (
        memory is None
        or request is None
        or not subject.host.startswith("http://")
        or _LOCAL.match(subject.host)
    ):
        return
    if request.name in memory.told:
        return
    names = subject.exchange.redacted or clean_params(request.name, list(request.params))[1]
    if names:
        memory.told.add(request.name)
        secrets = ", ".join(sorted({each.removeprefix(f"{request.name}.") for each in names}))
        yield Problem(where="request", message=f"{secrets} in clear to {subject.host}")


def _sides(subject: Subject) -> Iterator[tuple[str, Side]]:
    if subject.row.protocol == "tcp":
        return
    yield "request", subject.asked
    if subject.answered is not None:
        yield "answer", subject.answered


RULES: tuple[Rule, ...] = (
    http_method,
    http_path,
    http_content_type,
    http_length,
    http_host,
    http_status,
    http_coding,
    charset,
    secret_in_clear,
)
