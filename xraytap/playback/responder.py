"""The golden as a host, without a socket: a request in, an answer out. Pure but for what it remembers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xraytap.playback.nearest import Miss, explain, out_of_order
from xraytap.playback.order import Mode, Order
from xraytap.playback.recording import Asked, Recording
from xraytap.protocol.datamodel import load
from xraytap.protocol.golden import Reply, Symbol, response_of, symbols_in
from xraytap.protocol.messages import SESSIONLESS, Request, Response, takes_session
from xraytap.protocol.restyle import restyle_params, restyle_result
from xraytap.protocol.values import Bare

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.playback.recording import Series
    from xraytap.protocol.golden import Golden, GoldenCall
    from xraytap.protocol.values import Value

NO_MATCH = "XRAYTAP_NO_MATCH"
"""The code of the failure that answers a call which the golden does not have."""

_WITH_PASSWORD = ("session.login_with_password", "session.slave_local_login_with_password")
_LOGOUTS = ("session.logout", "session.local_logout")
_KEPT = 1000
"""Misses that are kept; a client that goes on asking must not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What playback answers: `response`; or without one an error page (`http_status`, `page`); or, where
    `closes`, nothing but the end of the connection.

    `seq` is the number of the recorded call, None for an answer that is playback's own; `miss` says why, where
    the golden has no such call. `elapsed_ms` is how long the recorded host took. `stays`: this very answer
    comes again, so that its bytes may be kept.
    """

    response: Response | None = None
    http_status: int = 200
    page: str = ""
    closes: bool = False
    seq: int | None = None
    miss: Miss | None = None
    elapsed_ms: float | None = None
    stays: bool = False


class Responder:
    """Answers requests from `golden`. For one thread at a time.

    `mint(kind)` makes the fresh text for a symbol of that kind (`ref uuid session task secret`): every text
    must be new. A login accepts any credentials, or none but `credentials` (user and password).

    `unmatched` are the first calls that the golden did not have, `missed` counts all of them.
    """

    def __init__(
        self,
        golden: Golden,
        mint: Callable[[str], str],
        *,
        mode: Mode = Mode.MATCH,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        self._xapi = is_xapi(golden.api)
        self._model = load("xapi" if self._xapi else "xend")
        self._recording = Recording(golden, self._model)
        self._bare = golden.bare_strings or (self._xapi and golden.protocol == "jsonrpc")
        self._mint = mint
        self._strict = mode is Mode.STRICT
        self._order = Order(mode)
        self._credentials = credentials
        self._texts: dict[Symbol, str] = {}
        self._symbols: dict[str, Symbol] = {}
        self._ended: set[str] = set()
        self._used = [False] * len(golden.calls)
        self._ready: dict[tuple[int, str], Played] = {}
        self.unmatched: list[Miss] = []
        self.missed = 0

    def answer(self, request: Request) -> Played:
        """The answer to one call."""
        params, method = request.params, request.method
        if request.protocol == "jsonrpc":
            # Without symbols in them, parameters stay plain values.
            params = restyle_params(method, params, self._model, to="xmlrpc")  # type: ignore[assignment]
        if self._xapi and "." not in method and (known := self._model.message(method)) is not None:
            request = replace(request, method=known.method)  # XAPI takes VM_start for VM.start
            method = known.method
        if not (takes_session(request.name) and params):
            asked = Asked(method=method, params=params, session=None, count=len(params))
            asks = self._credentials is not None and request.name in _WITH_PASSWORD
            if asks and params[:2] != self._credentials:
                return self._failure("SESSION_AUTHENTICATION_FAILED", *map(str, params[:1]))
            return self._give(request, asked, "")
        token = request.session or ""
        asked = Asked(
            method=method, params=params[1:], session=self._symbols.get(token, token), count=len(params)
        )
        if asked.session == token and token:
            asked = self._adopt(asked, token)
        if self._is_live(token):
            return self._give(request, asked, token)
        return self._refuse(request, asked, token)

    def unused(self) -> list[tuple[int, GoldenCall]]:
        """The recorded calls that nobody asked for, each with its number from 1."""
        return [
            (index + 1, self._recording.calls[index].call)
            for index, used in enumerate(self._used)
            if not used
        ]

    def text_of(self, *symbols: Symbol) -> str | None:
        """The text that the first of `symbols` which the golden has stands for; a fresh one if none was given out.
        None if the golden has none of them."""
        known = {
            symbol
            for each in self._recording.calls
            for value in (*each.call.params, each.call.value)
            for symbol in symbols_in(value)
        }
        found = next((symbol for symbol in symbols if symbol in known), None)
        return None if found is None else self._text(found)

    # -- which recorded call -------------------------------------------------------------------------

    def _is_live(self, token: str) -> bool:
        symbol = self._symbols.get(token)
        known = symbol is not None and symbol.kind == "session" and symbol not in self._recording.invalid
        return known and token not in self._ended

    def _adopt(self, asked: Asked, token: str) -> Asked:
        """A token from elsewhere is the recorded session that nobody logged in for, if the call is one of its."""
        recording = self._recording
        free = recording.strangers - self._texts.keys()
        if not free:
            return asked
        same_method = recording.by_method.get(asked.method, ())
        for index, _ in recording.fitting(same_method, asked, self._symbols, self._texts):
            session = recording.calls[index].session
            if isinstance(session, Symbol) and session in free:
                self._symbols[token] = session
                self._texts[session] = token
                return replace(asked, session=session)
        return asked

    def _give(self, request: Request, asked: Asked, lane: str) -> Played:
        series = self._find(asked)
        if not series and not self._recording.has_login and request.name in SESSIONLESS:
            return self._log_in()
        if not series and request.method in _LOGOUTS and not self._recording.by_method.get(request.method):
            self._ended.add(lane)
            return Played(response=self._success(""))
        if self._strict:
            index = self._order.due(lane, self._recording.lanes.get(asked.session, ()))
            if index is None or index not in series:
                elsewhere = next((each for each in series if not self._used[each]), None)
                miss = out_of_order(self._recording, asked, request.params, self._symbols, index, elsewhere)
                return self._missed(miss)
            self._order.advance(lane)
        elif series:
            index = self._order.pick(lane, series, again=request.name in SESSIONLESS)
        else:
            return self._missed(explain(self._recording, asked, request.params, self._symbols))
        return self._play(index, request)

    def _find(self, asked: Asked) -> Series:
        """The recorded calls that `asked` may be, in order."""
        recording, given = self._recording, self._texts
        found = recording.equal(asked, self._symbols) or recording.loose(asked, self._symbols, given)
        if found:
            return found
        same_method = recording.by_method.get(asked.method, ())
        for index, bound in recording.fitting(same_method, asked, self._symbols, given):
            if bound:
                for text, symbol in bound.items():
                    self._symbols[text] = symbol
                    self._texts[symbol] = text
                return recording.equal(asked, self._symbols) or (index,)
        return recording.logins(asked)

    def _refuse(self, request: Request, asked: Asked, token: str) -> Played:
        """A call with a token that is no session, or none any more: refused, as recorded if it was recorded."""
        series = self._recording.refusals(asked, self._symbols)
        if not series and asked.session == token:
            series = tuple(
                index
                for index in self._recording.equal(asked, self._symbols)
                if self._recording.calls[index].session == token
            )
        if series:
            return self._play(self._order.pick(token, series), request)
        return self._failure("SESSION_INVALID", token)

    def _log_in(self) -> Played:
        """A login that the recording lacks, as a part of one does: into the session that it has calls of."""
        strangers = sorted(self._recording.strangers - self._recording.invalid)
        free = [each for each in strangers if each not in self._texts] or strangers
        symbol = free[0] if free else Symbol("session", "s1")
        token = self._texts[symbol] = self._mint("session")
        self._symbols[token] = symbol
        return Played(response=self._success(token))

    def _missed(self, miss: Miss) -> Played:
        self.missed += 1
        if len(self.unmatched) < _KEPT:
            self.unmatched.append(miss)
        return replace(self._failure(NO_MATCH, miss.method, miss.reason), miss=miss)

    # -- its answer ----------------------------------------------------------------------------------

    def _play(self, index: int, request: Request) -> Played:
        self._used[index] = True
        ready = self._ready.get((index, request.protocol))
        if ready is not None:
            return ready
        call = self._recording.calls[index].call
        stays = not any(symbol.kind == "session" for symbol in symbols_in(call.value))
        if call.reply is Reply.ANSWER and request.name in SESSIONLESS and isinstance(call.value, Symbol):
            # Every login gets a token of its own, as on a host, even where the golden has fewer logins.
            token = self._mint(call.value.kind)
            self._texts[call.value] = token
            self._symbols[token] = call.value
        played = Played(
            response=self._response(index, call, request),
            http_status=call.http_status,
            page=str(call.value) if call.reply is Reply.HTTP else "",
            closes=call.reply is Reply.NO_ANSWER,
            seq=index + 1,
            elapsed_ms=call.elapsed_ms,
            stays=stays,
        )
        if request.name in _LOGOUTS and call.reply is Reply.ANSWER and request.session is not None:
            self._ended.add(request.session)
            if not self._strict:
                self._order.end(request.session)
        if stays:
            # The text of every symbol but a session stays for good, so the answer does too.
            self._ready[index, request.protocol] = played
        return played

    def _response(self, index: int, call: GoldenCall, request: Request) -> Response | None:
        own = self._recording.calls[index].session
        if call.protocol != request.protocol and call.reply in (Reply.ANSWER, Reply.PLAIN, Reply.FAILS):
            # An error's arguments are texts in both protocols, whatever the call returns.
            method = "" if call.reply is Reply.FAILS else call.method
            value = restyle_result(method, call.value, self._model, to=request.protocol, bare=self._bare)
            call = replace(call, value=value, protocol=request.protocol)

        def text(symbol: Symbol) -> str:
            return request.session if symbol == own and request.session is not None else self._text(symbol)

        return response_of(call, text, bare=self._bare)

    def _text(self, symbol: Symbol) -> str:
        found = self._texts.get(symbol)
        if found is None:
            found = self._texts[symbol] = self._mint(symbol.kind)
            self._symbols[found] = symbol
        return found

    def _success(self, value: str) -> Response:
        style = Bare if self._bare else str
        return Response(value={"Status": style("Success"), "Value": style(value)})

    def _failure(self, *description: str) -> Played:
        style = Bare if self._bare else str
        words: list[Value] = [style(each) for each in description]
        return Played(response=Response(value={"Status": style("Failure"), "ErrorDescription": words}))


def is_xapi(api: str) -> bool:
    """Whether a golden's `api` is XAPI's."""
    return api.lower().startswith("xapi")
