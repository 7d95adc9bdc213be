"""Playback without a socket, as a client sees it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from xraytap.playback.responder import Responder, is_xapi
from xraytap.protocol.datamodel import load
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.golden import substitute
from xraytap.protocol.messages import Request
from xraytap.protocol.restyle import restyle_params
from xraytap.store.golden import loads_golden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.playback.responder import Played
    from xraytap.protocol.golden import Golden, GoldenCall, Symbol


@cache
def golden_of_calls(calls: str, head: str = "") -> Golden:
    """A golden of xend with the calls of a YAML text."""
    return loads_golden(f"xraytap-golden: 1\napi: xend 1.0\n{head}calls:{calls}")


class Client:
    """A client that has its references from the answers of `responder`, and those that no answer gave from
    elsewhere."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder
        self._elsewhere: dict[Symbol, str] = {}
        self._prefix = ""

    def known(self, symbol: Symbol) -> str:
        """The text that the client has for a symbol by now."""
        stale = f"{self._prefix}{len(self._elsewhere):08x}-0000-0000-0000-000000000000"
        return self._responder._texts.get(symbol) or self._elsewhere.setdefault(symbol, stale)

    def requests(self, golden: Golden, protocol: str) -> Iterator[tuple[GoldenCall, Request]]:
        """Every call of `golden` in order; each is made when it is asked for, from what is known then."""
        model = load("xapi" if is_xapi(golden.api) else "xend")
        self._prefix = "OpaqueRef:" if is_xapi(golden.api) else ""
        for call in golden.calls:
            params = call.params
            if call.protocol != protocol:
                params = restyle_params(call.method, params, model, to=protocol)
            sent = tuple(substitute(each, self.known, protocol=protocol) for each in params)
            yield call, Request(method=call.method, params=sent, protocol=protocol)


class Host:
    """A responder with a client's view: values, or the failure as a list. Fresh texts are `ref-1`, `session-2`."""

    def __init__(self, played: Golden, *, protocol: str = "xmlrpc", **options: Any) -> None:
        self.made: list[str] = []
        self.protocol = protocol
        self.responder = Responder(played, self._mint, **options)
        self.client = Client(self.responder)

    def _mint(self, kind: str) -> str:
        self.made.append(f"{kind}-{len(self.made) + 1}")
        return self.made[-1]

    def send(self, method: str, *params: Any) -> Played:
        return self.responder.answer(Request(method=method, params=params, protocol=self.protocol))

    def ask(self, method: str, *params: Any) -> Any:
        response = self.send(method, *params).response
        assert response is not None
        answer = read_envelope(response)
        return answer.fault or (answer.value if answer.error is None else list(answer.error))

    def login(self, *credentials: Any) -> str:
        """The token of a login."""
        return str(self.ask("session.login_with_password", *(credentials or ("root", "x"))))

    def run_through(self, golden: Golden) -> list[tuple[GoldenCall, Request, Played]]:
        """Send every call of `golden` in order; see `Client`."""
        return [
            (call, request, self.responder.answer(request))
            for call, request in self.client.requests(golden, self.protocol)
        ]
