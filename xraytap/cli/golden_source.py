"""A golden file as a source of calls, beside captures: bytes and heads are made up as a host would write
them, symbols stand as their names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from xraytap.errors import SourceError
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.golden import Reply, Symbol, response_of, substitute, symbols_in
from xraytap.protocol.jsonrpc import encode_json_request, encode_json_response
from xraytap.protocol.messages import Request, strip_async
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.xmlrpc_encode import encode
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.correlate.objects import Objects
    from xraytap.protocol.golden import GoldenCall, Raw
    from xraytap.protocol.summary import DecodedCall


class GoldenSource:
    """The calls of the golden at `path`; satisfies `xraytap.cli.source.Source`. `text` writes a symbol, by
    default as its name."""

    def __init__(self, path: Path, text: Callable[[Symbol], str] | None = None) -> None:
        self._golden = load_golden(path)
        self._path = path
        self._text = text or _text
        self.path: str | None = path.as_posix()
        self._day_us = _day_us(self._golden.recorded.get("at", ""))
        self.name = path.stem
        self.host = self._golden.recorded.get("from", "")
        self.live = False

    @property
    def api(self) -> str:
        """The API and its release, as the header names it."""
        return self._golden.api

    @property
    def volatile(self) -> tuple[str, ...]:
        """The places that do not count, as the header names them."""
        return self._golden.volatile

    def rows(self, filter_text: str | None = None) -> Iterator[CallRow]:
        """The rows in order, those that match."""
        numbers = range(1, len(self._golden.calls) + 1)
        if not filter_text:
            return map(self.row, numbers)
        return self._matching(filter_text, numbers)

    def row(self, seq: int) -> CallRow:
        """One row. SourceError if there is none."""
        return full_row(self.exchange(seq), capture=self.name, seq=seq)

    def exchange(self, seq: int) -> Exchange:
        """Request and answer as bytes."""
        call = self._call(seq)
        if call.raw is not None:
            return self._literal(call, call.raw)
        json = call.protocol == "jsonrpc"
        path, kind = ("/jsonrpc", "application/json") if json else ("/RPC2", "text/xml")
        asked = Request(
            method=call.method,
            params=tuple(substitute(each, self._text, protocol=call.protocol) for each in call.params),
            protocol=call.protocol,
            id=seq if json else None,
        )
        body = encode_json_request(asked) if json else encode(asked)
        request = _message(f"POST {path} HTTP/1.1\r\nHost: golden\r\nContent-Type: {kind}", body)
        answer = response_of(call, self._text, bare=self._golden.bare_strings)
        response: Message | None = None
        error = None
        if call.reply is Reply.NO_ANSWER:
            error = str(call.value)
        else:
            if answer is None:
                kind, text = "text/html", str(call.value).encode()
            else:
                text = encode_json_response(replace(answer, id=seq)) if json else encode(answer)
            response = _message(f"HTTP/1.1 {call.http_status} {_REASONS.get(call.http_status, '-')}\r\n"
                                f"Content-Type: {kind}", text)  # fmt: skip
        return Exchange(
            started_at_us=self._day_us,
            elapsed_us=None if response is None else round((call.elapsed_ms or 0) * 1000),
            client="golden",
            connection=1,
            request=request,
            response=response,
            error=error,
            redacted=self._redacted(call),
        )

    def _literal(self, call: GoldenCall, raw: Raw) -> Exchange:
        """The bytes as they were recorded."""
        return Exchange(
            started_at_us=self._day_us,
            elapsed_us=None if raw.response is None else round((call.elapsed_ms or 0) * 1000),
            client="golden",
            connection=1,
            request=_whole(raw.request),
            response=None if raw.response is None else _whole(raw.response),
            error=str(call.value) if call.reply is Reply.NO_ANSWER else None,
            redacted=self._redacted(call),
        )

    def decode(self, seq: int) -> DecodedCall:
        """The decoded call."""
        return decode_exchange(self.exchange(seq))

    def _matching(self, filter_text: str, numbers: range) -> Iterator[CallRow]:
        from xraytap.protocol.filter import bind, matches, needs_names, parse

        expression = parse(filter_text)
        if needs_names(expression):
            expression = bind(expression, self._objects(numbers))
        for seq in numbers:
            exchange = self.exchange(seq)
            row = full_row(exchange, capture=self.name, seq=seq)
            if matches(expression, row, partial(decode_exchange, exchange)):
                yield row

    def _objects(self, numbers: range) -> Objects:
        from xraytap.cli.about import about_source
        from xraytap.protocol.correlate import feed
        from xraytap.protocol.correlate.objects import Objects

        found = Objects(about_source(self))
        feed(map(self.row, numbers), self.decode, found)
        return found

    def _call(self, seq: int) -> GoldenCall:
        calls = self._golden.calls
        if not 1 <= seq <= len(calls):
            raise SourceError(f"{self._path} has no call {seq}; it has {len(calls)}, numbered from 1.")
        return calls[seq - 1]

    def _redacted(self, call: GoldenCall) -> tuple[str, ...]:
        name = strip_async(call.method)[0]
        secrets = [each.name for value in call.params for each in symbols_in(value) if each.kind == "secret"]
        return tuple(dict.fromkeys(f"{name}.{secret}" for secret in secrets))


_REASONS = {200: "OK", 404: "Not Found", 500: "Internal Server Error", 501: "Not Implemented"}


def _text(symbol: Symbol) -> str:
    if symbol.kind == "time":
        return "19700101T00:00:01"
    return "<redacted>" if symbol.kind == "secret" else symbol.name


def _whole(data: bytes) -> Message:
    head, blank, body = data.partition(b"\r\n\r\n")
    return Message(head=head + blank, body=body, size=len(body))


def _message(start: str, body: bytes) -> Message:
    head = f"{start}\r\nContent-Length: {len(body)}\r\n\r\n".encode("latin-1")
    return Message(head=head, body=body, size=len(body))


def _day_us(text: str) -> int:
    """The day that the header tells, as a time of each call: a golden keeps no clock."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        return 0
