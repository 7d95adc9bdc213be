"""The golden as a host, without a socket: a request in, an answer out. Pure but for what it remembers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.playback.matching import is_loose, meaning, nearest, unify
from xraytap.protocol.golden import Reply, Symbol, response_of, symbols_in
from xraytap.protocol.messages import SESSIONLESS, Request, Response, takes_session
from xraytap.protocol.values import Bare

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.playback.matching import Key
    from xraytap.protocol.golden import Golden, GoldenCall, Symbolic
    from xraytap.protocol.values import Value

NO_MATCH = "XRAYTAP_NO_MATCH"
"""The code of the failure that answers a call which the golden does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What playback answers: `response`; or without one an error page (`http_status`, `page`); or, where
    `closes`, nothing but the end of the connection."""

    response: Response | None = None
    http_status: int = 200
    page: str = ""
    closes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A call that the golden does not have, and why nothing matched."""

    method: str
    reason: str


class Responder:
    """Answers requests from `golden`. For one thread at a time.

    `mint(kind)` makes the fresh text for a symbol of that kind (`ref uuid session task secret`): every text
    must be new. A login accepts any credentials if the golden has no such call with these parameters.
    """

    def __init__(self, golden: Golden, mint: Callable[[str], str]) -> None:
        self._calls = golden.calls
        self._bare = golden.bare_strings
        self._mint = mint
        self._texts: dict[Symbol, str] = {}
        self._symbols: dict[str, Symbol] = {}
        self._ended: set[str] = set()
        self._served = [0] * len(golden.calls)
        self._ready: dict[int, Played] = {}
        self._exact: dict[Key, list[int]] = defaultdict(list)
        self._by_method: dict[str, list[int]] = defaultdict(list)
        self._loose: dict[str, list[int]] = defaultdict(list)
        self._issued = _issued(golden)
        self.unmatched: list[Unmatched] = []
        for index, call in enumerate(golden.calls):
            self._by_method[call.method].append(index)
            if is_loose(call):
                self._loose[call.method].append(index)
            else:
                self._exact[self._key(call.method, call.params, {})].append(index)

    def answer(self, request: Request) -> Played:
        """The answer to one call."""
        if takes_session(request.name) and request.params:
            token = request.session
            if token is None or not self._is_live(token):
                return self._failure("SESSION_INVALID", token or "")
        index = self._choose(request)
        if index is None:
            reason = nearest(self._calls, request, self._symbols)
            self.unmatched.append(Unmatched(method=request.method, reason=reason))
            return self._failure(NO_MATCH, request.method, reason)
        self._served[index] += 1
        ready = self._ready.get(index)
        return ready if ready is not None else self._play(index, request)

    def unused(self) -> list[tuple[int, GoldenCall]]:
        """The recorded calls that nobody asked for, each with its number from 1."""
        return [(index + 1, self._calls[index]) for index, times in enumerate(self._served) if not times]

    def _choose(self, request: Request) -> int | None:
        found = self._exact.get(self._key(request.method, request.params, self._symbols))
        if found is None:
            found = self._unified(request)
        if not found and request.name in SESSIONLESS:
            found = [
                index
                for index in self._by_method.get(request.method, ())
                if self._calls[index].reply is Reply.ANSWER
            ]
        if not found:
            return None
        return next((index for index in found if not self._served[index]), found[-1])

    def _unified(self, request: Request) -> list[int]:
        """Calls that match because a secret is anything, or once an unknown reference is bound."""
        found = [
            index
            for index in self._loose.get(request.method, ())
            if unify(self._calls[index].params, request.params, self._symbols, self._issued) is not None
        ]
        if found:
            return found
        for index in self._by_method.get(request.method, ()):
            bound = unify(self._calls[index].params, request.params, self._symbols, self._issued)
            if bound:
                for text, symbol in bound.items():
                    self._symbols[text] = symbol
                    self._texts[symbol] = text
                    self._issued.add(symbol)
                return self._exact.get(self._key(request.method, request.params, self._symbols), [index])
        return []

    def _play(self, index: int, request: Request) -> Played:
        call = self._calls[index]
        if call.reply is Reply.NO_ANSWER:
            played = Played(closes=True)
        elif call.reply is Reply.HTTP:
            played = Played(http_status=call.http_status, page=str(call.value))
        else:
            if request.name in SESSIONLESS and call.reply is Reply.ANSWER:
                return self._login(call)
            response = response_of(call, lambda symbol: self._text(symbol, request), bare=self._bare)
            played = Played(response=response, http_status=call.http_status)
        if request.name == "session.logout" and call.reply is Reply.ANSWER and request.session is not None:
            self._ended.add(request.session)
        elif not any(symbol.kind == "session" for symbol in symbols_in(call.value)):
            # The text of all other symbols stays for good, so the answer does too.
            self._ready[index] = played
        return played

    def _login(self, call: GoldenCall) -> Played:
        """Every login gets a token of its own, as on a host, even where the golden has fewer logins."""
        if isinstance(call.value, Symbol):
            token = self._mint(call.value.kind)
            self._texts[call.value] = token
            self._symbols[token] = call.value
        return Played(
            response=response_of(call, lambda symbol: self._text(symbol, None), bare=self._bare),
            http_status=call.http_status,
        )

    def _text(self, symbol: Symbol, request: Request | None) -> str:
        if request is not None and symbol.kind == "session" and request.session is not None:
            own = request.session
            if self._symbols.get(own) == symbol:
                return own
        text = self._texts.get(symbol)
        if text is None:
            text = self._texts[symbol] = self._mint(symbol.kind)
            self._symbols[text] = symbol
        return text

    def _is_live(self, token: str) -> bool:
        symbol = self._symbols.get(token)
        return symbol is not None and symbol.kind == "session" and token not in self._ended

    @staticmethod
    def _key(
        method: str, params: tuple[Symbolic, ...] | tuple[Value, ...], symbols: dict[str, Symbol]
    ) -> Key:
        return (method, *[meaning(each, symbols) for each in params])

    def _failure(self, *description: str) -> Played:
        style = Bare if self._bare else str
        words: list[Value] = [style(each) for each in description]
        return Played(response=Response(value={"Status": style("Failure"), "ErrorDescription": words}))


def _issued(golden: Golden) -> set[Symbol]:
    """The symbols that a client learns from answers, and so cannot have from elsewhere. Failures do not
    count: they repeat what the client sent."""
    found: set[Symbol] = set()
    for call in golden.calls:
        if call.reply in (Reply.ANSWER, Reply.PLAIN):
            found.update(symbols_in(call.value))
    return found
