"""Tabs `xml` and `http`: both bodies laid out for reading, and both messages as they were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.errors import DecodeError
from xraytap.protocol.copying.text import as_xml
from xraytap.protocol.http import content_decode, find_header, parse_head
from xraytap.tui.detail.code import Code, Hex, cut_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.call import Message
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded


def pretty(loaded: Loaded) -> Content:
    """Request and answer indented; what is not well-formed as it came."""
    return Code([line for title, message in _both(loaded) for line in _pretty(title, message, loaded)])


def http(loaded: Loaded, *, as_hex: bool) -> Content:
    """Start lines, headers and bodies as text; or every byte."""
    if as_hex:
        return Hex(
            [
                (f"{title} {part}", data)
                for title, message in _both(loaded)
                if message is not None
                for part, data in (("head", message.head), ("body", message.body))
            ]
        )
    return Code([line for title, message in _both(loaded) for line in _raw(title, message, loaded)])


def _both(loaded: Loaded) -> tuple[tuple[str, Message | None], ...]:
    return (("request", loaded.exchange.request), ("answer", loaded.exchange.response))


def _pretty(title: str, message: Message | None, loaded: Loaded) -> Iterator[tuple[str, str]]:
    yield "title", title
    if message is None:
        yield "dim", _why_none(loaded)
        return
    yield from _notices(message)
    if not message.body:
        yield "dim", "(empty)"
        return
    text = as_xml(message, pretty=True)
    shape = "json" if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "xml"
    yield from cut_lines(shape, text)


def _raw(title: str, message: Message | None, loaded: Loaded) -> Iterator[tuple[str, str]]:
    yield "title", title
    if message is None:
        yield "dim", _why_none(loaded)
        return
    head = message.head.decode("latin-1").rstrip("\r\n").split("\r\n") if message.head else []
    for number, line in enumerate(head):
        yield ("head" if number else "value"), line
    yield from _notices(message)
    if message.body:
        yield "", ""
        yield from cut_lines("", as_xml(message, pretty=False))
    yield "", ""


def _notices(message: Message) -> Iterator[tuple[str, str]]:
    """What is not as it seems: coded bodies, cut bodies."""
    _, headers = parse_head(message.head)
    coding = find_header(headers, "content-encoding")
    if coding:
        try:
            size = len(content_decode(message.body, coding))
            yield "dim", f"({coding}: {len(message.body):,} bytes hold {size:,}; shown unpacked)"
        except DecodeError as error:
            yield "trouble", f"({error.reason}; shown as it came)"
    if message.cut:
        yield "trouble", f"(only {len(message.body):,} of {message.size:,} bytes were kept)"


def _why_none(loaded: Loaded) -> str:
    return loaded.exchange.error or "no answer yet"
