"""One call with all that rules ask about it, each worked out when first asked."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xraytap.errors import DecodeError
from xraytap.protocol.about import About
from xraytap.protocol.http import content_decode, parse_head
from xraytap.protocol.summary import DecodedCall, decode_exchange

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow, Exchange, Message
    from xraytap.protocol.datamodel.model import MessageFacts, Model
    from xraytap.protocol.datamodel.typed import NamedParam, Typed
    from xraytap.protocol.envelope import Answer
    from xraytap.protocol.lint.memory import Memory
    from xraytap.protocol.messages import Request

RPC = frozenset({"xmlrpc", "jsonrpc"})
_NOTHING = DecodedCall(request=None, answer=None)


class Side:
    """The head and body of one message."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.start, headers = parse_head(message.head)
        self._headers: dict[str, list[str]] = {}
        for name, value in headers:
            self._headers.setdefault(name.lower(), []).append(value)

    def header(self, name: str) -> str | None:
        """The first header of that name, which is in lower case."""
        found = self._headers.get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[str]:
        """Every header of that name, which is in lower case."""
        return self._headers.get(name, [])

    @cached_property
    def body(self) -> bytes | None:
        """The body with its content coding undone, None where that fails or it was not kept whole."""
        if self.message.cut:
            return None
        try:
            return content_decode(self.message.body, self.header("content-encoding"))
        except DecodeError:
            return None


class Subject:
    """A call under the rules. `memory` is what the calls before it taught, None where it is looked at alone.

    `host` is the URL of the tapped host, empty where it is not known. `call` may be given by who has decoded
    it already.
    """

    def __init__(
        self,
        row: CallRow,
        exchange: Exchange,
        model: Model,
        *,
        call: DecodedCall | None = None,
        memory: Memory | None = None,
        host: str = "",
    ) -> None:
        self.row = row
        self.exchange = exchange
        self.model = model
        self.memory = memory
        self.host = host
        self.is_rpc = row.protocol in RPC
        if not self.is_rpc:
            call = _NOTHING
        self.call = decode_exchange(exchange) if call is None else call
        self._about = About(model=model)

    @property
    def request(self) -> Request | None:
        """The decoded request."""
        return self.call.request

    @property
    def answer(self) -> Answer | None:
        """The decoded answer."""
        return self.call.answer

    @property
    def title(self) -> str:
        """The API as a person calls it: `xend` or `XAPI`."""
        return title_of(self.model.name)

    @property
    def is_xend(self) -> bool:
        """Whether the host is read as xend."""
        return self.model.name == "xend"

    @cached_property
    def facts(self) -> MessageFacts | None:
        """What the data model knows of the call."""
        return None if self.request is None else self.model.message(self.request.name)

    @property
    def class_name(self) -> str:
        """The class of a known call, whichever way its name was written; empty for an unknown one."""
        return "" if self.facts is None else self.facts.method.rpartition(".")[0]

    @cached_property
    def params(self) -> list[NamedParam]:
        """The parameters named and typed; none for an unknown call."""
        return [] if self.request is None else self._about.params(self.request) or []

    @cached_property
    def result(self) -> Typed | None:
        """The value of a success, typed."""
        return self._about.result(self.call)

    @cached_property
    def asked(self) -> Side:
        """The request's head and body."""
        return Side(self.exchange.request)

    @cached_property
    def answered(self) -> Side | None:
        """The answer's head and body; None where none came whole."""
        response = self.exchange.response
        return None if response is None or self.exchange.error is not None else Side(response)

    @cached_property
    def json_request(self) -> Any:  # noqa: ANN401  JSON
        """The request as the JSON document that it is; None for XML-RPC."""
        return self._json(self.asked)

    @cached_property
    def json_answer(self) -> Any:  # noqa: ANN401  JSON
        """The answer as the JSON document that it is; None for XML-RPC."""
        return None if self.answered is None else self._json(self.answered)

    def _json(self, side: Side) -> Any:  # noqa: ANN401  JSON
        if self.row.protocol != "jsonrpc" or side.body is None:
            return None
        try:
            return json.loads(side.body.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return None


def title_of(api: str) -> str:
    """An API's name as a person writes it."""
    return {"xapi": "XAPI"}.get(api, api)
