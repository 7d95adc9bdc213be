"""What is known about a source beside its bytes: the data model to read it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import About

if TYPE_CHECKING:
    from xraytap.cli.source import Source


def about_source(source: Source, api: str = "auto") -> About:
    """The model named `api`, or the one that the source's first calls speak."""
    from xraytap.protocol.datamodel import load

    if api == "auto":
        from xraytap.protocol.datamodel.guess import guess_api

        api = guess_api(source.decode(row.seq) for row in source.rows())
    return About(model=load(api))
