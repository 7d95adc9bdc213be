"""Pictures of the screens over the shipped captures, as SVG in docs/pictures; `--check` only compares.

Deterministic: fixed times and texts, no clock, one size. The terminal's default fonts: no font is fetched.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from generated import write_or_check
from textual.widgets import Input

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from xraytap.cli.golden_source import GoldenSource  # noqa: E402  the path must be set first
from xraytap.shipped import shipped_capture  # noqa: E402
from xraytap.store.writer import Writer  # noqa: E402
from xraytap.tui.app import XraytapApp  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from xraytap.protocol.golden import Symbol

SIZE = (120, 30)
STARTED_US = 1_795_000_000_000_000
CAPTURE = "xapi-tasks"
_CELL = 12.2
"""The width of a character in Rich's pictures."""
# Picture, the keys that lead to it, a text that tells that it stands.
PICTURES = (
    ("calls", ["n", "n"], "#22"),
    ("filter", ["slash", *"method:task.get_"], "task.get_status"),
    ("detail", ["z", "enter", "z"], "answer"),
    ("statistics", ["I"], "a second"),
    ("tasks", ["T"], "Async."),
    ("compare", ["j", "j", "m", "j", "m", "d"], "differences"),
    ("copy", ["y"], "XenAPI package"),
)


def text_of(symbol: Symbol) -> str:
    """A text as a host would give it, the same each time."""
    if symbol.kind == "time":
        return "20261118T10:00:00Z"
    if symbol.kind == "secret":
        return "<redacted>"
    made = str(uuid5(NAMESPACE_OID, f"{symbol.kind} {symbol.name}"))
    return made if symbol.kind == "uuid" else f"OpaqueRef:{made}"


def record(store: Path, name: str) -> None:
    """A shipped golden as a capture, at fixed times."""
    source = GoldenSource(shipped_capture(name), text_of)
    writer = Writer(store, name, host="http://xenhost:80", now_us=lambda: STARTED_US)
    at_us = STARTED_US
    for number, row in enumerate(source.rows()):
        exchange = source.exchange(row.seq)
        took_us = exchange.elapsed_us or (800 + 137 * number % 900)
        kept = replace(
            exchange, started_at_us=at_us, elapsed_us=None if exchange.response is None else took_us
        )
        kept = replace(kept, client="10.0.0.7:50412")
        at_us += took_us + 1500
        writer.finish(writer.begin(kept), kept)
    writer.close()


async def picture(store: Path, keys: list[str], wanted: str) -> str:
    """The SVG after some keys."""
    app = XraytapApp(store, CAPTURE)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, "session.login")
        await _rest(pilot)
        for key in keys:
            await pilot.press(key)
            for line in app.screen.query(Input):
                line.cursor_blink = False
            await _rest(pilot)
        await _until(pilot, wanted)
        await _rest(pilot)
        return app.export_screenshot(title="xraytap")


async def _until(pilot: Pilot[None], wanted: str) -> None:
    end = time.monotonic() + 20
    while wanted not in _shown(pilot):
        if time.monotonic() > end:
            raise SystemExit(f"no {wanted!r} on the screen:\n{_shown(pilot)}")
        await pilot.pause(0.01)


async def _rest(pilot: Pilot[None]) -> None:
    """Wait until threads have nothing more to bring."""
    app = pilot.app
    before = ""
    for _ in range(400):
        await pilot.pause(0.01)
        browse = app.browse  # type: ignore[attr-defined]
        table, detail = browse.table, browse.detail
        idle = table.loader.idle and table.scanner.idle and detail.looker.idle and browse.capture.learner.idle
        settled = getattr(app.screen, "settled", True)
        now = _shown(pilot)
        if idle and settled and now == before:
            return
        before = now if idle and settled else ""


def _shown(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()  # noqa: SLF001
    return "\n".join("".join(each.text for each in strip) for strip in strips)


def plain(svg: str) -> str:
    """Without fonts from elsewhere, lines without blanks at their ends."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "monospace").replace("Fira Code", "monospace")
    svg = _TEXT.sub(_moved, re.sub(r"terminal-\d+", "screen", svg))
    return "\n".join(line.rstrip() for line in svg.strip().splitlines()) + "\n"


_BLANK = "&#160;"
_TEXT = re.compile(r'x="([0-9.]+)" y="([0-9.]+)" textLength="([0-9.]+)"([^>]*)>([^<]*)</text>')


def _moved(match: re.Match[str]) -> str:
    """Blanks at a text's ends as its place: some viewers leave them out."""
    x, y, length, rest, text = match.groups()
    bare = text
    before = after = 0
    while bare.startswith(_BLANK):
        bare, before = bare.removeprefix(_BLANK), before + 1
    while bare.endswith(_BLANK):
        bare, after = bare.removesuffix(_BLANK), after + 1
    left, width = float(x) + before * _CELL, float(length) - (before + after) * _CELL
    return f'x="{left:g}" y="{y}" textLength="{width:g}"{rest}>{bare}</text>'


def main() -> int:
    """Write or check all; the exit code."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name in ("NO_COLOR", "COLORTERM", "EDITOR", "VISUAL"):
        os.environ.pop(name, None)
    (ROOT / "docs" / "pictures").mkdir(exist_ok=True)
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, keys, wanted in PICTURES:
            store = Path(folder) / f"{name}.db"
            record(store, CAPTURE)
            svg = plain(asyncio.run(picture(store, list(keys), wanted)))
            code |= write_or_check(f"pictures/{name}.svg", svg, "screenshots")
    return code


if __name__ == "__main__":
    sys.exit(main())
