"""A capture that is being recorded from here: what its tap says, for the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class TapEvent(Protocol):
    """What a tap says (`xraytap.tap.process.TapEvent`)."""

    @property
    def kind(self) -> str:
        """`warning`, `error`, `stopped`, `died` ..."""

    @property
    def text(self) -> str:
        """For a person."""


class Tap(Protocol):
    """A running tap (`xraytap.tap.process.TapProcess`)."""

    host: str
    port: int

    def poll_events(self) -> Sequence[TapEvent]:
        """What it has said since the last time."""


class TapWords:
    """`listens` says where, for as long as it lives; `trouble` is its last bad news."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        host = f"[{tap.host}]" if ":" in tap.host else tap.host
        self.listens = f"http://{host}:{tap.port}"
        self.trouble = ""
        self.dead = False

    def poll(self) -> list[str]:
        """What is new, to be told."""
        told = []
        for event in self._tap.poll_events():
            if event.kind == "died":
                self.dead = True
            if event.text:
                self.trouble = event.text
                told.append(event.text)
        return told
