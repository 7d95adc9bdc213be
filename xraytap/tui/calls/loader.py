"""Bodies decoded for the lines on the screen, in a thread of its own, newest wish first.

The screen asks for what it shows and draws without it meanwhile; `ready` is called in the loader's thread
when some are done. What calls teach about names on the way is used for all that follow.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from xraytap.errors import DecodeError, XraytapError
from xraytap.protocol.call import Outcome
from xraytap.protocol.describe import answer_line, params_line, short
from xraytap.protocol.summary import DecodedCall, decode_body, decode_exchange
from xraytap.store import open_store
from xraytap.tui.calls.render import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow, Exchange
    from xraytap.store import Store


class Knowing(Protocol):
    """What is known beside the bytes; `version` changes whenever more is known."""

    version: int

    def about(self, session: str | None) -> About:
        """What is known in a session; for any thread."""

    def see(self, row: CallRow, call: DecodedCall) -> None:
        """Learn from a call that somebody looks at; for any thread."""


WIDTH = 200
_KEPT = 4000
_TOGETHER_S = 0.03
BIG = 512 * 1024
"""Bodies beyond this are not decoded for a line of a list."""


@dataclass(frozen=True, slots=True)
class _Known:
    words: Words
    version: int
    settled: bool


class Loader:
    """Decodes, describes, keeps the last few thousand."""

    def __init__(
        self,
        store: Path,
        capture: str,
        ready: Callable[[], object],
        knowing: Knowing,
    ) -> None:
        self._path, self._capture = store, capture
        self._ready, self._knowing = ready, knowing
        self._kept: OrderedDict[int, _Known] = OrderedDict()
        self._wished: list[CallRow] = []
        self._change = threading.Condition()
        self._closed = self._busy = False
        self._thread = threading.Thread(target=self._run, name="bodies of lines", daemon=True)
        self._thread.start()

    def words(self, row: CallRow) -> Words | None:
        """What is known of a call by now."""
        known = self._kept.get(row.seq)
        if known is None or (row.elapsed_us is not None and not known.settled):
            return None
        return known.words

    def wish(self, rows: Sequence[CallRow]) -> None:
        """These lines are on the screen; former wishes are forgotten."""
        needed = [row for row in rows if self._lacks(row)]
        with self._change:
            self._wished = needed
            if needed:
                self._change.notify()

    @property
    def idle(self) -> bool:
        """Whether every wish is fulfilled."""
        return not self._wished and not self._busy

    def close(self) -> None:
        """End the thread."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join()

    # -- inside the thread --------------------------------------------------------------------------

    def _lacks(self, row: CallRow) -> bool:
        known = self._kept.get(row.seq)
        return (
            known is None
            or known.version != self._knowing.version
            or (row.elapsed_us is not None and not known.settled)
        )

    def _run(self) -> None:
        try:
            with open_store(self._path) as store:
                while self._take_turn(store):
                    pass
        except XraytapError:
            return  # the pages, which read the same file, tell the person

    def _take_turn(self, store: Store) -> bool:
        with self._change:
            self._busy = False
            while not self._wished and not self._closed:
                self._change.wait()
            if self._closed:
                return False
            self._busy = True
            wished, self._wished = self._wished, []
        until = monotonic() + _TOGETHER_S
        for number, row in enumerate(wished):
            self._keep(row, self._words(store, row))
            if self._closed or self._wished:
                break  # the screen has moved on
            if monotonic() > until:
                with self._change:
                    self._wished = self._wished or wished[number + 1 :]
                break
        if not self._closed:
            self._ready()
        return True

    def _keep(self, row: CallRow, words: Words) -> None:
        known = _Known(words, self._knowing.version, row.elapsed_us is not None)
        self._kept[row.seq] = known
        self._kept.move_to_end(row.seq)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _words(self, store: Store, row: CallRow) -> Words:
        try:
            exchange = store.exchange(self._capture, row.seq)
        except XraytapError as error:
            return Words(params="", answer=str(error))
        call = _decoded(exchange)
        self._knowing.see(row, call)
        about = self._knowing.about(row.session)
        return Words(
            params=params_line(call, WIDTH, about),
            answer=_answer(row, call, about),
            task=_task(row, call),
        )


def _decoded(exchange: Exchange) -> DecodedCall:
    size = 0 if exchange.response is None else len(exchange.response.body)
    if max(size, len(exchange.request.body)) <= BIG:
        return decode_exchange(exchange)
    from xraytap.protocol.messages import Request

    request = None
    if len(exchange.request.body) <= BIG:
        try:
            message = decode_body(exchange.request)
            request = message if isinstance(message, Request) else None
        except DecodeError:
            pass
    return DecodedCall(request=request, answer=None)


def _answer(row: CallRow, call: DecodedCall, about: About) -> str:
    if row.outcome is Outcome.SUCCESS and call.answer is None and row.protocol != "http":
        return f"{row.response_bytes:,} bytes"
    return answer_line(row, call, WIDTH, about)


def _task(row: CallRow, call: DecodedCall) -> str:
    if not row.is_async or call.answer is None or row.outcome is not Outcome.SUCCESS:
        return ""
    return short(call.answer.value, 9)
