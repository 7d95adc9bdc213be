"""Tab `decoded`: the call as a tree, with the names and types of the data model, or as on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xraytap.protocol.about import NOTHING
from xraytap.protocol.describe import tree
from xraytap.tui.detail.tree import TreeContent

if TYPE_CHECKING:
    from xraytap.tui.detail.content import Content
    from xraytap.tui.detail.loaded import Loaded


def decoded(loaded: Loaded, *, wire: bool) -> Content:
    """The tree of a call."""
    return TreeContent(tree(loaded.row, loaded.call, NOTHING if wire else loaded.about))
