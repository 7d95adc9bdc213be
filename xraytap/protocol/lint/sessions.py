"""Rules about sessions and references: who may use what, and what must be given back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.objects import NULL_REFS, refs_in
from xraytap.protocol.correlate.sessions import SessionEnd
from xraytap.protocol.describe import short
from xraytap.protocol.lint.rule import Needs, Problem, Rule, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.correlate.sessions import Session
    from xraytap.protocol.lint.subject import Subject

_INVALID = "SESSION_INVALID"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_POLICIES = {"XSPolicy", "ACMPolicy"}
_REFUSED = (Outcome.FAILURE, Outcome.FAULT)


@rule("missing-session", Severity.ERROR, "a call without the session that it needs")
def missing_session(subject: Subject) -> Iterator[Problem]:
    """All calls but the logins have the session, as the login gave it, for their first parameter. Here it is not
    there, empty, or no text; the host answers SESSION_INVALID or MESSAGE_PARAMETER_COUNT_MISMATCH."""
    facts, request = subject.facts, subject.request
    if facts is None or request is None or not facts.takes_session:
        return
    if not request.params:
        yield Problem(where="parameters", message="no parameters at all, where the session is due first")
    elif not isinstance(request.params[0], str) or request.params[0] == "":
        found = short(request.params[0])
        yield Problem(where="parameter 1", message=f"{found} where the session of the login is due")


@rule("unknown-session", Severity.ERROR, "a session that the host does not know", needs=Needs.CAPTURE)
def unknown_session(subject: Subject) -> Iterator[Problem]:
    """The host answered SESSION_INVALID to a session that no login of this capture gave and that never worked in
    it: a token kept from another run, of another host of the pool, or made up. Log in and use what the login
    gives."""
    row, memory = subject.row, subject.memory
    if row.error_code != _INVALID or row.session is None or row.session == "" or memory is None:
        return
    session = memory.sessions.get(row.session)
    if session is None or not _worked(session):
        yield Problem(
            where="parameter 1",
            message=f"the host does not know the session {short(row.session)}, and no login here gave it",
        )


@rule("session-expired", Severity.WARNING, "a session that worked before is refused", needs=Needs.CAPTURE)
def session_expired(subject: Subject) -> Iterator[Problem]:
    """The host answered SESSION_INVALID to a session that had worked and was not logged out: the host was started
    anew, somebody ended the session from outside, it lay idle too long, or too many others were opened (XAPI
    drops the oldest). Log in again at the first such answer; each further call on it is told as well."""
    row, memory = subject.row, subject.memory
    session = memory.sessions.get(row.session) if memory is not None else None
    if row.error_code != _INVALID or session is None or session.logout_seq is not None:
        return
    if not _worked(session):
        return
    if session.expired_seq is not None:
        message = f"the host refused this session at #{session.expired_seq} already"
    else:
        message = f"the host has ended the session, last used at #{session.last_seq}; log in again"
    yield Problem(where="parameter 1", message=message)


def _worked(session: Session) -> bool:
    """Whether the host has known the session, as far as the capture shows."""
    return session.login_seq is not None or session.accepted


@rule("use-after-logout", Severity.ERROR, "a session is used once it was logged out", needs=Needs.CAPTURE)
def use_after_logout(subject: Subject) -> Iterator[Problem]:
    """The client logged the session out and made a further call with it, which the host refused. Mostly a second
    thread, or a logout in a clean-up that comes too early."""
    row, memory = subject.row, subject.memory
    session = memory.sessions.get(row.session) if memory is not None else None
    if session is None or session.logout_seq is None or row.outcome is Outcome.SUCCESS:
        return
    yield Problem(where="parameter 1", message=f"the session was logged out at #{session.logout_seq}")


@rule("session-leak", Severity.WARNING, "a session that is never logged out", needs=Needs.END)
def session_leak(subject: Subject) -> Iterator[Problem]:
    """A login succeeded and no logout of it did before the capture ended. xend keeps such a session until it is
    started anew; XAPI until it has lain idle for a day, and drops the oldest when there are too many, which
    may be somebody's who works with it. Log out in a finally. Not told of a capture that is still recorded."""
    for session in subject.memory.sessions if subject.memory is not None else ():
        if session.end is SessionEnd.LEAKED:
            calls = "1 call" if session.calls == 1 else f"{session.calls} calls"
            used = f"used for {calls}, the last at #{session.last_seq}," if session.calls else "never used"
            whose = f"{short(session.token)} of {short(session.user or '')}"
            yield Problem(
                where="answer",
                message=f"the session {whose} was {used} and never logged out",
                seq=session.login_seq,
            )


