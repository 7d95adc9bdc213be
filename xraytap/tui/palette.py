"""The command palette: everything that a key does here, by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.markup import escape
from textual.command import DiscoveryHit, Hit, Provider

from xraytap.tui.keys import alive, spoken

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.command import Hits

    from xraytap.tui.keys import Alive

_ASIDE = frozenset({"palette"})


class KeysProvider(Provider):
    """What can be pressed in the screen that the palette was called from."""

    async def startup(self) -> None:
        """The focus is elsewhere once the palette stands: look now."""
        self._found = [each for each in alive(self.screen) if each.key.id not in _ASIDE]

    async def discover(self) -> Hits:
        """All of them."""
        for each in self._found:
            yield DiscoveryHit(each.key.help, self._run(each), help=_keys(each))

    async def search(self, query: str) -> Hits:
        """Those whose help, or keys, fit."""
        matcher = self.matcher(query)
        for each in self._found:
            score = max(matcher.match(each.key.help), matcher.match(each.key.id), _exactly(each, query))
            if score > 0:
                yield Hit(score, matcher.highlight(each.key.help), self._run(each), help=_keys(each))

    def _run(self, each: Alive) -> partial[Coroutine[object, object, bool]]:
        return partial(self.app.run_action, each.key.action, each.node)


def _keys(each: Alive) -> str:
    return escape(f"{each.key.group}: {'  '.join(_spoken(each))}")


def _spoken(each: Alive) -> Iterator[str]:
    return (spoken(key) for key in each.pressed)


def _exactly(each: Alive, query: str) -> float:
    return 1.0 if query.strip() in _spoken(each) else 0.0
