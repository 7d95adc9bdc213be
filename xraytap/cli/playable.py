"""A source as a golden to play: a golden file as it is, a capture made into one, times kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.cli.out import say
from xraytap.cli.source import open_source

if TYPE_CHECKING:
    from xraytap.protocol.golden import Golden


def playable(source: str, store: str | None, filter_text: str | None, api: str) -> Golden:
    """What is played from `source`: the calls that match. Says what of a capture cannot be played."""
    from xraytap.cli.golden_source import GoldenSource
    from xraytap.protocol.symbols.freeze import APIS, freeze
    from xraytap.store.golden import load_golden

    with open_source(source, store) as opened:
        rows = list(opened.rows(filter_text))
        if isinstance(opened, GoldenSource):
            golden = load_golden(Path(source))
            calls = golden.calls if not filter_text else tuple(golden.calls[row.seq - 1] for row in rows)
            return replace(golden, calls=calls, api=golden.api if api == "auto" else APIS[api])
        decoded = [(row, opened.decode(row.seq)) for row in rows]
    frozen = freeze(decoded, api=api, timed=True)
    for seq, reason in frozen.left_out:
        say(f"call {seq} is left out: {reason}")
    return frozen.golden
