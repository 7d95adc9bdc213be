"""The line above the table: what each column is, and the order of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget

from xraytap.store.pages import Order
from xraytap.tui.calls.columns import GAP
from xraytap.tui.calls.render import fitted

if TYPE_CHECKING:
    from textual import events

    from xraytap.tui.calls.columns import Column
    from xraytap.tui.calls.table import CallsTable


class TableHead(Widget):
    """A click on a title orders the list by it, another click turns it round."""

    def __init__(self, table: CallsTable) -> None:
        super().__init__(id="calls-head")
        self._table = table

    def render(self) -> Text:
        """One line."""
        text = Text(end="", no_wrap=True)
        for number, (column, width) in enumerate(self._layout()):
            if number:
                text.append(" " * GAP)
            text.append(fitted(self._table.title_of(column), width, right=column.right))
        return text

    def on_click(self, event: events.Click) -> None:
        """Order by the column under the mouse."""
        at = 0
        for column, width in self._layout():
            at += width + GAP
            if event.x < at:
                if column.sort is not None:
                    now = self._table.pages.order
                    turned = now.key is column.sort and not now.descending
                    self._table.order_by(Order(key=column.sort, descending=turned))
                return

    def _layout(self) -> list[tuple[Column, int]]:
        return self._table.layout_for(self._table.scrollable_content_region.width or self.size.width)
