"""Numbers and times in filters: `>500`, `1.5s`, `10..20`, `4xx`, `2026-11-24T09:30`, `09:30:05.250`.

These raise ValueError with the reason; who knows the column makes a FilterError of it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from xraytap.protocol.filter.ast import Range, Time, TimeOfDay

if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import Literal

_NUMBER = re.compile(r"([0-9]{1,15}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})([A-Za-zµ]*)")
_STATUS_CLASS = re.compile(r"[1-5]xx", re.IGNORECASE)
_SIGNS = (">=", "<=", ">", "<", "=")
_MOST = 10**15

_US = {"us": 1, "µs": 1, "": 1_000, "ms": 1_000, "s": 1_000_000, "min": 60_000_000}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_UNITS = {"ms": _US, "bytes": _BYTES | {f"{unit}b": size for unit, size in _BYTES.items()}}
_EXPECTED = {
    "ms": "no number of milliseconds; write 500, >500, 5..20 or 1.5s (us ms s min)",
    "bytes": "no number of bytes; write 500, >1M or 10k..2M (k M G, Ki Mi Gi)",
    "seq": "no number of a call; write 7, 10..20, 10.. or >10",
    "status": "no HTTP status; write 500, 4xx, >=400 or 400..499",
    "connection": "no number of a connection; write 3, 1..4 or >2",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?")
_NO_TIME = "no time; write 09:30, 09:30:05.250, 2026-11-24 or 2026-11-24T09:30 (with Z or +02:00 if need be)"


def number_range(field: str, text: str) -> Range:
    """What a number field asks for.

    A quantity with a unit, or in milliseconds, equals whatever rounds to the digits written, as lists show
    rounded figures: `ms:2.1` finds 2.1 as it is displayed.
    """
    if field == "status" and _STATUS_CLASS.fullmatch(text):
        return Range(field, int(text[0]) * 100, int(text[0]) * 100 + 99)
    for sign in _SIGNS:
        if text.startswith(sign):
            if sign == "=":
                return _equal(field, text[1:], text)
            value, _ = _number(field, text[len(sign) :], text)
            closed = sign.endswith("=")
            if sign[0] == ">":
                return Range(field, _plain(value), None, low_closed=closed)
            return Range(field, None, _plain(value), high_closed=closed)
    low, dots, high = text.partition("..")
    if not dots:
        return _equal(field, text, text)
    if not low and not high:
        raise ValueError(f"'{text}' is {_EXPECTED[field]}")
    bottom = _number(field, low, text)[0] if low else None
    top = _number(field, high, text)[0] if high else None
    if bottom is not None and top is not None and bottom > top:
        raise ValueError(f"'{text}' holds no number: the smaller one comes first")
    return Range(field, None if bottom is None else _plain(bottom), None if top is None else _plain(top))


def _equal(field: str, text: str, whole: str) -> Range:
    value, step = _number(field, text, whole)
    if step <= 1:
        return Range(field, _plain(value), _plain(value))
    return Range(field, _plain(value - step / 2), _plain(value + step / 2), high_closed=False)


def _number(field: str, text: str, whole: str) -> tuple[Decimal, Decimal]:
    """The number in the row's unit, and what one step of its last digit is worth."""
    found = _NUMBER.fullmatch(text)
    units = _UNITS.get(field, {"": 1})
    scale = None if found is None else units.get(found[2].lower())
    if found is None or scale is None or (field not in _UNITS and "." in text):
        raise ValueError(f"'{_cut(whole)}' is {_EXPECTED[field]}")
    value = Decimal(found[1]) * scale
    if value > _MOST:
        raise ValueError(f"'{_cut(whole)}' is larger than any call has")
    if field == "bytes" and value != int(value):
        raise ValueError(f"'{_cut(whole)}' is no whole number of bytes")
    decimals = len(found[1].partition(".")[2])
    return value, Decimal(scale).scaleb(-decimals)


def _plain(value: Decimal) -> float:
    return int(value) if value == int(value) else float(value)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def moment(
    side: Literal["after", "before"], text: str, *, today: date | None, tz: tzinfo | None
) -> Time | TimeOfDay:
    """What `after` and `before` ask for. A time without its own zone is in `tz`, None meaning the machine's;
    a time alone is on `today`, or on any day without one; a day alone is its first moment."""
    try:
        if _CLOCK.fullmatch(text):
            clock = time.fromisoformat(text.replace(",", ".").rjust(len(text) + (text[1] == ":"), "0"))
            if today is None:
                return TimeOfDay(side, _of_day(clock), tz)
            when = datetime.combine(today, clock)
        else:
            when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=tz) if tz is not None else when.astimezone()
        return Time(side, (when - _EPOCH) // timedelta(microseconds=1))
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"'{_cut(text)}' is {_NO_TIME}") from None


def clock_of(micros: int, tz: tzinfo | None) -> int:
    """Microseconds since midnight, on the wall clock in `tz`, of a moment in microseconds since the epoch."""
    try:
        clock = datetime.fromtimestamp(micros // 1_000_000, tz)
    except (ValueError, OverflowError, OSError):
        return micros % 86_400_000_000
    return _of_day(clock.time()) + micros % 1_000_000


def _of_day(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond
