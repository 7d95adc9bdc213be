"""A host for a test, recorded: the real one behind a tap, and a golden of what went through."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

from xraytap.errors import SourceError, UsageError
from xraytap.protocol.call import Outcome
from xraytap.protocol.datamodel import load
from xraytap.protocol.datamodel.guess import guess_api
from xraytap.protocol.diff.update import updated
from xraytap.protocol.printable import printable
from xraytap.protocol.symbols import model_of
from xraytap.protocol.symbols.freeze import freeze
from xraytap.store import open_store
from xraytap.store.golden import load_golden, save_golden
from xraytap.tap.process import TapConfig, TapProcess
from xraytap.testing.call import HostCall, host_call
from xraytap.testing.host import XenHost

if TYPE_CHECKING:
    from pathlib import Path

    from xraytap.protocol.call import CallRow
    from xraytap.protocol.summary import DecodedCall

_CAPTURE = "recording"


class RecordingHost(XenHost):
    """A tap before the host at `to`, within its `with` block. `store` is a file for the capture; secrets are
    taken out before anything is written there."""

    recording = True

    def __init__(self, to: str, path: Path, store: Path, *, about: str = "", insecure: bool = False) -> None:
        self._config = TapConfig(to=to, store=str(store), capture=_CAPTURE, insecure=insecure)
        self._store = store
        self._about = about
        self._tap: TapProcess | None = None
        super().__init__("", path)

    def __enter__(self) -> Self:
        self._tap = TapProcess.start(self._config)
        self.url = f"http://{self._tap.host}:{self._tap.port}"
        return self

    def __exit__(self, *_: object) -> None:
        if self._tap is not None:
            self._tap.stop()

    @property
    def calls(self) -> list[HostCall]:
        """The calls that came, in order; secrets read `<redacted>`."""
        calls = self._calls()
        model = load(guess_api(call for _, call in calls))
        return [
            host_call(row.seq, call.request, call, model)
            for row, call in calls
            if call.request is not None and row.elapsed_us is not None
        ]

    def ref(self, name: str) -> str:
        """There are no symbols yet: UsageError."""
        raise UsageError(
            f"{name} is a symbol of a golden, and while one is recorded there are none: let the test take references "
            "from answers, or record it with another tool (xraytap record)."
        )

    uuid = ref

    def unanswered(self) -> str | None:
        """What to say of calls that the real host did not answer, and why; None if it answered all."""
        lines = [
            f"  {row.method or row.path}: {row.note or f'HTTP {row.http_status}'}"
            for row, _ in self._calls()
            if row.outcome in (Outcome.NO_RESPONSE, Outcome.HTTP_ERROR)
        ]
        if not lines:
            return None
        text = "\n".join([f"{self._config.to} did not answer:", *map(printable, lines)])
        return text.replace("--insecure", "--xraytap-insecure")  # the tap knows its own option

    def save(self) -> str | None:
        """Write the golden; one that is there changes only where more than volatile values did. What is to be said
        about it: which calls are not in it; None if all are."""
        frozen = freeze(self._calls(), about=self._about, host=self._config.to)
        golden = frozen.golden
        with contextlib.suppress(SourceError):  # what cannot be read is written anew
            golden = updated(load_golden(self.golden), golden, model_of(golden.api))
        save_golden(self.golden, golden)
        if not frozen.left_out:
            return None
        lines = [f"not in {self.golden}:"]
        return "\n".join(lines + [f"  call {seq}: {reason}" for seq, reason in frozen.left_out])

    def _calls(self) -> list[tuple[CallRow, DecodedCall]]:
        capture = _CAPTURE if self._tap is None else self._tap.capture
        with open_store(self._store) as store:
            from xraytap.protocol.summary import decode_exchange

            return [(row, decode_exchange(store.exchange(capture, row.seq))) for row in store.calls(capture)]
