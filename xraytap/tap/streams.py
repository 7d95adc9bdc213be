"""Bodies that pass through without being held: what is counted and kept of them.

mitmproxy decides whether a body streams, either when its head came or, if its length is not announced, when
the option `stream_large_bodies` is exceeded. In that late case it just sets `stream = True` and calls no
hook; `watch_late` makes the message put a `Passing` there instead, so that the bytes are still counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mitmproxy.http import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Passing:
    """A stream callable: passes data on, counts it, keeps the first `keep` bytes.

    With `before_end`, the last piece is held until `before_end()` has returned: with a Content-Length the
    client knows the answer to be complete before mitmproxy tells us, and it must be recorded by then.
    `before_end` returns False to withhold that piece.
    """

    __slots__ = ("_held", "before_end", "chunks", "keep", "kept", "size")

    def __init__(self, keep: int, before_end: Callable[[], bool] | None = None) -> None:
        self.keep = keep
        self.size = 0
        self.kept = 0
        self.chunks: list[bytes] = []
        self.before_end = before_end
        self._held = b""

    def __call__(self, data: bytes) -> Iterable[bytes]:  # noqa: D102  mitmproxy's stream protocol
        # Never an empty piece: in a chunked body it would be the end mark.
        if data:
            self.size += len(data)
            if self.kept < self.keep:
                self.chunks.append(data[: self.keep - self.kept])
                self.kept += len(self.chunks[-1])
            if self.before_end is None:
                return (data,)
            out, self._held = self._held, data
            return (out,) if out else ()
        if self.before_end is None:
            return ()
        out, self._held = self._held, b""
        return (out,) if self.before_end() and out else ()

    @property
    def body(self) -> bytes:
        """What was kept."""
        return b"".join(self.chunks)


class _Late:
    """Put before mitmproxy's class: an attribute that becomes a property."""

    @property
    def stream(self) -> Any:
        return self.__dict__.get("xraytap_stream", False)

    @stream.setter
    def stream(self, value: Any) -> None:
        self.__dict__["xraytap_stream"] = self.__dict__["xraytap_late"] if value is True else value


class _LateRequest(_Late, Request):
    pass


class _LateResponse(_Late, Response):
    pass


def watch_late(message: Request | Response, passing: Passing) -> None:
    """Let `passing` see the body, should mitmproxy decide later that it streams."""
    message.__dict__["xraytap_late"] = passing
    message.__class__ = _LateRequest if isinstance(message, Request) else _LateResponse
