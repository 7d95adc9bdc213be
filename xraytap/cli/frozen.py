"""A source as a golden: a golden file as it is, a capture frozen. What playback plays and diff compares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.cli.out import say
from xraytap.cli.source import open_source
from xraytap.protocol.phrases import many
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange
    from xraytap.protocol.golden import Golden, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """`seqs` has each call's number in the source; `left_out` number and reason of those that cannot stand in a
    golden; `is_file` tells a golden file from a capture."""

    name: str
    golden: Golden
    seqs: tuple[int, ...]
    left_out: tuple[tuple[int, str], ...] = ()
    is_file: bool = False


def take(
    source: str,
    store: str | None,
    filter_text: str | None,
    api: str,
    *,
    about: str = "",
    timed: bool = False,
    literal: bool = False,
) -> Taken:
    """The calls of `source` that match, as a golden. `about` and `timed` are for captures: see `freeze`;
    `literal` keeps a capture's bytes."""
    from xraytap.cli.golden_source import GoldenSource
    from xraytap.protocol.symbols.freeze import APIS, freeze
    from xraytap.store.golden import load_golden

    with open_source(source, store) as opened:
        if isinstance(opened, GoldenSource):
            golden = load_golden(Path(source))
            seqs = tuple(row.seq for row in opened.rows(filter_text)) if filter_text else ()
            calls = tuple(golden.calls[seq - 1] for seq in seqs) if filter_text else golden.calls
            golden = replace(golden, calls=calls, api=golden.api if api == "auto" else APIS[api])
            return Taken(
                name=source, golden=golden, seqs=seqs or tuple(range(1, len(calls) + 1)), is_file=True
            )
        known = [(row, opened.decode(row.seq)) for row in opened.rows(filter_text)]
        frozen = freeze(known, api=api, about=about, host=opened.host, timed=timed)
        out = dict(frozen.left_out)
        seqs = tuple(row.seq for row, _ in known if row.seq not in out)
        golden = frozen.golden
        if literal:
            raw = (_raw(opened.exchange(seq)) for seq in seqs)
            calls = tuple(replace(call, raw=each) for call, each in zip(golden.calls, raw, strict=True))
            golden = replace(golden, calls=calls)
        return Taken(name=opened.name, golden=golden, seqs=seqs, left_out=frozen.left_out)


def _raw(exchange: Exchange) -> Raw:
    """The messages without secrets, also where the capture kept them."""
    from xraytap.protocol.golden import Raw
    from xraytap.replay.client import without_secrets

    clean = without_secrets(exchange)
    response = None if clean.response is None else clean.response.head + clean.response.body
    return Raw(request=clean.request.head + clean.request.body, response=response)


def tell_left_out(taken: Taken, *, named: bool = False, most: int = 10) -> None:
    """Say which calls are not in the golden, and why; of one reason the first few calls. `named`: and of what."""
    of = f" of {printable(taken.name)}" if named else ""
    by_reason: dict[str, list[int]] = {}
    for seq, reason in taken.left_out:
        by_reason.setdefault(reason, []).append(seq)
    for reason, seqs in by_reason.items():
        more = f" and {len(seqs) - most} more" if len(seqs) > most else ""
        numbers = ", ".join(map(str, seqs[:most])) + more
        which = (
            f"call {numbers}{of} is" if len(seqs) == 1 else f"{many(len(seqs), 'call')}{of} ({numbers}) are"
        )
        say(f"{which} left out: {printable(reason)}")
