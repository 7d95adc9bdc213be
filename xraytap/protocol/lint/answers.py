"""Rules about what came back: the envelope, errors, faults, bodies that cannot be read."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.describe import short
from xraytap.protocol.lint.rule import Problem, Rule, Severity, rule
from xraytap.protocol.messages import BATCH
from xraytap.protocol.values import members, wire_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.lint.subject import Subject

_OUR_OWN = "XRAYTAP_"
"""What a playback host says where it has no answer."""
_STATUSES = frozenset({"Success", "Failure"})


@rule("undecodable", Severity.ERROR, "a body that cannot be read")
def undecodable(subject: Subject) -> Iterator[Problem]:
    """The request or the answer is not well-formed, is cut off, carries a DTD, is not in its encoding, or is no
    RPC message at all. To most requests of this kind xend says nothing and closes the connection, XAPI answers
    HTTP 500. Answers with an error status are not told, their text is for people."""
    call, exchange = subject.call, subject.exchange
    if subject.row.protocol == "tcp":
        yield Problem(
            where="connection", message=subject.row.decode_error or "these bytes are no HTTP request"
        )
    if call.request_error is not None and not exchange.request.cut:
        yield Problem(where="request", message=str(call.request_error))
    side = subject.answered
    if call.response_error is None or side is None or side.message.cut:
        return
    if subject.row.outcome is not Outcome.HTTP_ERROR:
        yield Problem(where="answer", message=str(call.response_error))


@rule("no-envelope", Severity.ERROR, "an answer without Status and Value")
def no_envelope(subject: Subject) -> Iterator[Problem]:
    """Every answer of the Xen-API is a struct of Status with Value or ErrorDescription. This one is something else,
    or lacks the part that belongs to its Status; client libraries fail on it before they look at the value.
    Calls that have no envelope (`xend.*`, `system.*`) are not told."""
    answer, response = subject.answer, subject.call.response
    if not _is_xen_api(subject) or answer is None or response is None or answer.enveloped:
        return
    if answer.outcome is Outcome.FAULT or response.protocol == "jsonrpc":
        return
    parts = members(response.value)
    if parts is None:
        message = f"{wire_type(response.value)} where a struct with Status is due"
    else:
        found = dict(reversed(parts))
        status = found.get("Status")
        if status is None:
            message = "a struct without Status"
        elif status == "Success":
            message = "Status Success without Value"
        elif "ErrorDescription" in found:
            message = (
                f"ErrorDescription is {wire_type(found['ErrorDescription'])}, where a list of texts is due"
            )
        else:
            message = f"Status {short(status)} without ErrorDescription"
    yield Problem(where="answer", message=message)


@rule("unknown-status", Severity.ERROR, "a Status that is neither Success nor Failure")
def unknown_status(subject: Subject) -> Iterator[Problem]:
    """Status is Success or Failure, by the letter. xend has a third, `Error`, for calls that were never written;
    those are told by unimplemented."""
    answer = subject.answer
    if answer is None or not answer.enveloped or answer.status in _STATUSES:
        return
    if not (subject.is_xend and answer.status == "Error"):
        yield Problem(
            where="answer Status", message=f"{short(answer.status)} where Success or Failure is due"
        )


@rule("bad-error", Severity.ERROR, "an ErrorDescription that is no list of texts")
def bad_error(subject: Subject) -> Iterator[Problem]:
    """ErrorDescription is a list of texts, the code first: counts, references and booleans too are texts in it. This
    one is empty or has something else in it, and clients that join or compare its parts fail."""
    answer = subject.answer
    if answer is None or answer.error is None:
        return
    if not answer.error:
        yield Problem(where="answer ErrorDescription", message="an empty list, where an error code is due")
    for index, each in enumerate(answer.error):
        if not isinstance(each, str):
            yield Problem(
                where=f"answer ErrorDescription.{index}", message=f"{wire_type(each)} where a text is due"
            )


@rule("fault", Severity.WARNING, "a fault where the Xen-API has failures")
def fault(subject: Subject) -> Iterator[Problem]:
    """The answer is a fault (of XML-RPC, or a JSON-RPC error that is no Xen-API code). The Xen-API refuses with a
    Failure and has no faults, so it was not the Xen-API that answered: another server, a proxy, or an
    exception that nobody caught. The legacy `xend.*` calls have faults and are not told."""
    answer = subject.answer
    if answer is not None and answer.fault is not None and _is_xen_api(subject):
        said = f"fault {answer.fault.code}: {short(answer.fault.string, 80)}"
        yield Problem(where="answer", message=said)


@rule("undocumented-error", Severity.WARNING, "an error code that the API has not")
def undocumented_error(subject: Subject) -> Iterator[Problem]:
    """The host refused with a code that no document of its API lists; a client that knows the documented ones has no
    answer to it. Codes that xend is known to send are a note. Not told are XAPI's storage codes
    (SR_BACKEND_FAILURE_...) and what plugins say, whose codes are their own."""
    answer, model = subject.answer, subject.model
    if answer is None or not answer.error or not isinstance(answer.error[0], str) or not _is_xen_api(subject):
        return
    code = str(answer.error[0])
    if code.startswith(_OUR_OWN):
        return
    if model.error(code) is not None:
        if model.undocumented(code) and (subject.facts is None or subject.facts.status == "ok"):
            yield Problem(
                where="answer ErrorDescription.0",
                message=f"{short(code)} is in no document; known of {subject.title}",
                severity=Severity.NOTE,
            )
        return
    if not subject.is_xend and (code.startswith("SR_BACKEND_FAILURE") or code == "Fault"):
        return
    if subject.request is not None and "plugin" in subject.request.name:
        return
    near = difflib.get_close_matches(code, model.errors(), n=1, cutoff=0.8)
    hint = f"; did they mean {near[0]}?" if near else ""
    yield Problem(
        where="answer ErrorDescription.0", message=f"{subject.title} has no error {short(code)}{hint}"
    )


def _is_xen_api(subject: Subject) -> bool:
    """Whether the call has an envelope: neither legacy nor one about the server."""
    request = subject.request
    if request is None or request.method == BATCH:
        return False
    return not request.name.startswith(("xend.", "system."))


RULES: tuple[Rule, ...] = (undecodable, no_envelope, unknown_status, bad_error, fault, undocumented_error)
