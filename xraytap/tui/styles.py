"""Styles of parts of a line, from the style sheet."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget


def part_style(widget: Widget, name: str) -> Style:
    """The style of a component class without a background of its own, so that the line's shows; a colour with
    an alpha is mixed with what lies behind the widget."""
    return _mixed(widget.get_component_rich_style(name), widget.get_component_rich_style(name, partial=True))


@lru_cache(maxsize=256)
def _mixed(full: Style, partial: Style) -> Style:
    return partial if partial.color is None else partial + Style.from_color(full.color)
