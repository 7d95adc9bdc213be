"""A recorded session as a Python program for the standard library alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.copying import PythonText
from xraytap.replay.effects import Effect
from xraytap.replay.mapping import refs_in
from xraytap.replay.script import script_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.replay.plan import Plan, Recording
    from xraytap.replay.script import Line, Path

_RESERVED = frozenset({"ask", "take", "host", "value", "os", "re", "sys", "time", "xmlrpc", "Wire", "main"})
_REF = r"(?:OpaqueRef:)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_HELPERS = '''
host = xmlrpc.client.ServerProxy(os.environ.get("XRAYTAP_URL", {url!r}), allow_none=True)


def ask(method, *params):
    """The value of the host's answer; None for a refusal, which is printed."""
    try:
        answer = getattr(host, method)(*params)
    except xmlrpc.client.Fault as fault:
        print(f"{{method}}: fault {{fault.faultCode}} {{fault.faultString}}")
        return None
    except (OSError, xmlrpc.client.ProtocolError) as error:
        sys.exit(f"{{method}}: {{error}}")
    if isinstance(answer, dict) and "Status" in answer:
        if answer["Status"] != "Success":
            print(f"{{method}}: refused: {{' '.join(answer.get('ErrorDescription', []))}}")
            return None
        answer = answer["Value"]
    print(f"{{method}}: {{answer!r}}")
    return answer


def take(value, *path):
    """What stands at a place of an answer; "#" before a number is the name of that member, "@" its value, "~" the
    reference inside a text."""
    try:
        while path:
            if path[0] == "#":
                return list(value)[path[1]]
            if path[0] == "~":
                return re.findall(r"{ref}", value)[path[1]]
            if path[0] == "@":
                value, path = list(value.values())[path[1]], path[2:]
            else:
                value, path = value[path[0]], path[1:]
    except (AttributeError, IndexError, KeyError, TypeError):
        sys.exit(f"the answer has nothing at {{path}}, where the recording had a reference")
    return value

'''
_WAIT = '''
def wait(method, *params):
    """Ask until the task has ended."""
    while True:
        value = ask(method, *params)
        status = value.get("status") if isinstance(value, dict) else value
        if status not in ("pending", "cancelling"):
            return value
        time.sleep(1)

'''


def as_python_script(plan: Plan, recording: Recording, url: str) -> str:
    """The program; `url` is the host that it speaks to unless `$XRAYTAP_URL` names another."""
    lines, names = script_lines(plan, recording, _RESERVED | {"wait"})
    bound: dict[str, str] = {}
    text = PythonText(lambda each: _expression(each, bound))
    for module in ("os", "re", "sys", "xmlrpc.client"):
        text.needs(module)
    waits = any(each.until_ended for each in lines)
    if waits:
        text.needs("time")
    body: list[str] = []
    for line in lines:
        body += _statements(line, text)
        bound.update((each.text, names[each.text]) for each in line.binds)
    return (
        f"#!/usr/bin/env python3\n{_about(plan)}\n\n{text.preamble()}"
        f"{_HELPERS.format(url=url, ref=_REF)}{_WAIT if waits else ''}\n"
        + "\n".join([*body, 'host("close")()', ""])
    )


def _about(plan: Plan) -> str:
    changing = sum(each.effect is not Effect.READ for each in plan.steps)
    warning = f"\n\n{changing} of them change something on the host." if changing else ""
    name = plan.name.replace("\\", "/").replace('"', "'")
    return (
        f'"""{name}: {len(plan.steps)} recorded calls as a script.{warning}\n\n'
        'Credentials come from XRAYTAP_USER and XRAYTAP_PASSWORD, the host from XRAYTAP_URL.\n"""'
    )


def _statements(line: Line, text: PythonText) -> Iterator[str]:
    request = line.request
    arguments = text.arguments(request)
    if line.user is not None and arguments:
        text.needs("os")
        arguments[0] = f'os.environ.get("XRAYTAP_USER", {line.user!r})'
    function = "wait" if line.until_ended else "ask"
    call = f"{function}({', '.join([repr(request.method), *arguments])})"
    note = f"  # the host refused: {_comment(line.refused)}" if line.refused else ""
    if not line.binds:
        yield call + note
    elif len(line.binds) == 1 and not line.binds[0].path:
        yield f"{line.binds[0].variable} = {call}{note}"
    else:
        yield f"value = {call}{note}"
        for bind in line.binds:
            yield f"{bind.variable} = take(value{_path(bind.path)})"


def _expression(text: str, bound: dict[str, str]) -> str | None:
    """The variable for a text, or a sum where it holds references; None where it stands for itself."""
    if text in bound or not any(each in bound for each in refs_in(text)):
        return bound.get(text)
    parts: list[str] = []
    rest = text
    for ref in refs_in(text):
        before, _, rest = rest.partition(ref)
        parts += [repr(before)] * bool(before) + [bound.get(ref, repr(ref))]
    return " + ".join(parts + [repr(rest)] * bool(rest))


def _path(path: Path) -> str:
    return "".join(f", {each!r}" for each in path)


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
