"""Values and paths in a few words, for one line of a report. Safe to print, whatever the wire held."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xraytap.protocol.describe import short
from xraytap.protocol.golden import SYMBOL_KINDS, Join, Symbol, Symbolic, substitute
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from xraytap.protocol.diff.values import Path

_SYMBOL = re.compile(rf"!({'|'.join(SYMBOL_KINDS)}) ([\w.'-]+)")
_WORD = re.compile(r"[\w/-]+")


def path_text(path: Path, root: str = "") -> str:
    """`record.other_config["a b"][3].name`, `[VM.1].name_label`; `root` is what the whole value is called."""
    text = root
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _WORD.fullmatch(step):
            text += f".{step}" if text else step
        elif (symbol := symbol_step(step)) is not None:
            text += f"[{_symbol(symbol)}]"
        else:
            text += f'["{printable(step)}"]'
    return text


def symbol_step(step: str | int) -> Symbol | None:
    """The symbol that a step of a path names, None for another step."""
    found = _SYMBOL.fullmatch(step) if isinstance(step, str) else None
    return None if found is None else Symbol(found[1], found[2])


def value_words(value: Symbolic, width: int = 48) -> str:
    """A value in about `width` columns: texts in quotes, symbols as in a golden (`VM.1`)."""
    if isinstance(value, Symbol):
        return _symbol(value)
    if isinstance(value, Join):
        return _quoted(
            "".join(_symbol(each) if isinstance(each, Symbol) else each for each in value.parts), width
        )
    if isinstance(value, str):
        return _quoted(str(value), width)
    if isinstance(value, list) and len(value) <= 6:
        inside = ", ".join(value_words(each, width) for each in value)
        if len(inside) <= width:
            return f"[{inside}]"
    return short(substitute(value, _symbol), width)


def two_words(left: Symbolic, right: Symbolic, width: int = 48) -> tuple[str, str]:
    """Both values in words; of two long texts the part where they begin to differ."""
    if not isinstance(left, str) or not isinstance(right, str) or max(len(left), len(right)) <= width:
        return value_words(left, width), value_words(right, width)
    start = next(
        (at for at, (mine, theirs) in enumerate(zip(left, right, strict=False)) if mine != theirs),
        min(len(left), len(right)),
    )
    start = max(0, start - width // 4)
    lead = "…" if start else ""
    return _quoted(lead + left[start:], width), _quoted(lead + right[start:], width)


def _symbol(symbol: Symbol) -> str:
    return f"<{symbol.name}>" if symbol.kind == "secret" else symbol.name


def _quoted(text: str, width: int) -> str:
    shown = printable(text)
    return f"'{shown}'" if len(shown) <= width else f"'{shown[: width - 1]}…'"
