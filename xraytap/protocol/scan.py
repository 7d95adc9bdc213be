"""Method, session and status from the bytes, without parsing: what the hot path may use.

Invariant (a property test holds it): for a body that the full decode accepts, a scan either agrees with it
or answers None, "not sure". Only the plain layout that Python peers, xend and XAPI write is recognised. Blanks
are matched possessively: a body of blanks must not cost their square.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import strip_async, takes_session

_DECLARATION = (
    rb"""\s*+(?:<\?xml\s++version=["']1\.0["']"""
    rb"""(?:\s++encoding=["'](?:[uU][tT][fF]-8|[aA][sS][cC][iI][iI]|[uU][sS]-[aA][sS][cC][iI][iI])["'])?\s*+\?>)?\s*+"""
)
_REQUEST = re.compile(
    _DECLARATION
    + rb"<methodCall>\s*+<methodName>\s*+([A-Za-z0-9_.:\-]{1,200})\s*+</methodName>\s*+"
    + rb"(?:</methodCall>|<params\s*+/>|<params>\s*+(?:</params>"
    + rb"|<param>\s*+<value>(?:<string>([^<&\x00-\x1f]*)</string>|([^<&\x00-\x1f]*))</value>|(<param>)))"
)
_RESPONSE = re.compile(
    _DECLARATION
    + rb"<methodResponse>\s*+(?:(<fault>)|<params>\s*+<param>\s*+<value>\s*+(?:<struct>\s*+<member>\s*+"
    + rb"<name>Status</name>\s*+<value>(?:<string>)?(Success|Failure|Error)(?:</string>)?</value>\s*+</member>\s*+"
    + rb"<member>\s*+<name>(Value|ErrorDescription)</name>\s*+<value>"
    + rb"(?:\s*+<array>\s*+<data>\s*+<value>(?:<string>)?([^<&\x00-\x1f]{1,200})(?:</string>)?</value>)?)?)"
)
_FAULT_FIRST = re.compile(
    rb"<fault>\s*+<value>\s*+<struct>\s*+<member>\s*+<name>faultCode</name>\s*+"
    rb"<value>\s*+<(?:int|i4)>\s*+(-?[0-9]{1,9})\s*+</(?:int|i4)>\s*+</value>\s*+</member>\s*+"
    rb"<member>\s*+<name>faultString</name>"
)
_CALL_END = re.compile(rb"</methodCall>\s*+\Z")
_ANSWER_END = re.compile(rb"</methodResponse>\s*+\Z")


@dataclass(frozen=True, slots=True)
class ScannedRequest:
    """`method` is without `Async.`; `session` is None where the call carries none."""

    method: str
    is_async: bool
    session: str | None


@dataclass(frozen=True, slots=True)
class ScannedResponse:
    """`error_code` as in CallRow."""

    outcome: Outcome
    error_code: str | None


def scan_request(body: bytes) -> ScannedRequest | None:
    """What the start of an XML-RPC request says, or None when only a full decode can tell."""
    match = _REQUEST.match(body)
    if match is None or _CALL_END.search(body, max(0, len(body) - 64)) is None:
        return None
    method, is_async = strip_async(match[1].decode("ascii"))
    if not takes_session(method):
        return ScannedRequest(method, is_async, None)
    first = match[2] if match[2] is not None else match[3]
    if first is None:
        # No parameter is sure; a first parameter that is no plain string is not.
        return None if match[4] is not None else ScannedRequest(method, is_async, None)
    try:
        return ScannedRequest(method, is_async, first.decode("ascii"))
    except UnicodeDecodeError:
        return None


def scan_response(body: bytes) -> ScannedResponse | None:
    """What the start of an XML-RPC answer says, or None when only a full decode can tell."""
    match = _RESPONSE.match(body)
    if match is None or _ANSWER_END.search(body, max(0, len(body) - 64)) is None:
        return None
    fault, status, second, code = match.groups()
    if fault is not None:
        number = _FAULT_FIRST.match(body, match.start(1))
        return None if number is None else ScannedResponse(Outcome.FAULT, str(int(number[1])))
    if status == b"Success":
        return ScannedResponse(Outcome.SUCCESS, None) if second == b"Value" else None
    if status is not None:
        if second != b"ErrorDescription" or code is None:
            return None
        try:
            return ScannedResponse(Outcome.FAILURE, code.decode("ascii"))
        except UnicodeDecodeError:
            return None
    # Without an envelope in sight it may be a plain value, or a struct with Status further on.
    return None
