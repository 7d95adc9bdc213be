"""The text of XML-RPC's scalar elements to values.

Invariant: for any text a value or a Refusal, the same for everyone who reads XML-RPC here.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING

from xraytap.protocol.values import I4, I8, DateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.values import Value

_INT = re.compile(r"[ \t\r\n]*([+-]?[0-9]+)[ \t\r\n]*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


class Refusal(Exception):  # noqa: N818  no error yet: it lacks its offset
    """A structural error at an element (lxml's, where one is known); becomes a DecodeError with its offset."""

    def __init__(self, reason: str, element: object = None) -> None:
        super().__init__(reason)
        self.element = element
        self.reason = reason


def read_int(text: str) -> int:
    """`<int>`: signs, leading zeros and blanks around as real peers write them."""
    match = _INT.fullmatch(text)
    if match is None or len(text) > 4000:
        raise Refusal(f"{text[:40]!r} is no integer")
    return int(match[1])


def _double(text: str) -> float:
    try:
        if "_" in text or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise Refusal(f"{text[:40]!r} is no double") from None


def _boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise Refusal(f"{text[:40]!r} is no boolean (0 or 1)")
    return value


def _base64(text: str) -> bytes:
    try:
        if _BASE64.fullmatch(text) is None:
            raise ValueError
        return a2b_base64(text)
    except (Base64Error, ValueError):
        raise Refusal("the content is no base64") from None


SCALARS: dict[str, Callable[[str], Value]] = {
    "string": str,
    "boolean": _boolean,
    "int": read_int,
    "double": _double,
    "i4": lambda text: I4(read_int(text)),
    "i8": lambda text: I8(read_int(text)),
    "dateTime.iso8601": lambda text: DateTime(text.strip()),
    "base64": _base64,
}
"""A reader for the text of each scalar element; `<nil/>`, which has none, is not among them."""
