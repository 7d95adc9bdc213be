"""One way through the values of a call, taken twice: to learn what texts there are, and to put symbols in
their places. At every text the walk knows the class of what it refers to, by the data model where that tells,
else by names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from xraytap.protocol.golden import Reply, Symbol
from xraytap.protocol.messages import SESSIONLESS, takes_session
from xraytap.protocol.redact_values import REDACTED, clean_params, clean_result, known_as
from xraytap.protocol.secrets_table import PARAMETERS
from xraytap.protocol.symbols.fields import CLASS, expression_class, field_class
from xraytap.protocol.symbols.shapes import is_ref, is_time
from xraytap.protocol.values import DateTime, Struct, members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xraytap.protocol.datamodel.model import MessageFacts, Model
    from xraytap.protocol.datamodel.types import Type
    from xraytap.protocol.golden import Symbolic
    from xraytap.protocol.messages import Request
    from xraytap.protocol.values import Value


type Trail = tuple[tuple[str, int | str], ...]
"""Where a text stands, from the outside in: `("#", n)` in the n-th value of the recording, `(".", name)` in that
member, `("[", i)` in that element, `("@", ref)` in the record of that object, `("*", text)` as one of a set."""


class Visitor(Protocol):
    """What is done at each place; every method gives what shall stand there."""

    def text(self, text: str, class_name: str | None, trail: Trail) -> Symbolic:
        """A text; `trail` tells where it stands."""

    def name(self, text: str, class_name: str | None, trail: Trail) -> str | Symbol:
        """The name of a member."""

    def session(self, token: str, *, issued: bool) -> Symbolic:
        """A session's token, as a login `issued` it or as a call carries it."""

    def token(self, text: str) -> Symbolic:
        """An event token."""

    def time(self, text: str, name: str) -> Symbol:
        """A date that says when the recording was made."""

    def fact(self, owner: str, name: str, value: Value) -> None:
        """What an answer tells of the object `owner`: the field `name` (`Class.field`) has this value."""

    def asked(self, owner: str) -> None:
        """A call was made of the object `owner`."""

    def field(self, name: str, made: Symbolic) -> None:
        """What was made of the field `name` (`Class.field`) in an answer."""

    def secret(self, names: Iterable[str]) -> None:
        """Secrets that were taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands. `class_name`: what references in it are of if nothing tells better. `name`:
    `Class.field` or the call's, for dates. `owner`: the reference of the object whose value it is. `date_texts`:
    dates come as texts (JSON-RPC)."""

    class_name: str | None = None
    name: str = ""
    owner: str | None = None
    trail: Trail = ()
    date_texts: bool = False


_CONTAINERS = {list: ("set",), dict: ("map", "record", "struct"), Struct: ("map", "record", "struct")}