@rule(
    "ref-across-sessions", Severity.WARNING, "a reference that another session was given", needs=Needs.CAPTURE
)
def ref_across_sessions(subject: Subject) -> Iterator[Problem]:
    """A call uses a reference that only other sessions of the capture were given. References have a meaning in
    the session that got them; that they happen to live longer on a host is not promised. Keep uuids, and ask
    get_by_uuid in the new session. Told once for a session and reference, and only where the session's login
    is in the capture."""
    row, memory = subject.row, subject.memory
    session = memory.sessions.get(row.session) if memory is not None else None
    if memory is None or session is None or session.login_seq is None or session.token in memory.blind:
        return
    for where, class_name, ref in _refs(subject):
        known = memory.refs.get(ref)
        if known is None or known.crowded or not known.sessions or session.token in known.sessions:
            continue
        other, seq = next(iter(known.sessions.items()))
        memory.give(ref, session.token, row.seq)
        yield Problem(
            where=where,
            message=f"the {class_name} {short(ref)} was given to the session {short(other)} (#{seq}), never to this "
            f"one; ask {class_name}.get_by_uuid here",
        )


@rule(
    "ref-of-wrong-class",
    Severity.ERROR,
    "a reference of another class than the call takes",
    needs=Needs.CAPTURE,
)
def ref_of_wrong_class(subject: Subject) -> Iterator[Problem]:
    """The host gave the reference as one of another class: a VBD's where a VM's is due. The host answers
    HANDLE_INVALID, or stores it as it is and fails later. xend gives an object and its metrics one reference;
    that is no finding."""
    memory = subject.memory
    if memory is None or (subject.is_xend and subject.row.error_code != "HANDLE_INVALID"):
        return  # xend looks a reference up in the class that the call names, and not always
    classes = subject.model.classes()
    for where, class_name, ref in _refs(subject):
        known = memory.refs.get(ref)
        if known is None or not known.classes or class_name not in classes:
            continue
        if not _same_object(class_name).intersection(known.classes):
            given = " or ".join(sorted(known.classes))
            yield Problem(where=where, message=f"{short(ref)} is a {given}, where a {class_name} is due")


def _same_object(class_name: str) -> set[str]:
    """The classes as which xend gives one object: with its metrics, a policy as what it is in particular."""
    same = {class_name, f"{class_name}_metrics", class_name.removesuffix("_metrics")}
    return same | _POLICIES if class_name in _POLICIES else same


@rule("null-ref", Severity.WARNING, "a call on the null reference")
def null_ref(subject: Subject) -> Iterator[Problem]:
    """A call is made on the reference to nothing (`OpaqueRef:NULL`, xend's empty text), as fields have it that are
    not set: a VM without guest_metrics, a VBD without a disk. The host answers HANDLE_INVALID. Look before the
    call."""
    if subject.row.outcome is not Outcome.FAILURE:
        return
    for each in subject.params[1:2]:
        type_ = each.typed.type
        if type_ is not None and type_.kind == "ref" and each.typed.wire in NULL_REFS:
            yield Problem(
                where=f"parameter {each.name}", message=f"a call on no {type_.name}; look whether it is set"
            )


@rule("ref-or-uuid", Severity.ERROR, "a uuid where XAPI wants a reference, or the reverse")
def ref_or_uuid(subject: Subject) -> Iterator[Problem]:
    """On XAPI a reference (`OpaqueRef:...`) and a uuid are two things, while on xend they are one. A plain uuid as a
    reference ends in HANDLE_INVALID, a reference given to get_by_uuid in UUID_INVALID. get_by_uuid and get_uuid
    lead from one to the other."""
    if subject.is_xend or subject.row.outcome not in _REFUSED or subject.request is None:
        return
    for where, class_name, ref in _refs(subject):
        if _UUID.fullmatch(ref):
            yield Problem(
                where=where, message=f"a uuid where a reference is due; ask {class_name}.get_by_uuid first"
            )
    if subject.request.message == "get_by_uuid":
        for each in subject.params[1:2]:
            if isinstance(each.typed.wire, str) and each.typed.wire.startswith("OpaqueRef:"):
                yield Problem(where=f"parameter {each.name}", message="a reference where a uuid is due")


def _refs(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """The references among the parameters: where, class, reference. Null ones are none."""
    for each in subject.params:
        for class_name, ref in refs_in(each.typed):
            if ref not in NULL_REFS:
                yield f"parameter {each.name}", class_name, ref


RULES: tuple[Rule, ...] = (
    missing_session,
    unknown_session,
    session_expired,
    use_after_logout,
    session_leak,
    ref_across_sessions,
    ref_of_wrong_class,
    null_ref,
    ref_or_uuid,
)
