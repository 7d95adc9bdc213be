"""A call as a Python program, and wire values as Python expressions with their wire types.

`PythonText` writes the pieces and remembers what they need; `as_python` makes a whole program of one call.
Literals come from `repr`, which escapes control characters, bidi overrides and lone surrogates.
"""

from __future__ import annotations

import keyword
import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xraytap.errors import UsageError
from xraytap.protocol.copying.secrets import param_name, variable
from xraytap.protocol.messages import BATCH, SESSIONLESS, takes_session
from xraytap.protocol.redact_values import REDACTED
from xraytap.protocol.values import I8, DateTime, Extended, Struct, Value, members
from xraytap.protocol.xmlrpc_encode import encode_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.messages import Request

_WIDE = 88
_INT32 = 2**31
_LOGIN = "session.login_with_password"
# Names that the XenAPI package's Session keeps for itself, or takes for a login.
_TAKEN = re.compile(r"(?:login|slave_local|logout|handle|xenapi|transport|last_login|API_version|_)")
_WIRE_CLASS = '''

class Wire:
    """A value of a wire type that xmlrpc.client cannot write, as XML."""

    def __init__(self, xml):
        self.xml = xml


xmlrpc.client.Marshaller.dispatch[Wire] = lambda _, value, write: write(value.xml)

'''


class PythonText:
    """Writes Python expressions. `known` gives the expression that stands for a text, such as the variable
    that holds a reference; None for a text that stands for itself."""

    def __init__(self, known: Callable[[str], str | None] | None = None) -> None:
        self._known = known or (lambda _: None)
        self._modules: set[str] = set()
        self._wire = False

    def preamble(self) -> str:
        """The imports and helpers that the expressions written so far need."""
        modules = self._modules | ({"xmlrpc.client"} if self._wire else set())
        # The standard library first, as formatters order it.
        ordered = sorted(modules, key=lambda name: (name == "XenAPI", name))
        lines = "".join(f"import {name}\n" for name in ordered if name != "XenAPI")
        if "XenAPI" in modules:
            lines += ("\n" if lines else "") + "import XenAPI\n"
        return lines + (_WIRE_CLASS if self._wire else "")

    def needs(self, module: str) -> None:
        """The program uses a module."""
        self._modules.add(module)

    def environment(self, name: str) -> str:
        """The expression for an environment variable."""
        self.needs("os")
        return f'os.environ["{name}"]'

    def value(self, value: Value, *, secret: str = "", indent: int = 0) -> str:
        """The expression for a wire value, over several lines where it is long. `secret` names what a taken
        out text was."""
        flat = self._flat(value, secret)
        if indent + len(flat) <= _WIDE or not isinstance(value, list | dict) or not value:
            return flat
        pad, end = " " * (indent + 4), " " * indent
        if isinstance(value, list):
            lines = [self.value(each, secret=secret, indent=indent + 4) for each in value]
            left, right = "[", "]"
        else:
            lines = [
                f"{self._name(name)}: {self.value(each, secret=name, indent=indent + 4)}"
                for name, each in value.items()
            ]
            left, right = "{", "}"
        return f"{left}\n" + "".join(f"{pad}{line},\n" for line in lines) + f"{end}{right}"

    def arguments(self, request: Request, first: int = 0, indent: int = 0) -> list[str]:
        """The expressions for a call's parameters from position `first`."""
        return [
            self.value(value, secret=param_name(request, position), indent=indent)
            for position, value in enumerate(request.params[first:], first)
        ]

    def call(self, target: str, method: str, arguments: list[str]) -> str:
        """The expression that calls `method` (as on the wire) on `target`."""
        usual = all(
            part.isidentifier() and not part.startswith("_") and not keyword.iskeyword(part)
            for part in method.split(".")
        )
        called = f"{target}.{method}" if usual else f"getattr({target}, {method!r})"
        flat = f"{called}({', '.join(arguments)})"
        if len(flat) <= _WIDE or len(arguments) < 2:
            return flat
        inner = "".join("    " + each.replace("\n", "\n    ") + ",\n" for each in arguments)
        return f"{called}(\n{inner})"

    # -- inside -------------------------------------------------------------------------------------

    def _flat(self, value: Value, secret: str) -> str:
        if isinstance(value, str):
            return self._text(str(value), secret)
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value!r}")'
        if isinstance(value, int) and not isinstance(value, bool):
            small = -_INT32 <= value < _INT32
            return repr(int(value)) if small and not isinstance(value, I8) else self._as_wire(I8(value))
        if isinstance(value, DateTime):
            self.needs("xmlrpc.client")
            return f"xmlrpc.client.DateTime({value.text!r})"
        if isinstance(value, Struct | Extended):
            return self._as_wire(value)
        if isinstance(value, list):
            return "[" + ", ".join(self._flat(each, secret) for each in value) + "]"
        parts = members(value)
        if parts is not None:
            inner = (f"{self._name(name)}: {self._flat(each, name)}" for name, each in parts)
            return "{" + ", ".join(inner) + "}"
        return repr(value)

    def _text(self, text: str, secret: str) -> str:
        known = self._known(text)
        if known is not None:
            return known
        if text == REDACTED:
            return self.environment(variable(secret))
        # xmlrpc.client writes a carriage return as it is, and the host's parser makes a line feed of it.
        return self._as_wire(text) if "\r" in text else repr(text)

    def _name(self, name: str) -> str:
        """The name of a struct's member, which may be a reference."""
        return self._known(name) or repr(name)

    def _as_wire(self, value: Value) -> str:
        self._wire = True
        return f"Wire({encode_value(value)!r})"


