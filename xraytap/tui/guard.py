"""An error in one view shows there; the application goes on.

Textual ends the application when a handler raises. Whoever derives from `Guarded` as well tells what went wrong
and goes on with the next message.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.message_pump import MessagePump

from xraytap.errors import XraytapError
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from textual.message import Message

_AGAIN_S = 5.0


def words(error: Exception) -> str:
    """What went wrong, for a person."""
    if isinstance(error, XraytapError):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"this failed: {type(error).__name__}: {error}{where}"


class Guarded(MessagePump):
    """For widgets and screens; stands before Textual's class."""

    forgiving: ClassVar[bool] = True
    """Tests turn it off, so that they see errors."""

    _said: tuple[str, float] = ("", 0.0)

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not self.forgiving:
                raise
            # A drawing that fails does so with every drawing: say it once in a while.
            text, at = words(error), monotonic()
            said, before = self._said
            if text != said or at > before + _AGAIN_S:
                self._said = (text, at)
                self.app.notify(printable(text, lines=True), severity="error", markup=False)
