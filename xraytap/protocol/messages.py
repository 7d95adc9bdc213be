"""The two XML-RPC or JSON-RPC messages, decoded: a request and a response.

`Response` is still envelope-blind: `xraytap.protocol.envelope` reads Status and Value out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xraytap.protocol.values import Value

ASYNC_PREFIXES = ("Async.", "InternalAsync.")
"""Prefixes that make a call return a task at once; XAPI keeps the second for calls inside a pool."""

BATCH = "batch"
"""The method that stands for a whole JSON-RPC batch; no method of the Xen-API is without a dot."""

SESSIONLESS = frozenset(
    {
        "session.login_with_password",
        "session.slave_login",
        "session.slave_local_login",
        "session.slave_local_login_with_password",
    }
)
"""Calls of the Xen-API whose first parameter is no session (wire facts, section 1)."""


def strip_async(method: str) -> tuple[str, bool]:
    """`("VM.start", True)` of `"Async.VM.start"`; the method itself and False where it is plain."""
    for prefix in ASYNC_PREFIXES:
        if method.startswith(prefix):
            return method[len(prefix) :], True
    return method, False


def takes_session(name: str) -> bool:
    """Whether the call `name` (without `Async.`) carries the session as its first parameter.

    True for every Xen-API call but the logins; False for the legacy `xend.*` calls, for `system.*`,
    and for names without a class.
    """
    return takes_envelope(name) and name not in SESSIONLESS


def takes_envelope(name: str) -> bool:
    """Whether the answer to `name` (without `Async.`) has the Status envelope in XML-RPC."""
    return "." in name and not name.startswith(("xend.", "system."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One method call. `method` and `params` are as on the wire, session included.

    `version` is the JSON-RPC version, `1.0` or `2.0`, else `""`. A JSON-RPC batch is one request of method
    `batch` whose parameters are its calls as structs.
    """

    method: str
    params: tuple[Value, ...]
    protocol: str = "xmlrpc"
    id: Value = None
    version: str = ""

    @property
    def name(self) -> str:
        """The method without `Async.`."""
        return strip_async(self.method)[0]

    @property
    def is_async(self) -> bool:
        """Whether the call asks for a task instead of waiting."""
        return strip_async(self.method)[1]

    @property
    def class_name(self) -> str | None:
        """`VM` of `Async.VM.start`, None where the method has no dot."""
        name = self.name
        return name.rpartition(".")[0] if "." in name else None

    @property
    def message(self) -> str:
        """`start` of `Async.VM.start`."""
        return self.name.rpartition(".")[2]

    @property
    def session(self) -> str | None:
        """The session token that the call carries, if its kind of call carries one."""
        if not self.params or not takes_session(self.name):
            return None
        first = self.params[0]
        return str(first) if isinstance(first, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An XML-RPC fault, or a JSON-RPC error object that is no Xen-API failure."""

    code: int
    string: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer: `fault` if the peer sent one, else `value` (which may be None for nil).

    `error` is set by JSON-RPC only, where a failure stands outside the value. The answer to a batch has the
    single answers as its value, and the error of the first that failed.
    """

    value: Value = None
    fault: Fault | None = None
    error: tuple[Value, ...] | None = None
    protocol: str = "xmlrpc"
    id: Value = None
    version: str = ""
