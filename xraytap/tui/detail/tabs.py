"""The tabs of the detail pane, by number: what each is called and who makes its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """`build` runs in a thread; its second argument tells whether the other form is wanted (wire form, hex)."""

    id: str
    title: str
    build: Callable[[Loaded, bool], Content]
    other: str = ""
    """What the other form is called, empty where there is none."""


def _decoded(loaded: Loaded, other: bool) -> Content:
    from xraytap.tui.detail.decoded import decoded

    return decoded(loaded, wire=other)


def _pretty(loaded: Loaded, _: bool) -> Content:
    from xraytap.tui.detail.bodies import pretty

    return pretty(loaded)


def _http(loaded: Loaded, other: bool) -> Content:
    from xraytap.tui.detail.bodies import http

    return http(loaded, as_hex=other)


def _timing(loaded: Loaded, _: bool) -> Content:
    from xraytap.tui.detail.timing import timing

    return timing(loaded)


def _session(loaded: Loaded, _: bool) -> Content:
    from xraytap.tui.detail.session import session

    return session(loaded)


def _lint(loaded: Loaded, _: bool) -> Content:
    from xraytap.tui.detail.lint import lint

    return lint(loaded)


TABS = (
    Tab(id="decoded", title="decoded", build=_decoded, other="wire form"),
    Tab(id="body", title="xml", build=_pretty),
    Tab(id="http", title="http", build=_http, other="hex"),
    Tab(id="timing", title="timing", build=_timing),
    Tab(id="session", title="session", build=_session),
    Tab(id="lint", title="lint", build=_lint),
)
