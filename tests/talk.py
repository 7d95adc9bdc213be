"""Made-up conversations with a host, as exchanges: for what the recorded ones do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

if TYPE_CHECKING:
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate import Tracker
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value


class Talk:
    """Calls one after the other, on a clock of its own. `connection` and `client` may be set between calls."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.now_us = 1_700_000_000_000_000
        self.connection = 1
        self.client = "127.0.0.1:40000"

    def login(self, token: str = "T1", user: str = "root", originator: str | None = None) -> str:
        """A login that gives `token`."""
        rest = () if originator is None else ("1.0", originator)
        self.call("session.login_with_password", user, "<redacted>", *rest, value=token)
        return token

    def call(
        self, method: str, *params: Value, value: Value = "", ms: float = 1.0, pause_ms: float = 0
    ) -> int:
        """A call that succeeds; its number."""
        return self._add(method, params, {"Status": "Success", "Value": value}, ms, pause_ms)

    def refused(self, method: str, *params: Value, error: list[Value], ms: float = 1.0) -> int:
        """A call that the host refuses."""
        return self._add(method, params, {"Status": "Failure", "ErrorDescription": error}, ms, 0)

    def unanswered(self, method: str, *params: Value) -> int:
        """A call whose answer never comes."""
        return self._add(method, params, None, 1.0, 0)

    def row(self, seq: int) -> CallRow:
        """The row of a call."""
        return full_row(self.exchanges[seq - 1], capture="talk", seq=seq)

    def decode(self, seq: int) -> DecodedCall:
        """A call decoded."""
        return decode_exchange(self.exchanges[seq - 1])

    def exchange(self, seq: int) -> Exchange:
        """The bytes of a call."""
        return self.exchanges[seq - 1]

    def feed(self, *trackers: Tracker) -> None:
        """Give all calls to `trackers`."""
        from xraytap.protocol.correlate import feed

        feed(map(self.row, range(1, len(self.exchanges) + 1)), self.decode, *trackers)

    def _add(self, method: str, params: tuple[Value, ...], answer: Value, ms: float, pause_ms: float) -> int:
        started = self.now_us
        self.now_us += int((ms + pause_ms) * 1000)
        self.exchanges.append(
            Exchange(
                started_at_us=started,
                elapsed_us=None if answer is None else int(ms * 1000),
                client=self.client,
                connection=self.connection,
                request=_message(
                    "POST /RPC2 HTTP/1.1\r\nHost: xenhost", encode_request(method, list(params))
                ),
                response=None if answer is None else _message("HTTP/1.1 200 OK", encode_response(answer)),
                error="the client went away" if answer is None else None,
            )
        )
        return len(self.exchanges)


def _message(start: str, body: bytes) -> Message:
    head = f"{start}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Message(head=head, body=body, size=len(body))
