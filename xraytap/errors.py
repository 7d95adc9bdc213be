"""The errors of xraytap: one root, and one class per way in which a person can be stuck.

Every message says what was found, what was expected, where, and what to do. `exit_code` is what the
command line returns for it (docs/cli.md).
"""

from __future__ import annotations


class XraytapError(Exception):
    """Root of everything that xraytap raises on purpose."""

    exit_code = 2


class UsageError(XraytapError):
    """What the user asked for makes no sense; `str()` says why and what would."""


class FilterError(UsageError):
    """A filter expression has a mistake.

    `column` counts from 0 into `text` (people read it from 1), `length` is the width of the wrong part (at
    least 1).
    """

    def __init__(self, reason: str, *, text: str, column: int, length: int = 1) -> None:
        super().__init__(f"filter: column {column + 1}: {reason}")
        self.reason = reason
        self.text = text
        self.column = column
        self.length = max(1, length)


class PeerError(XraytapError):
    """A host, or an address to listen on, could not be reached or had."""

    exit_code = 3


class SourceError(XraytapError):
    """A capture, golden or store could not be read or written."""

    exit_code = 4


class DecodeError(XraytapError):
    """Bytes that are no acceptable message. `offset` is in bytes of the body as given."""

    exit_code = 4

    def __init__(self, reason: str, *, offset: int = 0) -> None:
        super().__init__(f"at byte {offset}: {reason}")
        self.reason = reason
        self.offset = offset
