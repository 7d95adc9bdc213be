"""What texts a recording holds that differ from run to run, and what they are called.

Numbers follow the order of appearance. The order in which a host lists a set is no appearance: within one set
they follow what the recording tells of the objects (name first), so that another order gives the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.golden import Symbol
from xraytap.protocol.symbols.fields import CLASS
from xraytap.protocol.symbols.shapes import is_opaque, is_ref, refs_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xraytap.protocol.golden import Symbolic
    from xraytap.protocol.values import Value

UNKNOWN = "obj"
"""The class of what nothing tells the class of."""
_NAMES = ("name_label", "device", "userdevice", "number")


@dataclass(slots=True)
class _Seen:
    """One text. `order` is that of its first appearance, `group` the set in which that was (0: none)."""

    text: str
    order: int
    group: int
    class_name: str | None = None
    told: dict[str, str] = field(default_factory=dict)


class Census:
    """The first walk: a visitor that changes nothing and remembers."""

    def __init__(self, is_volatile: Callable[[str, str], bool], classes: dict[str, str]) -> None:
        self._is_volatile = is_volatile
        self._classes = classes
        self._seen: dict[str, _Seen] = {}
        self._sessions: dict[str, bool] = {}
        self._tokens: dict[str, None] = {}
        self._one: dict[str, str] = {}
        self._points: list[tuple[str, str, str]] = []
        self._opaque = False

    def text(self, text: str, class_name: str | None, group: int) -> Symbolic:
        """Notes a reference, or those inside."""
        if is_ref(text):
            self._note(text, class_name, group)
        else:
            for inside in refs_inside(text):
                self._note(inside, None, 0)
        return text

    def name(self, text: str, class_name: str | None, group: int) -> str | Symbol:
        """Notes the name."""
        self._note(text, class_name, group)
        return text

    def session(self, token: str, *, issued: bool) -> Symbolic:
        """Notes the token."""
        self._opaque = self._opaque or is_opaque(token)
        self._sessions[token] = self._sessions.get(token, False) or issued
        return token

    def token(self, text: str) -> Symbolic:
        """Notes the token; the empty one, with which a client begins, is a constant."""
        if text:
            self._tokens[text] = None
        return text

    def time(self, text: str, name: str) -> Symbol:  # noqa: ARG002
        """Times need no numbers."""
        return Symbol("time", name)

    def fact(self, owner: str, name: str, value: Value) -> None:
        """Learns what tells one object from another."""
        class_name, _, member = name.rpartition(".")
        if isinstance(value, str) and is_ref(value):
            if member == "uuid" and value != owner:
                self._one[str(value)] = owner
            else:
                self._points.append((owner, member, str(value)))
        elif isinstance(value, str | int) and not self._is_volatile(class_name, member):
            self._known(owner).told[member] = str(value)

    def field(self, name: str, made: Symbolic) -> None:
        """Nothing to learn."""

    def secret(self, names: Iterable[str]) -> None:
        """Nothing to learn."""

    def symbols(self) -> dict[str, Symbol]:
        """What each text is called."""
        found = {
            token: Symbol("session", f"s{number}")
            for number, token in enumerate(
                (token for token, issued in self._sessions.items() if issued or is_ref(token)), 1
            )
        }
        for number, text in enumerate(self._tokens, 1):
            found.setdefault(text, Symbol("token", f"t{number}"))
        self._spread()
        first: dict[int, int] = {}
        for each in self._seen.values():
            first.setdefault(each.group or -each.order, each.order)
        rest = [each for each in self._seen.values() if each.text not in found]

        def place(each: _Seen) -> tuple[object, ...]:
            if not each.group:  # nobody to be ordered against
                return (each.order,)
            return (first[each.group], _identity(each), each.order)

        rest.sort(key=place)
        counts: dict[str, int] = {}
        numbers: dict[str, str] = {}
        for each in rest:
            one = self._one.get(each.text, each.text)
            class_name = self._class(each, one)
            name = numbers.get(one)
            if name is None:
                counts[class_name] = counts.get(class_name, 0) + 1
                name = numbers[one] = f"{class_name}.{counts[class_name]}"
            kind = "uuid" if self._opaque and not is_opaque(each.text) else "ref"
            if class_name == "task":
                kind, name = kind.replace("ref", "task"), name.replace("task", "T")
            found[each.text] = Symbol(kind, name)
        return found

    def _note(self, text: str, class_name: str | None, group: int) -> None:
        self._opaque = self._opaque or is_opaque(text)
        seen = self._known(text, group)
        if seen.class_name is None and class_name is not None and CLASS.fullmatch(class_name):
            # Where the data model is known, a name that is none of its classes tells nothing.
            seen.class_name = self._classes.get(class_name.lower()) if self._classes else class_name

    def _known(self, text: str, group: int = 0) -> _Seen:
        if text not in self._seen:
            self._seen[text] = _Seen(text, len(self._seen) + 1, group)
        return self._seen[text]

    def _class(self, each: _Seen, one: str) -> str:
        other = self._seen.get(one)
        return (other.class_name if other is not None else None) or each.class_name or UNKNOWN

    def _spread(self) -> None:
        """What points to a named object, or is pointed to by one, is told apart by that name."""
        for owner, member, value in self._points:
            mine, theirs = self._known(owner), self._known(value)
            for this, other, way in ((mine, theirs, member), (theirs, mine, f"{member} of")):
                label = other.told.get("name_label")
                if label:
                    this.told.setdefault(way, label)
        for text, one in self._one.items():
            if text in self._seen:
                self._seen[text].told = self._known(one).told


def _identity(each: _Seen) -> tuple[object, ...]:
    """What an object is ordered by within its set; one that nothing is told of comes first."""
    named = tuple(each.told.get(name, "") for name in _NAMES)
    return (*named, sorted(f"{name}={value}" for name, value in each.told.items()))
