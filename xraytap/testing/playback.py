"""A host for a test, played back from a golden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from xraytap.errors import UsageError
from xraytap.playback.responder import is_xapi
from xraytap.playback.server import Mode, PlaybackServer, Served
from xraytap.protocol.datamodel import load
from xraytap.testing.call import HostCall, host_call
from xraytap.testing.host import XenHost
from xraytap.testing.report import unmatched_text, unused_text

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.golden import Golden


class PlaybackHost(XenHost):
    """Listens within its `with` block."""

    def __init__(self, golden: Golden, path: Path, *, mode: str = "match") -> None:
        self._model = load("xapi" if is_xapi(golden.api) else "xend")
        self._served: list[Served] = []
        self._server = PlaybackServer(golden, mode=Mode(mode), watch=self._served.append)
        self._told = 0
        super().__init__("", path)

    def __enter__(self) -> Self:
        self._server.start()
        self.url = self._server.url
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def calls(self) -> list[HostCall]:
        """The calls that came, in order, with secrets as they were sent."""
        return [
            host_call(each.seq, each.request, each.decoded(), self._model, recorded=each.recorded)
            for each in tuple(self._served)
            if each.request is not None
        ]

    def ref(self, name: str) -> str:
        """The reference that stands for a symbol of the golden in this run, such as `VM.2` or `T.1`. UsageError
        for a name that the golden does not have."""
        return self._text(name, "ref", "task")

    def uuid(self, name: str) -> str:
        """The same for a uuid: of `VM.2` the one that XAPI keeps beside the reference; with xend they are one."""
        return self._text(name, "uuid", "ref")

    def _text(self, name: str, *kinds: str) -> str:
        found = self._server.text_of(name, *kinds)
        if found is None:
            raise UsageError(f"{self.golden} has no symbol !{kinds[0]} {name}.")
        return found

    def unmatched(self) -> str | None:
        """What to say of the calls without a recorded answer that came since the last time; None if none did."""
        misses = self._server.unmatched[self._told :]
        self._told += len(misses)
        return unmatched_text(misses, self.golden, self._model) if misses else None

    def unused(self) -> str | None:
        """What to say of the recorded calls that were never asked for; None if all were."""
        found = self._server.unused()
        return unused_text(found, self.golden) if found else None
