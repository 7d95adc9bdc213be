"""Playback without a socket, as a client sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xraytap.playback.responder import Responder
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.messages import Request
from xraytap.store.golden import loads_golden

if TYPE_CHECKING:
    from xraytap.playback.responder import Played
    from xraytap.protocol.golden import Golden


def golden_of_calls(calls: str, head: str = "") -> Golden:
    """A golden of xend with the calls of a YAML text."""
    return loads_golden(f"xraytap-golden: 1\napi: xend 1.0\n{head}calls:{calls}")


class Host:
    """A responder with a client's view: values, or the failure as a list. Fresh texts are `ref-1`, `session-2`."""

    def __init__(self, played: Golden, *, protocol: str = "xmlrpc", **options: Any) -> None:
        self.made: list[str] = []
        self.protocol = protocol
        self.responder = Responder(played, self._mint, **options)

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
