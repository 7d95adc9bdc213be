"""A host on a real socket whose answers a function gives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.tap.peers import ByteHost, Peer, ok
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_bytes
from xraytap.protocol.xmlrpc_encode import encode_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xraytap.protocol.values import Value


class Scripted:
    """A host whose answers a function gives: a value, an ErrorDescription as a tuple, or None to hang up."""

    def __init__(self, host: ByteHost, answer: Callable[[Request], Value | tuple[str, ...]]) -> None:
        self.asked: list[Request] = []
        self._answer = answer
        self._lock = threading.Lock()
        host.talk = self._talk

    def _talk(self, peer: Peer) -> None:
        while whole := peer.message():
            request = decode_bytes(whole.partition(b"\r\n\r\n")[2])
            assert isinstance(request, Request)
            with self._lock:
                self.asked.append(request)
            answer = self._answer(request)
            if answer is None:
                return
            body: Value = (
                {"Status": "Failure", "ErrorDescription": list(answer)}
                if isinstance(answer, tuple)
                else {"Status": "Success", "Value": answer}
            )
            peer.send(ok(encode_response(body)))

    def methods(self) -> list[str]:
        return [each.method for each in self.asked]

    @classmethod
    def of(cls, host: ByteHost, answers: Mapping[str, Sequence[Value]]) -> Scripted:
        """By method: the answers in order, the last again and again; "" to what is not there."""

        def answer(request: Request) -> Value | tuple[str, ...]:
            told = answers.get(request.method, [""])
            asked = sum(each.method == request.method for each in made.asked)
            return told[min(asked, len(told)) - 1]

        made = cls(host, answer)
        return made
