"""A recorded session as the lines of a script: which call binds which variable, and where in its answer.

Pure; `script_python` and `script_shell` write the lines down. Tokens and references that a later call needs
are variables, bound where an answer first shows them.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.messages import SESSIONLESS
from xraytap.protocol.symbols.shapes import is_ref
from xraytap.protocol.values import members
from xraytap.replay.mapping import refs_in
from xraytap.replay.plan import Role, Why
from xraytap.replay.wire import in_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.messages import Request, Response
    from xraytap.protocol.values import Value
    from xraytap.replay.plan import Plan, Recording, Step

type Path = tuple[str | int, ...]
"""From the outside in: names of members, indices. `("#", i)` at the end is the name of the i-th member, and
`("@", i)` its value: a member that is named by a reference has another name on another host. `("~", i)` at the
end is the i-th reference inside a text."""

_TOKEN_AT = 2  # event.from(session, classes, token, timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A variable, the text that it held in the recording, and where the answer's value has it."""

    variable: str
    text: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call, as XML-RPC whatever it was; `path` is where it was posted, `""` if as JSON-RPC. `until_ended`: a
    poll that is repeated until its task has ended; `refused`: the error code that the host answered; `user`: who
    logs in, for a login."""

    seq: int
    request: Request
    path: str
    binds: tuple[Bind, ...] = ()
    until_ended: bool = False
    refused: str = ""
    response: Response | None = None
    user: str | None = None


@dataclass(slots=True)
class _Names:
    """The variables given so far, by what they hold."""

    known: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def give(self, text: str, wish: str) -> str:
        name = re.sub(r"\W+", "_", wish.lower(), flags=re.ASCII).strip("_") or "ref"
        if name[0].isdigit() or keyword.iskeyword(name):
            name = f"ref_{name}"
        number, free = 1, name
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        self.known[text] = free
        return free


def script_lines(
    plan: Plan, recording: Recording, reserved: frozenset[str]
) -> tuple[list[Line], dict[str, str]]:
    """The lines, and the variable of each text. `reserved` are names that the script needs for itself.

    Calls that nobody can send (undecodable, no RPC) and polls that a later one makes needless are left out.
    """
    steps = [each for each in plan.steps if each.role is not Role.FOLLOWED and _fit(each)]
    needed = _needed(steps, recording)
    names = _Names(taken=set(reserved))
    lines = []
    for step in steps:
        call = recording.decode(step.seq)
        row = recording.row(step.seq)
        if call.request is None:
            continue
        request = in_protocol(call.request, "xmlrpc", plan.model)
        binds: list[Bind] = []
        if row.outcome is Outcome.SUCCESS and call.answer is not None:
            for path, text in _texts(call.answer.value, ()):
                if text in needed and text not in names.known:
                    variable = names.give(text, _wish(text, plan, call.request, path))
                    binds.append(Bind(variable=variable, text=text, path=path))
        lines.append(
            Line(
                seq=step.seq,
                request=request,
                path=step.path if call.request is request else "",
                binds=tuple(binds),
                until_ended=step.role is Role.POLL,
                refused=(row.error_code or "") if row.outcome is not Outcome.SUCCESS else "",
                response=call.response,
                user=step.user,
            )
        )
    return lines, names.known


def _fit(step: Step) -> bool:
    return step.not_sent is None or step.not_sent.why is not Why.UNFIT


def _needed(steps: list[Step], recording: Recording) -> set[str]:
    """The texts that some call takes as a parameter, and that differ from run to run."""
    found: set[str] = set()
    for step in steps:
        found.update(step.uses)
        if step.session is not None:
            found.add(step.session)
        if step.method == "event.from":
            request = recording.decode(step.seq).request
            if request is not None and len(request.params) > _TOKEN_AT and request.params[_TOKEN_AT]:
                found.add(str(request.params[_TOKEN_AT]))
    return found


def _texts(value: Value, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a value with the way to it, names of members that are references included."""
    if isinstance(value, str):
        yield path, str(value)
        inside = refs_in(value)
        if inside != [value]:
            yield from (((*path, "~", index), each) for index, each in enumerate(inside))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, index))
    else:
        for index, (name, each) in enumerate(members(value) or ()):
            if is_ref(name):
                yield (*path, "#", index), name
                yield from _texts(each, (*path, "@", index))
            else:
                yield from _texts(each, (*path, name))


def _wish(text: str, plan: Plan, request: Request, path: Path) -> str:
    if request.name in SESSIONLESS:
        return "session"
    if request.name == "event.from" and path == ("token",):
        return "token"
    if request.is_async:
        return "task"
    known = plan.objects.get(text)
    if known is not None:
        return f"{known.class_name}_{known.first_name or known.name or '1'}"
    field_name = next(
        (each for each in reversed(path) if isinstance(each, str) and each not in ("#", "@", "~")), ""
    )
    return field_name or (
        request.message.removeprefix("get_") if request.message != "get_all" else request.class_name or ""
    )
