"""A source as a golden to play: times kept, and said what cannot be played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.cli.frozen import take, tell_left_out

if TYPE_CHECKING:
    from xraytap.protocol.golden import Golden


def playable(source: str, store: str | None, filter_text: str | None, api: str) -> Golden:
    """What is played from `source`: the calls that match. Says what of a capture cannot be played."""
    taken = take(source, store, filter_text, api, timed=True)
    tell_left_out(taken)
    return taken.golden
