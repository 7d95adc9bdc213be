"""From recorded calls to goldens: what differs from run to run becomes a symbol, everything else stays."""

from __future__ import annotations

from xraytap.protocol.symbols.fields import field_class
from xraytap.protocol.symbols.make import golden_of, model_of, unfit
from xraytap.protocol.symbols.shapes import is_opaque, is_ref, is_time, refs_inside, split_text

__all__ = [
    "field_class",
    "golden_of",
    "is_opaque",
    "is_ref",
    "is_time",
    "model_of",
    "refs_inside",
    "split_text",
    "unfit",
]
