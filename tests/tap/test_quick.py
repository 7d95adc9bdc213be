"""The quick header lookups answer what mitmproxy's do."""

from __future__ import annotations

from mitmproxy.http import Headers

from xraytap.tap import quick

HEADERS = Headers(((b"Host", b"xend"), (b"X-Twice", b"1"), (b"x-twice", b"\xff2"), (b"Empty", b"")))
NAMES: tuple[str | bytes, ...] = (
    "host",
    "HOST",
    b"Host",
    "x-twice",
    "X-TWICE",
    "empty",
    "none",
    b"",
    "hos",
    "\u00e9",
)


def test_quick_lookups_agree_with_mitmproxy() -> None:
    for name in NAMES:
        assert HEADERS.get(name) == quick._get(HEADERS, name)
        assert HEADERS.get(name, "x") == quick._get(HEADERS, name, "x")
        assert (name in HEADERS) == quick._contains(HEADERS, name)
        if name in HEADERS:
            assert HEADERS[name] == quick._getitem(HEADERS, name)
