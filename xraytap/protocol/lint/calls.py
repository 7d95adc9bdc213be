"""Rules about the call itself: its name, how many parameters, whether the host has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel.model import APIS, load
from xraytap.protocol.lint.rule import Problem, Rule, Severity, rule
from xraytap.protocol.lint.subject import title_of
from xraytap.protocol.messages import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.lint.subject import Subject

_BUILT_IN = ("system.", "unknown-message-")
_XEND_STATUS = {
    "todo": "xend never got to it and answers Status Error with ETODO",
    "unsupported": "xend answers EUNSUPPORTED",
    "refused": "xend refuses it always, with OPERATION_NOT_ALLOWED",
    "noop": "xend says Success and does nothing",
    "echo": "xend answers with the parameter that it was given",
    "unwrapped": "xend's answer has no envelope, so it turns it into INTERNAL_ERROR",
    "nameerror": "it fails with INTERNAL_ERROR, by a mistake in xend",
    "attributeerror": "it fails with INTERNAL_ERROR, by a mistake in xend",
}
_ALWAYS_SUCCEED = frozenset({"noop", "echo"})


@rule("unknown-method", Severity.ERROR, "the host's API has no such call")
def unknown_method(subject: Subject) -> Iterator[Problem]:
    """The data model of the host's API has no call of this name: a slip of the pen, a call of the other API, or
    one of another release. The host answers MESSAGE_METHOD_UNKNOWN. A call that the host answered with success
    is only noted: an extension, or a release that knows more than the data model."""
    request = subject.request
    if request is None or subject.facts is not None or request.method == BATCH:
        return
    if request.name.startswith(_BUILT_IN):
        return
    hint = _hint(request.name, subject.model)
    took = subject.row.outcome is Outcome.SUCCESS
    yield Problem(
        where="method",
        message=f"{subject.title} has no {request.name}" + (", yet the host took it" if took else "") + hint,
        severity=Severity.NOTE if took else None,
    )


def _hint(name: str, model: Model) -> str:
    other = load(next(each for each in APIS if each != model.name))
    if other.message(name) is not None:
        return f"; it is a call of {title_of(other.name)}, and this host is read as {title_of(model.name)} (--api)"
    near = model.nearest(name)
    if near:
        same = [each for each in near if each.rpartition(".")[0] == name.rpartition(".")[0]]
        return f"; did you mean {' or '.join(same or near)}?"
    far = other.nearest(name)[:1]
    return f"; the nearest is {far[0]} of {title_of(other.name)}" if far else ""


@rule("wrong-arity", Severity.ERROR, "too few or too many parameters")
def wrong_arity(subject: Subject) -> Iterator[Problem]:
    """The call has fewer parameters than it needs, or more than it takes, the session counted. xend and XAPI
    answer MESSAGE_PARAMETER_COUNT_MISMATCH; xend's counts include the session, XAPI's do not. XAPI ignores
    surplus parameters of calls that have optional ones: that is a warning, as is a count that the host took
    all the same."""
    facts, request = subject.facts, subject.request
    if facts is None or request is None or (facts.takes_session and not request.params):
        return  # without any parameter it is the session that is missing, which has a rule of its own
    given, most = len(request.params), len(facts.params)
    if facts.least <= given <= most:
        return
    names = [each.name + ("?" if each.optional else "") for each in facts.params]
    due = (
        f"{facts.least} to {most} are due"
        if facts.least < most
        else f"{most} {'is' if most == 1 else 'are'} due"
    )
    message = f"{given} parameter{'s' if given != 1 else ''} where {due} ({', '.join(names)})"
    if given < facts.least:
        message += f"; missing: {', '.join(each.name for each in facts.params[given : facts.least])}"
    ignored = not subject.is_xend and given > most and facts.least < most
    took = subject.row.outcome is Outcome.SUCCESS
    yield Problem(
        where="parameters",
        message=message + ("; XAPI ignores the surplus" if ignored else "; the host took it" if took else ""),
        severity=Severity.WARNING if ignored or took else None,
    )


@rule("no-async", Severity.ERROR, "Async of a call that has none")
def no_async(subject: Subject) -> Iterator[Problem]:
    """`Async.` stands before a call that cannot be made asynchronously: getters and setters of fields and the
    logins, on both hosts. xend answers MESSAGE_METHOD_UNKNOWN, XAPI a Failure whose code is the word `Fault`.
    Make the call without `Async.`."""
    facts, request = subject.facts, subject.request
    if facts is None or request is None or not request.is_async or facts.has_async:
        return
    if subject.row.outcome is not Outcome.SUCCESS:
        yield Problem(where="method", message=f"{facts.method} has no Async form; make the call without it")


@rule("internal-call", Severity.WARNING, "a call that hosts of a pool keep to themselves")
def internal_call(subject: Subject) -> Iterator[Problem]:
    """XAPI has calls that only another host of the pool may make, with a session of slave_login. On a client's
    session they end in INTERNAL_ERROR, and they change from release to release."""
    facts = subject.facts
    if facts is not None and facts.internal and subject.row.outcome is not Outcome.SUCCESS:
        yield Problem(
            where="method", message=f"{facts.method} is for hosts of a pool only, no client may make it"
        )


@rule("unimplemented", Severity.WARNING, "xend does not do what its document says")
def unimplemented(subject: Subject) -> Iterator[Problem]:
    """The call is in the document of xend's API, and xend does not have it (an error), or has it in name only: it
    answers `Error` with ETODO, refuses always, fails by a mistake of its own, or says Success and does
    nothing. A client must do without."""
    facts = subject.facts
    if facts is None:
        return
    took = subject.row.outcome is Outcome.SUCCESS
    if not facts.implemented:
        if not took:
            message = (
                f"{facts.method} is in xend's document and not in xend, which answers MESSAGE_METHOD_UNKNOWN"
            )
            yield Problem(where="method", message=message, severity=Severity.ERROR)
    elif facts.status != "ok" and (not took or facts.status in _ALWAYS_SUCCEED):
        yield Problem(where="method", message=f"{facts.method}: {_XEND_STATUS[facts.status]}")


@rule("deprecated", Severity.WARNING, "a call that is on its way out")
def deprecated(subject: Subject) -> Iterator[Problem]:
    """The release's data model marks the call as deprecated: it works, and will be taken away. For events, use
    event.from instead of register, next and unregister."""
    facts = subject.facts
    if facts is not None and facts.state == "deprecated":
        instead = "; use event.from" if facts.method.startswith("event.") else ""
        yield Problem(
            where="method", message=f"{facts.method} is deprecated in {_release(subject.model)}{instead}"
        )


@rule("removed", Severity.ERROR, "a call that the release has no more")
def removed(subject: Subject) -> Iterator[Problem]:
    """Older releases had the call; this one checks the session and then answers MESSAGE_REMOVED. A call that the
    host answered with success is not told: the host is of an older release."""
    facts = subject.facts
    if facts is not None and facts.state == "removed" and subject.row.outcome is not Outcome.SUCCESS:
        yield Problem(where="method", message=f"{facts.method} is removed in {_release(subject.model)}")


@rule("prototyped", Severity.NOTE, "a call that may still change")
def prototyped(subject: Subject) -> Iterator[Problem]:
    """The release marks the call as a prototype: its name, parameters and meaning may change in the next one."""
    facts = subject.facts
    if facts is not None and facts.state == "prototyped":
        yield Problem(
            where="method",
            message=f"{facts.method} is a prototype in {_release(subject.model)}; it may change",
        )


def _release(model: Model) -> str:
    """`XAPI 2.23`, without the build."""
    return model.api.partition(" (")[0]


RULES: tuple[Rule, ...] = (
    unknown_method,
    wrong_arity,
    no_async,
    internal_call,
    unimplemented,
    deprecated,
    removed,
    prototyped,
)
