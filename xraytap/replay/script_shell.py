"""A recorded session as a shell script that needs curl, sed and awk. Every call goes as XML-RPC."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from xraytap.protocol.copying import shell_body
from xraytap.protocol.xmlrpc_encode import encode, encode_response
from xraytap.replay.effects import Effect
from xraytap.replay.script import script_lines

if TYPE_CHECKING:
    from xraytap.protocol.values import Value
    from xraytap.replay.plan import Plan, Recording
    from xraytap.replay.script import Line

_RESERVED = frozenset(
    {
        "ask",
        "text",
        "answer",
        "call",
        "path",
        "home",
        "user",
        "ifs",
        "ps1",
        "xml",
        "json",
        "status",
        "words",
        "member",
    }
)
_USER = "XRAYTAP-USER-STANDS-HERE"
_MARK = re.compile(r"<(?:value|name)>(?:<string>)?([^<]*)")
_HEAD = """\
#!/bin/sh
# {about}
{warning}# Credentials come from XRAYTAP_USER and XRAYTAP_PASSWORD, the host from XRAYTAP_URL.
set -eu
: "${{XRAYTAP_URL:={url}}}"

xml() {{ printf %s "$1" | sed 's/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g'; }}

# What curl prints is the answer; its texts are told on one line.
ask() {{
  call=$1; shift
  answer=$("$@") || exit 3
  words=$(printf %s "$answer" | tr '\\n' ' ' | sed 's/<name>[^<]*<\\/name>//g; s/<[^>]*>/ /g' | tr -s ' ')
  printf '%s:%s\\n' "$call" "$words"
}}

# The text of the answer's n-th value or member name; ends the script where there is none.
text() {{
  printf %s "$answer" | tr '\\n<' ' \\n' | awk -v n="$1" '
    /^(value|name)>/ {{ k++; if (k == n) {{ t = $0; sub(/^[a-z]*>/, "", t) }} }}
    /^string>/ && k == n && !s {{ t = $0; sub(/^string>/, "", t); s = 1 }}
    END {{ if (t == "") exit 1; print t }}' || {{
    echo "the answer to $call has no value number $1, where the recording had a reference" >&2
    exit 1
  }}
}}

# The reference inside a text, counted from 0.
inside() {{
  grep -oE '(OpaqueRef:)?[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}' | sed -n "$(($1 + 1))p"
}}

# The text of the answer's first member of that name.
member() {{
  printf %s "$answer" | tr '\\n<' ' \\n' | awk -v m="name>$1" '
    $0 == m {{ k = 1 }}
    k == 1 && /^value>/ {{ k = 2; t = $0; sub(/^value>/, "", t) }}
    k == 2 && /^string>/ {{ k = 3; t = $0; sub(/^string>/, "", t) }}
    k >= 2 && /^\\/value>/ {{ k = 4 }}
    END {{ print t }}'
}}
"""


def as_shell_script(plan: Plan, recording: Recording, url: str) -> str:
    """The script; `url` is the host that it speaks to unless `$XRAYTAP_URL` names another."""
    lines, names = script_lines(plan, recording, _RESERVED)
    changing = sum(each.effect is not Effect.READ for each in plan.steps)
    warning = f"# {changing} of them change something on the host.\n" if changing else ""
    about = "".join(char if char.isprintable() else "?" for char in plan.name)
    out = [
        _HEAD.format(
            about=f"{about}: {len(plan.steps)} recorded calls as a script.",
            warning=warning,
            url=re.sub(r'(["$`\\}])', r"\\\1", url),
        )
    ]
    bound: dict[str, str] = {}
    for line in lines:
        out.append(_statement(line, bound))
        for bind in line.binds:
            bound[bind.text] = f'"${names[bind.text]}"'
    return "\n".join(out)


def _statement(line: Line, bound: dict[str, str]) -> str:
    request = line.request
    known = dict(bound)
    if line.user is not None:
        known[_USER] = (
            f'"$(xml "${{XRAYTAP_USER:-{re.sub(chr(34) + "|[$`}]|" + chr(92) * 2, "?", line.user)}}}")"'
        )
        body = encode(type(request)(method=request.method, params=(_USER, *request.params[1:])))
    else:
        body = encode(request)
    before, data = shell_body(body, "text/xml", known)
    path = line.path if line.path.startswith("/") else "/RPC2"
    curl = "curl --silent --show-error --header 'Content-Type: text/xml'"
    command = f'{before}{curl} {data} "$XRAYTAP_URL"{shlex.quote(path)}'
    name = f"call_{line.seq}"
    out = [f"{name}() {{\n{command}\n}}"]
    asking = f"ask {shlex.quote(request.method)} {name}"
    if line.until_ended:
        out.append(
            f"while {asking}; status=$({_status(line)}); "
            '[ "$status" = pending ] || [ "$status" = cancelling ]; do sleep 1; done'
        )
    else:
        out.append(asking)
    for bind in line.binds:
        inside = f" | inside {bind.path[-1]}" if "~" in bind.path else ""
        out.append(f"{bind.variable}=$(text {_number(line, bind.text)}{inside})")
    return "\n".join(out) + "\n"


def _status(line: Line) -> str:
    """What finds the status in the answer to a poll: a member of a record, else the value itself."""
    return "member status" if line.request.message == "get_record" else f"text {len(_marks(line))}"


def _number(line: Line, text: str) -> int:
    """The how-manieth value or name of the answer `text` is."""
    marks = _marks(line)
    exact = (index for index, mark in enumerate(marks, 1) if mark == text)
    return next(exact, 0) or next(index for index, mark in enumerate(marks, 1) if text in mark)


def _marks(line: Line) -> list[str]:
    """The texts of all values and names in the answer, as XML-RPC."""
    value: Value = None if line.response is None else line.response.value
    if line.response is not None and line.response.protocol == "jsonrpc":
        value = {"Status": "Success", "Value": value}
    return [match[1] for match in _MARK.finditer(encode_response(value).decode())]
