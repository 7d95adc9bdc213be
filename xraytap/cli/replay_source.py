"""What is replayed, from a capture or a golden: the recording, the model to read it by, which calls of it."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.cli.about import about_source
from xraytap.cli.source import open_source
from xraytap.errors import UsageError
from xraytap.protocol.redact_values import REDACTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.cli.source import Source
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.datamodel.model import Model
    from xraytap.protocol.golden import Symbol

_SPACE = uuid.UUID("6b1f6c1e-2f0b-5d6a-9a57-3c1d8f0e7a42")
_DATES = {"xapi": "19700101T00:00:01Z", "xend": "19700101T00:00:01"}


@contextmanager
def open_recording(source: str, store: str | None, api: str) -> Iterator[tuple[Source, Model]]:
    """The source with its model. The symbols of a golden become texts that look like what they stand for."""
    with open_source(source, store) as opened:
        model = about_source(opened, api).model
        if model is None:
            raise UsageError(f"no data model is known for {source}.")
        if opened.path is not None:
            from xraytap.cli.golden_source import GoldenSource

            yield GoldenSource(Path(source), text=stand_in(model.name)), model
        else:
            yield opened, model


def stand_in(api: str) -> Callable[[Symbol], str]:
    """A text for each symbol, the same in every run: a uuid, a reference as the API writes them, a date."""

    def text(symbol: Symbol) -> str:
        if symbol.kind == "secret":
            return REDACTED
        if symbol.kind == "time":
            return _DATES[api]
        made = uuid.uuid5(_SPACE, str(symbol))
        if symbol.kind == "token":
            return f"{made.int >> 96:020d},{0:020d}"
        return f"OpaqueRef:{made}" if api == "xapi" and symbol.kind != "uuid" else str(made)

    return text


def chosen(
    recording: Source, filter_text: str | None, first: int | None, last: int | None
) -> Callable[[CallRow], bool] | None:
    """Which calls are replayed; None for all. UsageError if there is none."""
    if filter_text is None and first is None and last is None:
        return None
    low, high = first or 1, last
    if high is not None and high < low:
        raise UsageError(f"--from {low} --to-seq {high}: the first call comes after the last.")
    seqs = {
        row.seq for row in recording.rows(filter_text) if low <= row.seq and (high is None or row.seq <= high)
    }
    if not seqs:
        raise UsageError(
            f"no call of {recording.name} is chosen; look at them with: xraytap calls {recording.name}"
        )
    return lambda row: row.seq in seqs
