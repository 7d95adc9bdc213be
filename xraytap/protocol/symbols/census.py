"""What texts a recording holds that differ from run to run, and what they are called.

Numbers follow the order of appearance. The order in which a host lists a set, or writes the members of a record,
is no appearance: within one set they follow what the recording tells of the objects (name first), within one
record the names of members, so that another order gives the same numbers.
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
    from xraytap.protocol.symbols.walk import Trail
    from xraytap.protocol.values import Value

UNKNOWN = "obj"
"""The class of what nothing tells the class of."""
_KINDS = "#.[@*"
_NAMES = ("name_label", "device", "userdevice", "number")


@dataclass(slots=True)
class _Seen:
    """One text. `order` is that of its first appearance, `trail` where that was."""

    text: str
    order: int
    trail: Trail = ()
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
        self._asked = 0

    def text(self, text: str, class_name: str | None, trail: Trail) -> Symbolic:
        """Notes a reference, or those inside."""
        if is_ref(text):
            self._note(text, class_name, trail)
        else:
            for inside in refs_inside(text):
                self._note(inside, None, trail)
        return text

    def name(self, text: str, class_name: str | None, trail: Trail) -> str | Symbol:
        """Notes the name."""
        self._note(text, class_name, trail)
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

    def asked(self, owner: str) -> None:
        """That a client wanted something of it before it did of others tells an object apart."""
        told = self._known(owner).told
        self._asked += 1
        told.setdefault("?", f"{self._asked:09}")

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
        rest = [each for each in self._seen.values() if each.text not in found]
        rest.sort(key=self._place)
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

    def _note(self, text: str, class_name: str | None, trail: Trail) -> None:
        self._opaque = self._opaque or is_opaque(text)
        seen = self._known(text)
        seen.trail = seen.trail or trail
        if seen.class_name is None and class_name is not None and CLASS.fullmatch(class_name):
            # Where the data model is known, a name that is none of its classes tells nothing.
            seen.class_name = self._classes.get(class_name.lower()) if self._classes else class_name

    def _known(self, text: str) -> _Seen:
        if text not in self._seen:
            self._seen[text] = _Seen(text, len(self._seen) + 1)
        return self._seen[text]

    def _place(self, each: _Seen) -> tuple[object, ...]:
        """What a text is ordered by: where it stands, what stands in a set by what it is."""
        steps = [
            (
                _KINDS.index(kind),
                what if isinstance(what, int) else 0,
                self._identity(what) if kind in "@*" else (str(what),),
            )
            for kind, what in each.trail
        ]
        return (steps, each.order)

    def _identity(self, text: int | str) -> tuple[str, ...]:
        """What tells an object from others; one of which nothing is told comes first."""
        seen = self._seen.get(str(text))
        told = {} if seen is None else seen.told
        return (
            *(told.get(name, "") for name in _NAMES),
            *sorted(f"{name}={value}" for name, value in told.items()),
        )

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
