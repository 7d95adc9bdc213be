"""Rules about JSON-RPC as XAPI speaks it: versions, ids, batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.describe import short
from xraytap.protocol.lint.rule import Problem, Rule, Severity, rule
from xraytap.protocol.messages import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.lint.subject import Subject


@rule("json-id", Severity.ERROR, "a JSON-RPC request without a usable id")
def json_id(subject: Subject) -> Iterator[Problem]:
    """XAPI wants an id that is a text or an int in every request; null is none, and it knows no notifications."""
    document = subject.json_request
    if not isinstance(document, dict):
        return
    number = document.get("id")
    if not isinstance(number, str | int) or isinstance(number, bool):
        found = "null" if number is None and "id" in document else "none" if number is None else short(number)
        yield Problem(where="request id", message=f"{found}, where a text or an int is due")


@rule("json-batch", Severity.ERROR, "a JSON-RPC batch")
def json_batch(subject: Subject) -> Iterator[Problem]:
    """Several calls in one list: JSON-RPC 2.0 has such batches, XAPI does not take them. Make the calls one by one
    over one connection."""
    if subject.request is not None and subject.request.method == BATCH:
        yield Problem(
            where="request", message=f"a batch of {len(subject.request.params)}; XAPI takes single calls"
        )


@rule("json-version", Severity.WARNING, "JSON-RPC versions that do not go together")
def json_version(subject: Subject) -> Iterator[Problem]:
    """The request names a version that is not 2.0 (1.0 has no such member), or the answer is of another version
    than the request, so that its error stands where the client does not look. What XAPI refuses before it looks
    at the version, in emergency mode, it refuses as 2.0: that is a note."""
    document, request, response = subject.json_request, subject.request, subject.call.response
    if isinstance(document, dict) and document.get("jsonrpc", "2.0") != "2.0":
        message = f'{short(document["jsonrpc"])}; XAPI knows "2.0", and 1.0 without the member'
        yield Problem(where="request jsonrpc", message=message)
        return
    if request is None or response is None or request.protocol != "jsonrpc" or request.method == BATCH:
        return
    if response.protocol == "jsonrpc" and request.version != response.version:
        early = isinstance(subject.json_answer, dict) and isinstance(subject.json_answer.get("error"), list)
        known = early and response.version == "2.0" and response.id == 0
        yield Problem(
            where="answer jsonrpc",
            message=f"{response.version} in answer to {request.version}"
            + ("; known of XAPI" if known else ""),
            severity=Severity.NOTE if known else None,
        )


@rule("json-id-mismatch", Severity.ERROR, "an answer with another id than its request")
def json_id_mismatch(subject: Subject) -> Iterator[Problem]:
    """The answer's id must be the request's, of the same type: 1 is not "1". A client that waits for its id throws
    the answer away. The id 0 of what XAPI refuses before dispatch is not told."""
    request, response = subject.request, subject.call.response
    if request is None or response is None or request.protocol != "jsonrpc" or request.method == BATCH:
        return
    if response.protocol != "jsonrpc" or (response.id == 0 and response.error is not None):
        return
    if type(response.id) is not type(request.id) or response.id != request.id:
        yield Problem(where="answer id", message=f"{short(response.id)} in answer to {short(request.id)}")


@rule("json-shape", Severity.WARNING, "a JSON-RPC message with parts that contradict each other")
def json_shape(subject: Subject) -> Iterator[Problem]:
    """Parameters by name (XAPI takes the object as one record), or an answer that has both a result and an error, of
    which a client may believe either."""
    document, answer = subject.json_request, subject.json_answer
    if isinstance(document, dict) and isinstance(document.get("params"), dict):
        message = "an object; XAPI takes it as one record, give a list"
        yield Problem(where="request params", message=message)
    if isinstance(answer, dict) and answer.get("result") is not None and answer.get("error") is not None:
        yield Problem(where="answer", message="a result and an error at once")


RULES: tuple[Rule, ...] = (json_id, json_batch, json_version, json_id_mismatch, json_shape)
