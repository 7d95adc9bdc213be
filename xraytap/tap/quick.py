"""Shorter ways through two hot spots of mitmproxy, for the tap's own process only.

Profiled at 16 connections with small bodies: a `Context.fork` makes a `Server`, with a random id, to throw
it away at once; and a header lookup decodes and raises for every header that is not there. What they answer
stays the same (tests/tap/test_quick.py compares).
"""

from __future__ import annotations

from typing import Any

from mitmproxy.http import Headers
from mitmproxy.proxy.context import Context


class QuickContext(Context):
    """A context that forks without making a `Server`."""

    @classmethod
    def of(cls, context: Context) -> QuickContext:
        """A copy that shares connections and options."""
        copy = cls.__new__(cls)
        copy.client = context.client
        copy.options = context.options
        copy.server = context.server
        copy.layers = context.layers.copy()
        return copy

    def fork(self) -> QuickContext:
        """As in mitmproxy."""
        return self.of(self)


def _find(headers: Headers, key: str | bytes) -> str | None:
    name = (key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key).lower()
    length = len(name)
    found: str | None = None
    for field, value in headers.fields:
        if len(field) == length and field.lower() == name:
            text = value.decode("utf-8", "surrogateescape")
            found = text if found is None else f"{found}, {text}"
    return found


def _getitem(self: Headers, key: str | bytes) -> str:
    found = _find(self, key)
    if found is None:
        raise KeyError(key)
    return found


def _get(self: Headers, key: str | bytes, default: Any = None) -> Any:
    found = _find(self, key)
    return default if found is None else found


def _contains(self: Headers, key: object) -> bool:
    return isinstance(key, str | bytes) and _find(self, key) is not None


def speed_up_headers() -> None:
    """From now on header lookups in this process are quick."""
    patched: Any = Headers
    patched.__getitem__, patched.get, patched.__contains__ = _getitem, _get, _contains
