"""What references stand for: class, uuid and name, as the calls of a session teach them.

A reference means something only in the session that got it, so nothing is carried over from one to another.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.correlate.tasks import plain_result
from xraytap.protocol.glob import glob_matches
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xraytap.protocol.about import About
    from xraytap.protocol.call import CallRow
    from xraytap.protocol.datamodel.typed import Typed
    from xraytap.protocol.messages import Request
    from xraytap.protocol.summary import DecodedCall
    from xraytap.protocol.values import Value

NULL_REFS = frozenset({"", "OpaqueRef:NULL"})
"""References to nothing: xend's and XAPI's."""

TEACHERS = (
    "get_record",
    "get_all_records",
    "get_all_records_where",
    "get_by_uuid",
    "get_by_name_label",
    "get_uuid",
    "get_name_label",
    "set_name_label",
    "create",
    "clone",
    "copy",
    "snapshot",
    "next",
    "from",
    "get_result",
)
"""The messages that may teach a name or uuid; the others only show references."""

# Whose answer is a new object that bears the name in this parameter.
_NAMED_BY = {"clone": 2, "copy": 2, "snapshot": 2}
OBJECTS_KEPT = 500_000
"""Beyond that the sessions that were quiet for longest are forgotten."""
_TASKS_KEPT = 10_000
_REF_MARK = "OpaqueRef:"


@dataclass(slots=True, kw_only=True)
class Object:
    """One object of the host, as one session knows it. `first_seq`, `last_seq`: where it was seen; `calls`: how
    many took it as a parameter. `name` is the last that it bore, `names` are all; `first_name` is the one from
    before the calls gave it another, None if they do not show it."""

    session: str
    ref: str
    class_name: str
    first_seq: int
    last_seq: int
    uuid: str | None = None
    name: str | None = None
    first_name: str | None = None
    calls: int = 0
    names: set[str] = field(default_factory=set)


def refs_in(typed: Typed) -> Iterator[tuple[str, str]]:
    """Every reference inside, as (class, ref), in order; sessions are none, they are who asks."""
    stack = [typed]
    while stack:
        each = stack.pop()
        stack.extend(part for _, part in reversed(each.parts))
        type_ = each.type
        if type_ is None:
            continue
        if type_.kind == "ref" and type_.name not in ("session", "") and isinstance(each.wire, str):
            yield type_.name, str(each.wire)
        elif type_.kind == "map" and type_.of[0].kind == "ref":
            yield from ((type_.of[0].name, ref) for ref, _ in each.parts)


class Objects:
    """A `Tracker`. `about` must have the data model: it tells which texts are references, and of what."""

    def __init__(self, about: About) -> None:
        self._about = about
        # With the class: xend gives a VIF and its metrics the same reference.
        self._all: OrderedDict[str, dict[tuple[str, str], Object]] = OrderedDict()
        self._named: dict[str, dict[str, Object]] = {}
        self._being_made: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        self._count = 0
        self._seq = 0
        self.forgotten = 0
        """Objects of quiet sessions that were let go."""

    def __iter__(self) -> Iterator[Object]:
        for each in self._all.values():
            yield from each.values()

    def __len__(self) -> int:
        return self._count

    def get(self, session: str | None, class_name: str, ref: str) -> Object | None:
        """The object of a class that a session means by `ref`."""
        return self._all.get(session or "", {}).get((class_name, ref))

    def refs(self, class_name: str | None, pattern: str) -> dict[str, frozenset[str]]:
        """The references, session by session (`""` is none), of the objects whose name, uuid or reference fits
        the pattern of a filter; of one class or, with None, of all. A name counts even after a new one."""
        found = {}
        for session, objects in self._all.items():
            fit = [
                each.ref
                for each in objects.values()
                if (class_name is None or each.class_name == class_name)
                and any(glob_matches(pattern, text) for text in _known_by(each))
            ]
            if fit:
                found[session] = frozenset(fit)
        return found

    def names_by_class(self) -> dict[str, set[str]]:
        """All names that objects bear or bore."""
        found: dict[str, set[str]] = {}
        for each in self:
            if each.names:
                found.setdefault(each.class_name, set()).update(each.names)
        return found

    def names(self, session: str | None) -> Callable[[str], str | None]:
        """A function from a session's refs to names, as `About` takes it."""

        def name_of(ref: str) -> str | None:
            found = self._named.get(session or "", {}).get(ref)
            return None if found is None else found.name

        return name_of

    def wants(self, row: CallRow) -> bool:
        """All that has parameters or a value to learn from."""
        return row.method is not None and row.outcome in (Outcome.SUCCESS, Outcome.FAILURE)

    def add(self, row: CallRow, call: DecodedCall | None) -> None:
        """Take one call in."""
        if call is None or call.request is None:
            return
        self._seq = row.seq
        session, request = row.session or "", call.request
        for each in self._about.params(request) or ():
            self._walk(session, each.typed, called=True)
        facts = self._about.model.message(request.name) if self._about.model is not None else None
        answer = call.answer
        if facts is None or answer is None or answer.outcome is not Outcome.SUCCESS:
            return
        if request.is_async or (
            self._about.model is not None and self._about.model.holds_refs(facts.returns)
        ):
            result = self._about.result(call)
            if result is not None:
                self._walk(session, result)
        value = answer.value
        if request.is_async:
            self._begin(session, request, value)
        elif request.class_name == "event":
            self._events(session, value)
        else:
            self._teach(session, request, value)

    # -- inside -------------------------------------------------------------------------------------

    def _walk(self, session: str, typed: Typed, *, called: bool = False) -> None:
        """Note every reference inside, with the class that its type tells."""
        for class_name, ref in refs_in(typed):
            found = self._see(session, ref, class_name)
            if called and found is not None:
                found.calls += 1

    def _teach(self, session: str, request: Request, value: Value) -> None:
        class_name, message, params = request.class_name or "", request.message, request.params
        subject = str(params[1]) if len(params) > 1 and isinstance(params[1], str) else ""
        text = str(value) if isinstance(value, str) else None
        if message == "get_record":
            self._record(session, class_name, subject, value)
        elif message.startswith("get_all_records"):
            for key, record in members(value) or ():
                self._record(session, class_name, key, record)
        elif message == "get_by_uuid" and text:
            self._know(session, class_name, text, uuid=subject)
        elif message == "get_by_name_label" and isinstance(value, list):
            for ref in value:
                self._know(session, class_name, str(ref), name=subject)
        elif message == "get_uuid" and text:
            self._know(session, class_name, subject, uuid=text)
        elif message == "get_name_label" and text is not None:
            self._know(session, class_name, subject, name=text)
        elif message == "set_name_label" and len(params) > 2:
            self._know(session, class_name, subject, name=str(params[2]), given=True)
        elif message == "get_result" and class_name == "task" and text:
            self._made(session, subject, text)
        elif message == "create" and text and len(params) > 1:
            self._record(session, class_name, text, params[1])
        elif message in _NAMED_BY and text and len(params) > 2:
            self._know(session, class_name, text, name=str(params[_NAMED_BY[message]]))

    def _begin(self, session: str, request: Request, value: Value) -> None:
        """An asynchronous call makes an object whose reference only its task's result will tell."""
        facts = self._about.model.message(request.name) if self._about.model is not None else None
        position = _NAMED_BY.get(request.message, 0)
        named = request.params[position] if 0 < position < len(request.params) else None
        if request.message == "create" and len(request.params) > 1:
            named = dict(members(request.params[1]) or ()).get("name_label")
        if facts is None or facts.returns.kind != "ref" or not isinstance(named, str):
            return
        self._being_made[session, str(value)] = facts.returns.name, str(named)
        if len(self._being_made) > _TASKS_KEPT:
            self._being_made.popitem(last=False)

    def _made(self, session: str, task: str, result: Value) -> None:
        made = plain_result(str(result)) if isinstance(result, str) and result else None
        if isinstance(made, str) and made and (session, task) in self._being_made:
            class_name, name = self._being_made.pop((session, task))
            self._know(session, class_name, str(made), name=name)

    def _events(self, session: str, value: Value) -> None:
        """`event.from` brings snapshots: records of what changed. Its class names are in lower case."""
        batch = dict(members(value) or ()).get("events") if not isinstance(value, list) else value
        for event in batch if isinstance(batch, list) else ():
            told = dict(members(event) or ())
            ref, snapshot = told.get("ref"), told.get("snapshot")
            model = self._about.model
            class_name = None if model is None else model.class_named(str(told.get("class", "")))
            if isinstance(ref, str) and ref and class_name:
                self._see(session, str(ref), class_name)
                if snapshot is not None:
                    self._record(session, class_name, str(ref), snapshot)

    def _record(self, session: str, class_name: str, ref: str, record: Value) -> None:
        fields = dict(members(record) or ())
        if class_name == "task":
            self._made(session, ref, fields.get("result"))
        uuid, name = fields.get("uuid"), fields.get("name_label")
        self._know(
            session,
            class_name,
            ref,
            uuid=str(uuid) if isinstance(uuid, str) and uuid else None,
            name=str(name) if isinstance(name, str) else None,
        )

    def _know(
        self,
        session: str,
        class_name: str,
        ref: str,
        *,
        uuid: str | None = None,
        name: str | None = None,
        given: bool = False,
    ) -> None:
        found = self._see(session, ref, class_name)
        if found is None:
            return
        found.uuid = uuid or found.uuid
        if name:
            if found.name is None and not given:
                found.first_name = name
            found.name = name
            found.names.add(name)
            self._named.setdefault(session, {})[ref] = found

    def _see(self, session: str, ref: str, class_name: str) -> Object | None:
        if ref in NULL_REFS:
            return None
        objects = self._all.setdefault(session, {})
        found = objects.get((class_name, ref))
        if found is None:
            found = objects[class_name, ref] = Object(
                session=session, ref=ref, class_name=class_name, first_seq=self._seq, last_seq=self._seq
            )
            self._count += 1
            self._all.move_to_end(session)
            if self._count > OBJECTS_KEPT and len(self._all) > 1:
                quiet, gone = self._all.popitem(last=False)
                self._named.pop(quiet, None)
                self._count -= len(gone)
                self.forgotten += len(gone)
        found.last_seq = self._seq
        return found


def _known_by(each: Object) -> Iterator[str]:
    yield from each.names
    if each.uuid is not None:
        yield each.uuid
    yield each.ref
    yield each.ref.removeprefix(_REF_MARK)