def as_python(
    request: Request, url: str | None, *, login: Request | None = None, with_package: bool = True
) -> str:
    """A program that makes the call and prints the answer.

    `url` is the call's whole URL, None for one from `$XRAYTAP_URL`. `login` is the call that gave the
    session, if known. `with_package`: written for the XenAPI package, which logs in and takes answers
    apart; else, and for calls that the package cannot make, for `xmlrpc.client` alone. Raises UsageError
    for a batch.
    """
    if request.method == BATCH:
        raise UsageError("a JSON-RPC batch has no Python form; copy it as curl or as JSON.")
    text = PythonText()
    where = text.environment("XRAYTAP_URL") if url is None else repr(_xmlrpc_url(url, request))
    is_login = request.name == _LOGIN
    with_session = takes_session(request.name) and bool(request.params)
    if with_package and (with_session or is_login) and not _TAKEN.match(request.method):
        body = _with_package(text, request, where, login)
    else:
        body = _with_xmlrpc(text, request, where, login if with_session else None, with_session=with_session)
    return f"{text.preamble()}\n{body}".lstrip("\n")


def _with_package(text: PythonText, request: Request, where: str, login: Request | None) -> str:
    text.needs("XenAPI")
    start = f"session = XenAPI.Session({where})\n"
    if request.name == _LOGIN:
        call = text.call("session.xenapi", "login_with_password", text.arguments(request))
        return f"{start}{call}\nprint(session.handle)\n"
    start += text.call("session.xenapi", "login_with_password", _credentials(text, login)) + "\n"
    if request.name == "session.logout":
        return f"{start}session.xenapi.session.logout()\n"
    call = text.call("session.xenapi", request.method, text.arguments(request, 1))
    inner = f"print({call})".replace("\n", "\n    ")
    return f"{start}try:\n    {inner}\nfinally:\n    session.xenapi.session.logout()\n"


def _with_xmlrpc(
    text: PythonText, request: Request, where: str, login: Request | None, *, with_session: bool
) -> str:
    text.needs("xmlrpc.client")
    start = f"host = xmlrpc.client.ServerProxy({where}, allow_none=True)\n"
    if not with_session:
        return f"{start}print({text.call('host', request.method, text.arguments(request))})\n"
    logged_in = text.call("host", _LOGIN if login is None else login.method, _credentials(text, login))
    start += f'session = {logged_in}["Value"]\n'
    call = text.call("host", request.method, ["session", *text.arguments(request, 1)])
    return f"{start}print({call})\n"


def _credentials(text: PythonText, login: Request | None) -> list[str]:
    if login is not None and login.name in SESSIONLESS:
        return text.arguments(login)
    text.needs("os")
    return ['os.environ.get("XRAYTAP_USER", "root")', text.environment("XRAYTAP_PASSWORD")]


def _xmlrpc_url(url: str, request: Request) -> str:
    """Where the same host takes XML-RPC: XAPI's `/jsonrpc` takes none."""
    if request.protocol != "jsonrpc":
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
