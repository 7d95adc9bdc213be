"""Which places of a call do not count when two runs are compared: what the data model knows as measured or
made anew each time, what a golden's header or the user names, and which arrays are sets.

Paths begin in the value of the answer, or in the list of parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from xraytap.protocol.messages import strip_async

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.datamodel.model import MessageFacts, Model
    from xraytap.protocol.datamodel.types import Type
    from xraytap.protocol.diff.values import Path

_RECORD_KINDS = ("record", "struct")
# Their order says something: an error's code and arguments, events as they happened.
_IN_ORDER = {("task", "error_info"), ("event_batch", "events")}
_TOKENS = {("event_batch", "token"), ("event_batch", "valid_ref_counts")}
# Of the s-expressions of xend's older interface, which no model describes.
_EXPRESSIONS = ("sxp", "any")
_MEASURED = frozenset(
    {"domid", "cpu_time", "start_time", "up_time", "free_memory", "store_mfn", "console_mfn"}
)
_TOKEN_ANSWERS = ("event.inject", "event.get_current_id")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path leads: its type if that is known, and what follows from it."""

    type: Type | None
    volatile: bool = False
    ordered: bool = False


_NOWHERE = _Place(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The two questions of `diff_values` for one value of one call."""

    ignore: Callable[[Path], bool]
    unordered: Callable[[Path], bool]


@dataclass(slots=True, kw_only=True)
class Rules:
    """`model` may be missing: then only `names` count, and no array is known as a set.

    `names`: `Class.message` is the whole answer of a call (of a getter: its field in records as well),
    `Class.field` a field in its getter's answer and in records, a name without a dot a member anywhere,
    `Class.message.param` a parameter; `*` and `?` stand for other letters. With `keep_volatile` the model's
    own opinion does not count.
    """

    model: Model | None = None
    names: tuple[str, ...] = ()
    keep_volatile: bool = False
    _steps: dict[tuple[Type, str | int], _Place] = field(default_factory=dict)
    _named: dict[tuple[str, str], bool] = field(default_factory=dict)

    def answer(self, method: str) -> Places:
        """The places in the value that the host answered to `method` (`Async.` does not matter)."""
        name, is_async = strip_async(method)
        facts = None if self.model is None or is_async else self.model.message(name)
        name = name if facts is None else facts.method  # XAPI takes VM_start as well
        class_name, _, message = name.rpartition(".")
        known = message.removeprefix("get_") if message.startswith("get_") else None
        start = _NOWHERE if facts is None else _Place(facts.returns, ordered=_is_event(facts.returns))
        volatile = self._says("", name) or (known is not None and self._says(class_name, known))
        if facts is not None and not self.keep_volatile:
            volatile = volatile or self._volatile_answer(facts, class_name, known)
        return self._places(
            _Place(start.type, volatile=volatile, ordered=start.ordered or _ordered(class_name, known))
        )

    def params(self, method: str) -> Places:
        """The places in the list of parameters."""
        name = strip_async(method)[0]
        facts = None if self.model is None else self.model.message(name)
        first: dict[int, _Place] = {}
        for index, param in enumerate(() if facts is None else facts.params):
            token = name == "event.from" and param.name == "token" and not self.keep_volatile
            first[index] = _Place(param.type, volatile=token or self._says("", f"{name}.{param.name}"))
        return self._places(_NOWHERE, first)

    def is_volatile(self, class_name: str, member: str) -> bool:
        """Whether the field does not count, by the model or by name."""
        if self._says(class_name, member):
            return True
        if self.keep_volatile or self.model is None:
            return False
        if class_name.startswith("$"):  # a record of whatever class an event tells
            return any(self.model.volatile(each, member) for each in self.model.classes())
        # The record that an event brings is compared member by member.
        if (class_name, member) == ("event", "snapshot"):
            return False
        return (class_name, member) in _TOKENS or self.model.volatile(class_name, member) is not None

    def _volatile_answer(self, facts: MessageFacts, class_name: str, known: str | None) -> bool:
        if facts.method in _TOKEN_ANSWERS or facts.returns.kind == "datetime":
            return True
        return facts.kind == "get" and known is not None and self.is_volatile(class_name, known)

    def _places(self, start: _Place, first: dict[int, _Place] | None = None) -> Places:
        places: dict[Path, _Place] = {(): start}

        def place(path: Path) -> _Place:
            found = places.get(path)
            if found is None:
                if first is not None and len(path) == 1:
                    found = first.get(int(path[0]), _NOWHERE)
                else:
                    found = self._step(place(path[:-1]).type, path[-1])
                places[path] = found
            return found

        def unordered(path: Path) -> bool:
            found = place(path)
            kinds = (
                () if found.type is None else found.type.of if found.type.kind == "union" else (found.type,)
            )
            return not found.ordered and any(each.kind == "set" for each in kinds)

        return Places(ignore=lambda path: place(path).volatile, unordered=unordered)

    def _step(self, outer: Type | None, step: str | int) -> _Place:
        if outer is None:
            return _Place(None, volatile=isinstance(step, str) and self._says("", step))
        key = (outer, step)
        found = self._steps.get(key)
        if found is None:
            found = self._inner(outer, step)
            if outer.kind in _RECORD_KINDS:  # names of a map and indices are without end
                self._steps[key] = found
        return found

    def _inner(self, outer: Type, step: str | int) -> _Place:
        kind = outer.kind
        if kind in ("option", "union"):
            inner = [self._inner(each, step) for each in outer.of]
            return next((each for each in inner if each.type is not None), inner[0])
        if kind in _EXPRESSIONS:
            measured = step in _MEASURED and not self.keep_volatile
            return _Place(outer, volatile=isinstance(step, str) and (measured or self._says("", step)))
        if isinstance(step, int):
            return _Place(outer.of[0]) if kind == "set" else _NOWHERE
        if kind == "map":
            return _Place(outer.of[1], volatile=self._says("", step))
        if kind not in _RECORD_KINDS or self.model is None:
            return _Place(None, volatile=self._says("", step))
        type_ = self.model.fields(kind, outer.name).get(step)
        return _Place(
            type_,
            volatile=self.is_volatile(outer.name, step),
            ordered=_ordered(outer.name, step),
        )

    def _says(self, class_name: str, name: str) -> bool:
        """Whether a name of the user's means this: a field of a class, or (no class) a call or a member."""
        if not self.names:
            return False
        key = (class_name, name)
        found = self._named.get(key)
        if found is None:
            full = [name] if not class_name else [f"{class_name}.{name}", f"{class_name}.get_{name}", name]
            found = any(
                fnmatchcase(each, wanted)
                for wanted in self.names
                for each in full
                if each.count(".") == wanted.count(".")
            )
            self._named[key] = found
        return found


def _is_event(type_: Type) -> bool:
    return type_.kind == "set" and type_.of[0].kind == "record" and type_.of[0].name == "event"


def _ordered(class_name: str, member: str | None) -> bool:
    return (class_name, member) in _IN_ORDER
