"""Text from the wire made safe to show: nothing in it can steer a terminal.

Control characters become Unicode control pictures, characters that hide or reorder text (bidi overrides,
zero-width, surrogates, private use) become `<U+202E>`.
"""

from __future__ import annotations

import re

# C0 and DEL, C1, soft hyphen, Arabic letter mark, zero-width and bidi, separators, variation selectors,
# surrogates, private use, byte order mark, interlinear marks, tags.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U0010ffff]"
)
_LINE_KEEPING = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def printable(text: str, *, lines: bool = False) -> str:
    """`text` with every unsafe character shown as a sign. With `lines`, line feeds and tabs stay."""
    pattern = _LINE_KEEPING if lines else _UNSAFE
    return pattern.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"<U+{code:04X}>"