class Walk:
    """Walks calls with a visitor; `model` may be missing."""

    def __init__(self, model: Model | None, visitor: Visitor) -> None:
        self._model = model
        self._visitor = visitor
        self._values = 0
        self._classes = {} if model is None else {name.lower(): name for name in model.classes()}

    def params(self, request: Request) -> tuple[Symbolic, ...]:
        """The parameters, secrets taken out."""
        facts = self._facts(request)
        params, secrets = clean_params(request.method, list(request.params))
        self._visitor.secret(secrets)
        names = {
            index: name for index, name, member in PARAMETERS.get(known_as(request.method), ()) if not member
        }
        session = takes_session(request.name)
        place = Place(class_name=request.class_name, date_texts=request.protocol == "jsonrpc")
        made: list[Symbolic] = []
        for index, each in enumerate(cast("list[Value]", params)):
            param = facts.params[index] if facts is not None and index < len(facts.params) else None
            if isinstance(each, str) and each == REDACTED:
                made.append(Symbol("secret", names.get(index, f"param{index + 1}")))
            elif session and index == 0 and isinstance(each, str) and each:
                made.append(self._visitor.session(str(each), issued=False))
            elif request.name == "event.from" and index == 2 and isinstance(each, str):
                made.append(self._visitor.token(str(each)))
            else:
                if index == 1 and isinstance(each, str) and is_ref(each):
                    self._visitor.asked(str(each))
                name = f"{request.name}.{f'param{index + 1}' if param is None else param.name}"
                made.append(
                    self._whole(each, None if param is None else param.type, replace(place, name=name))
                )
        return tuple(made)

    def reply(self, request: Request, reply: Reply, value: Value) -> Symbolic:
        """What came back, as `GoldenCall.value` has it, secrets taken out."""
        facts = self._facts(request)
        name = request.name if facts is None else facts.method
        class_name, _, message = name.rpartition(".")
        place = Place(class_name=class_name, name=name, date_texts=request.protocol == "jsonrpc")
        if reply in (Reply.HTTP, Reply.NO_ANSWER):
            return value
        if reply is Reply.FAILS:
            return self._error(value, place)
        if reply in (Reply.ANSWER, Reply.PLAIN):
            value, secrets = clean_result(request.method, value)
            self._visitor.secret(secrets)
            if isinstance(value, str) and value == REDACTED:
                return Symbol("secret", "result")
        if reply is Reply.ANSWER and isinstance(value, str):
            if request.name in SESSIONLESS:
                return self._visitor.session(str(value), issued=True)
            if request.is_async:
                return self._whole(value, None, replace(place, class_name="task"))
            if name == "event.inject":
                return self._visitor.token(str(value))
        type_ = None if facts is None or request.is_async else facts.returns
        if not message.startswith("get_"):
            return self._whole(value, type_, place)
        made = self._whole(value, type_, self._asked(request, reply, value, place))
        self._visitor.field(f"{class_name}.{message.removeprefix('get_')}", made)
        return made

    def _asked(self, request: Request, reply: Reply, value: Value, place: Place) -> Place:
        """The place of a getter's answer, and what it tells."""
        class_name, field = request.class_name, request.message.removeprefix("get_")
        place = replace(place, class_name=field_class(class_name, field), name=f"{class_name}.{field}")
        if reply is not Reply.ANSWER or request.is_async or len(request.params) < 2:
            return place
        asked = request.params[1]
        if field == "by_uuid" and isinstance(value, str):
            self._visitor.fact(str(value), f"{class_name}.uuid", asked)
        if not isinstance(asked, str) or not is_ref(asked) or field.startswith("by_"):
            return place
        if members(value) is None:
            self._visitor.fact(str(asked), place.name, value)
        return replace(place, owner=str(asked))

    def value(self, value: Value, type_: Type | None, place: Place) -> Symbolic:
        """A value with what the visitor puts in its places."""
        type_ = _fitting(type_, value)
        if isinstance(value, str):
            return self._text(value, type_, place)
        if isinstance(value, DateTime):
            return self._visitor.time(value.text, symbol_name(place.name)) if is_time(value.text) else value
        if isinstance(value, list):
            return self._list(value, type_, place)
        parts = members(value)
        if parts is None:
            return value
        items = self._members(parts, type_, place)
        if isinstance(value, dict):
            return dict(items)
        return Struct(cast("tuple[tuple[str, Value], ...]", tuple(items)))

    def _text(self, value: str, type_: Type | None, place: Place) -> Symbolic:
        text, class_name = str(value), place.class_name
        if type_ is not None:
            if type_.kind == "ref":
                class_name = type_.name
            if type_.kind == "datetime" and place.date_texts and is_time(text):
                return self._visitor.time(text, symbol_name(place.name))
        if class_name == "session" and is_ref(text):
            return self._visitor.session(text, issued=False)
        found = self._visitor.text(text, class_name, place.trail)
        return value if found == text else found

    def _list(self, value: list[Value], type_: Type | None, place: Place) -> Symbolic:
        inner = type_.of[0] if type_ is not None and type_.kind == "set" else None
        if inner is None and len(value) > 1 and isinstance(value[0], str) and CLASS.fullmatch(value[0]):
            # One of xend's s-expressions: the head tells what the rest is.
            class_name = expression_class(place.class_name, value[0])
            return [
                self.value(each, None, _within(place, "[", index, class_name=class_name))
                for index, each in enumerate(value)
            ]
        return [
            self.value(
                each,
                inner,
                # Whether an array is a set nothing but the model tells; of those that it does not know most are.
                _within(place, "*", str(each), owner=None)
                if isinstance(each, str)
                else _within(place, "[", index, owner=None),
            )
            for index, each in enumerate(value)
        ]

    def _members(
        self, parts: list[tuple[str, Value]], type_: Type | None, place: Place
    ) -> list[tuple[str | Symbol, Symbolic]]:
        told = next((str(each) for name, each in parts if name == "class" and isinstance(each, str)), None)
        # An event tells the class of its `ref`; XAPI writes it in lower case.
        told = None if told is None else self._classes.get(told.lower(), told)
        holder = place.class_name
        if type_ is not None and type_.kind in ("record", "struct") and not type_.name.startswith("$"):
            holder = type_.name
        by_ref = type_ is None or type_.kind == "map"
        key_class = (
            type_.of[0].name
            if type_ is not None and type_.kind == "map" and type_.of[0].kind == "ref"
            else ""
        )
        fields = (
            {}
            if by_ref or self._model is None or type_ is None
            else self._model.fields(type_.kind, holder or "")
        )
        ref = next((str(each) for name, each in parts if name == "ref" and told is not None), None)
        items: list[tuple[str | Symbol, Symbolic]] = []
        for name, each in parts:
            if isinstance(each, str) and each == REDACTED:
                items.append((name, Symbol("secret", symbol_name(name))))
                continue
            if by_ref and is_ref(name):
                inside = _within(place, "@", name, owner=name, name=place.class_name or "")
                key = self._visitor.name(name, key_class or place.class_name, inside.trail)
                items.append((key, self.value(each, None if type_ is None else type_.of[1], inside)))
                continue
            if name == "token" and holder == "event_batch" and isinstance(each, str):
                items.append((name, self._visitor.token(str(each))))
                continue
            inner = fields.get(name) if not by_ref else type_.of[1] if type_ is not None else None
            items.append(
                (name, self._member(name, each, inner, replace(place, class_name=holder), told, ref))
            )
        return items

    def _member(
        self, name: str, value: Value, type_: Type | None, place: Place, told: str | None, ref: str | None
    ) -> Symbolic:
        """One member of a record, a struct or a map by words."""
        field = f"{place.class_name}.{name}" if place.class_name else name
        if place.owner is not None and members(value) is None:
            self._visitor.fact(place.owner, field, value)
        inside = _within(
            place, ".", name, class_name=field_class(told or place.class_name, name), name=field, owner=None
        )
        if type_ is not None and type_.name.startswith("$"):
            type_ = replace(type_, name=told or "")
            inside = replace(inside, class_name=told, owner=ref)
        made = self.value(value, type_, inside)
        self._visitor.field(field, made)
        return made

    def _error(self, value: Value, place: Place) -> Symbolic:
        """An ErrorDescription: the code, then what the data model calls its arguments."""
        if not isinstance(value, list) or not value:
            return self.value(value, None, place)
        code = value[0]
        named = self._model.error(str(code)) if self._model is not None and isinstance(code, str) else None
        made: list[Symbolic] = [self._whole(code, None, Place())]
        for index, each in enumerate(value[1:]):
            class_name = place.class_name
            if code in ("SESSION_INVALID", "SESSION_NOT_REGISTERED") and isinstance(each, str):
                class_name = "session"
            elif code == "HANDLE_INVALID":
                class_name = self._classes.get(str(value[1]).lower(), str(value[1]))
            elif named is not None and index < len(named):
                class_name = self._classes.get(named[index].lower(), class_name)
            made.append(self._whole(each, None, replace(place, class_name=class_name)))
        return made

    def _facts(self, request: Request) -> MessageFacts | None:
        return None if self._model is None else self._model.message(request.name)

    def _whole(self, value: Value, type_: Type | None, place: Place) -> Symbolic:
        """A parameter, or what an answer holds."""
        self._values += 1
        return self.value(value, type_, replace(place, trail=(("#", self._values),)))


def _within(place: Place, kind: str, what: int | str, **more: Any) -> Place:  # noqa: ANN401  fields of Place
    return replace(place, trail=(*place.trail, (kind, what)), **more)


def symbol_name(text: str) -> str:
    """A name from the wire as the name of a symbol."""
    return "".join(sign if sign.isalnum() or sign in "_.-" else "_" for sign in text)[:100] or "value"


def _fitting(type_: Type | None, value: Value) -> Type | None:
    """Of an option or a union the type that a value of this shape can be."""
    while type_ is not None and type_.kind in ("option", "union"):
        wanted = _CONTAINERS.get(type(value))
        fits = [each for each in type_.of if (each.kind in wanted if wanted else not each.of)]
        type_ = (fits or type_.of)[0]
    if type_ is not None and (wanted := _CONTAINERS.get(type(value))) and type_.kind not in wanted:
        return None
    return type_
