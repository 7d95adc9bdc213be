"""Rules about parameters and results: types, words of enums, members of records, repeated members."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel.typed import iso
from xraytap.protocol.describe import short
from xraytap.protocol.lint.rule import Problem, Rule, Severity, rule
from xraytap.protocol.values import Struct, members, wire_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.datamodel.typed import Typed
    from xraytap.protocol.lint.subject import Subject
    from xraytap.protocol.values import Value


@rule("param-type", Severity.ERROR, "a parameter of another type than the call takes")
def param_type(subject: Subject) -> Iterator[Problem]:
    """A parameter, or a part of one, is not of the type that the data model tells: a text where a boolean is due,
    a struct where a list is. xend lets much of it pass until its own code fails with INTERNAL_ERROR; XAPI
    answers INTERNAL_ERROR at once. What XAPI is known to read (an int as a float, a text as a date) is not
    told; what the host took all the same is a warning."""
    for where, typed in _wrong_params(subject):
        if not (_is_native_int(typed) or _is_word(typed) or _xapi_takes(subject, typed)):
            yield Problem(
                where=where,
                message=f"{typed.problem}: {short(typed.wire)}",
                severity=_milder(subject),
            )


@rule("native-int", Severity.WARNING, "an int sent as a number where a text of digits is due")
def native_int(subject: Subject) -> Iterator[Problem]:
    """The Xen-API's ints have 64 bits and XML-RPC's have 32, so they travel as strings of digits. XAPI takes `<int>` as
    well, xend passes it on as it is to code that expects text, and libraries refuse to send a number past
    2^31. Send str(number)."""
    for where, typed in _wrong_params(subject):
        if _is_native_int(typed):
            number = short(typed.wire)
            yield Problem(
                where=where,
                message=f"the number {number} came as <{wire_type(typed.wire)}>, where the Xen-API has "
                f'strings of digits: send "{number}"',
            )


@rule("param-word", Severity.ERROR, "a word that the enum does not have")
def param_word(subject: Subject) -> Iterator[Problem]:
    """A parameter has an enum for its type, and its text is none of the enum's words. Upper and lower case count. XAPI
    answers INTERNAL_ERROR; xend may keep the word as it is."""
    for where, typed in _wrong_params(subject):
        if _is_word(typed):
            yield Problem(
                where=where,
                message=f"{typed.problem}{_near_word(subject, typed)}",
                severity=_milder(subject),
            )


@rule("unknown-member", Severity.WARNING, "a record given to create has a member that the class has not")
def unknown_member(subject: Subject) -> Iterator[Problem]:
    """The record of a `create` has a member that is no field of the class. XAPI ignores it without a word, so a
    misspelt name_label is an object without a name; xend is not to be relied on either. Fields that only the host sets
    are not told, as records are often read, changed and sent back."""
    for name, record, known in _created(subject):
        fields = subject.model.fields("record", subject.class_name)
        for member, _ in record:
            if member not in fields:
                near = difflib.get_close_matches(member, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                yield Problem(
                    where=f"parameter {name}.{short(member)}",
                    message=f"a {subject.class_name} has no such field{hint}",
                )


@rule("missing-member", Severity.ERROR, "a record given to create lacks a member that has no default")
def missing_member(subject: Subject) -> Iterator[Problem]:
    """XAPI takes a record for `create` whose members are the class's settable fields; those without a default must be
    there, or the call ends in INTERNAL_ERROR. Told for XAPI only, and not where the host took the record."""
    if subject.row.outcome is Outcome.SUCCESS:
        return
    for name, record, known in _created(subject):
        given = {member for member, _ in record}
        missing = [member for member, needed in known.items() if needed and member not in given]
        if missing:
            yield Problem(
                where=f"parameter {name}", message=f"without {', '.join(missing)}, which have no default"
            )


@rule("duplicate-member", Severity.WARNING, "a struct with the same member twice")
def duplicate_member(subject: Subject) -> Iterator[Problem]:
    """A struct has two members of one name. Which of them counts differs from reader to reader, so that client,
    host and whoever stands between may each see another call."""
    if subject.request is not None:
        for index, value in enumerate(subject.request.params):
            named = subject.params[index].name if index < len(subject.params) else str(index + 1)
            yield from _repeated(value, f"parameter {named}")
    if subject.call.response is not None:
        yield from _repeated(subject.call.response.value, "answer")


@rule("result-type", Severity.WARNING, "a result of another type than the call gives")
def result_type(subject: Subject) -> Iterator[Problem]:
    """The host's answer, or a part of it, is not of the type that the data model tells. A client with types of its
    own fails on it. What xend is known to do otherwise is told by host-deviation."""
    for where, typed in _wrong_result(subject):
        if not (_is_word(typed) or _deviates(subject, where, typed)):
            yield Problem(where=where, message=f"{typed.problem}: {short(typed.wire)}")


@rule("result-word", Severity.WARNING, "a result with a word that the enum does not have")
def result_word(subject: Subject) -> Iterator[Problem]:
    """The answer has a word where an enum is due, and it is none of the enum's. A host of a newer release may have
    learnt new words; a client that switches over the known ones must have a default."""
    for where, typed in _wrong_result(subject):
        if _is_word(typed):
            yield Problem(where=where, message=str(typed.problem))


@rule("host-deviation", Severity.NOTE, "the host departs from its document in a known way")
def host_deviation(subject: Subject) -> Iterator[Problem]:
    """A known way of xend to answer otherwise than its document says: `<nil/>` in place of a record or a member, a
    struct for SR.get_all. A client must live with it; nothing is wrong with this host."""
    for where, typed in _wrong_result(subject):
        if _deviates(subject, where, typed):
            yield Problem(where=where, message=f"{typed.problem}; known of xend")


def _wrong_params(subject: Subject) -> Iterator[tuple[str, Typed]]:
    skipped = int(
        subject.facts is not None and subject.facts.takes_session
    )  # missing-session has the session
    for each in subject.params[skipped:]:
        for where, typed in each.typed.mismatches(each.name):
            yield f"parameter {where}", typed


def _wrong_result(subject: Subject) -> Iterator[tuple[str, Typed]]:
    if subject.result is not None and subject.answer is not None:
        if not subject.answer.enveloped and subject.facts is not None and not subject.facts.legacy:
            return  # no-envelope tells it
        yield from subject.result.mismatches("value")


def _milder(subject: Subject) -> Severity | None:
    """What the host took all the same is no error."""
    return Severity.WARNING if subject.row.outcome is Outcome.SUCCESS else None


def _xapi_takes(subject: Subject, typed: Typed) -> bool:
    """XAPI reads more than it writes: floats as ints or texts, dates as texts, ints as texts in JSON too."""
    if subject.is_xend or typed.type is None:
        return False
    kind, wire = typed.type.kind, typed.wire
    if kind == "float":
        return (isinstance(wire, int) and not isinstance(wire, bool)) or _is_number(wire)
    if kind == "datetime":
        return isinstance(wire, str) and iso(str(wire)) is not None
    return kind == "int" and _is_number(wire)


def _is_number(wire: Value) -> bool:
    if not isinstance(wire, str):
        return False
    try:
        float(wire)
    except ValueError:
        return False
    return True


def _is_native_int(typed: Typed) -> bool:
    wire = typed.wire
    return (
        typed.type is not None
        and typed.type.kind == "int"
        and isinstance(wire, int)
        and not isinstance(wire, bool)
    )


def _is_word(typed: Typed) -> bool:
    return typed.type is not None and typed.type.kind == "enum" and isinstance(typed.wire, str)


def _near_word(subject: Subject, typed: Typed) -> str:
    words = subject.model.enum(typed.type.name) if typed.type is not None else ()
    by_lower = {each.lower(): each for each in words}
    near = difflib.get_close_matches(str(typed.wire).lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]}?" if near else ""


def _deviates(subject: Subject, where: str, typed: Typed) -> bool:
    if not subject.is_xend:
        return False
    if typed.wire is None:
        return True
    name = subject.request.name if subject.request is not None else ""
    return name == "SR.get_all" and where == "value" and isinstance(typed.wire, dict)


def _created(subject: Subject) -> Iterator[tuple[str, list[tuple[str, Value]], dict[str, bool]]]:
    """The record of a `create`: the parameter's name, its members, and the fields it may have."""
    facts = subject.facts
    if facts is None or facts.kind != "create":
        return
    for each in subject.params:
        record = members(each.typed.wire)
        if each.param is not None and each.param.type.kind == "record" and record is not None:
            yield each.name, record, subject.model.creation(subject.class_name)


def _repeated(value: Value, path: str) -> Iterator[Problem]:
    stack: list[tuple[Value, str]] = [(value, path)]
    while stack:
        each, where = stack.pop()
        if isinstance(each, list):
            stack += [(part, f"{where}.{index}") for index, part in enumerate(each)]
            continue
        parts = members(each)
        if parts is None:
            continue
        stack += [(part, f"{where}.{name}") for name, part in parts]
        if isinstance(each, Struct):
            counts = Counter(name for name, _ in parts)
            twice = sorted(name for name, count in counts.items() if count > 1)
            yield Problem(
                where=where, message=f"the member {', '.join(map(short, twice))} comes more than once"
            )


RULES: tuple[Rule, ...] = (
    param_type,
    native_int,
    param_word,
    unknown_member,
    missing_member,
    duplicate_member,
    result_type,
    result_word,
    host_deviation,
)
