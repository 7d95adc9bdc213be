"""What is known beside the bytes when a call is described: the data model, and the names that objects bear.

Both are optional; without them a call is described by its wire form. The model is only looked at on view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.datamodel.typed import NamedParam, Typed
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

# Without the data model only the login's parameters are named, as everybody reads that line.
_LOGIN = ("uname", "pwd", "version", "originator")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """`names` gives the name of a ref, None for one it does not know."""

    model: Model | None = None
    names: Callable[[str], str | None] | None = None

    def labels(self, method: str) -> tuple[str, ...]:
        """The names of a call's parameters, as many as are known."""
        facts = self.model.message(method) if self.model is not None else None
        if facts is not None:
            return tuple(each.name for each in facts.params)
        return _LOGIN if method == "session.login_with_password" else ()

    def error_labels(self, error: tuple[Value, ...]) -> tuple[str, ...]:
        """A name for each argument of an error, `""` for those without one."""
        known = (self.model.error(str(error[0])) if self.model is not None and error else None) or ()
        names = [each.replace(" ", "_") for each in known]
        return tuple(names[index] if index < len(names) else "" for index in range(len(error) - 1))

    def params(self, request: Request) -> list[NamedParam] | None:
        """The call's parameters named and typed; None where the call is unknown."""
        facts = self.model.message(request.name) if self.model is not None else None
        if facts is None or self.model is None:
            return None
        from xraytap.protocol.datamodel.typed import name_params

        return name_params(request, facts, self.model)

    def result(self, call: DecodedCall) -> Typed | None:
        """The answer's value typed; None where there is none or the call is unknown."""
        request, answer = call.request, call.answer
        if self.model is None or request is None or answer is None or answer.outcome is not Outcome.SUCCESS:
            return None
        facts = self.model.message(request.name)
        if facts is None:
            return None
        from xraytap.protocol.datamodel.typed import read_as
        from xraytap.protocol.datamodel.types import parse_type

        type_ = parse_type("task ref") if request.is_async else facts.returns
        return read_as(answer.value, type_, self.model, jsonrpc=request.protocol == "jsonrpc")


NOTHING = About()
