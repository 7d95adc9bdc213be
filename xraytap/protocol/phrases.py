"""Times, lengths and counts as people say them."""

from __future__ import annotations

from datetime import datetime


def clock(micros: int) -> str:
    """The local time of day, `09:01:27.103`."""
    when = datetime.fromtimestamp(micros // 1_000_000).astimezone()
    return f"{when:%H:%M:%S}.{micros // 1000 % 1000:03d}"


def span(micros: int) -> str:
    """A length of time as people say it: `850 ms`, `4.2 s`, `3:20`, `2:03:20`."""
    ms = micros / 1000
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 100_000:
        return f"{ms / 1000:.1f} s"
    seconds = int(ms // 1000)
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def many(number: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size(count: int) -> str:
    """Bytes as people say it: `812`, `53.1k`, `5.3M`."""
    number = float(count)
    for unit in ("", "k", "M", "G"):
        if number < 1000 or unit == "G":
            break
        number /= 1000
    return f"{number:.1f}{unit}" if unit else str(count)
