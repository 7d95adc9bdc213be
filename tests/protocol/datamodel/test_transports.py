"""Whatever is called, XML-RPC and JSON-RPC of it have one meaning, one outcome, and the same filters find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.xapi import SESSION, TRANSPORTS, Step, exchange_of
from tests.cases.xapi_records import Date
from xraytap.protocol.about import About
from xraytap.protocol.datamodel import load
from xraytap.protocol.filter import matches, parse
from xraytap.protocol.jsonform import call_to_json
from xraytap.protocol.summary import decode_exchange, full_row

if TYPE_CHECKING:
    from xraytap.protocol.datamodel import Type

MODEL = load("xapi")
# What XML 1.0 carries unchanged.
_TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=6
)
_SCALARS: dict[str, st.SearchStrategy[object]] = {
    "string": _TEXT,
    "ref": st.uuids().map(lambda each: f"OpaqueRef:{each}"),
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False).map(lambda each: float(f"{each:.15g}")),
    "bool": st.booleans(),
    "datetime": st.sampled_from(["19700101T00:00:00Z", "20261124T09:01:30Z"]).map(Date),
    "void": st.just(""),
    "i4": st.integers(0, 2**31 - 1),
    "flags": st.integers(0, 7),
}


def value_of(type_: Type, depth: int = 0) -> st.SearchStrategy[object]:
    """A value of that type, as XAPI and its clients would send it."""
    if type_.kind in _SCALARS:
        return _SCALARS[type_.kind]
    if type_.kind == "enum":
        return st.sampled_from(MODEL.enum(type_.name)) if MODEL.enum(type_.name) else _TEXT
    if type_.kind in ("option", "union"):
        return value_of(type_.of[0], depth)
    if type_.kind == "set":
        return st.lists(value_of(type_.of[0], depth + 1), max_size=2)
    if type_.kind == "map":
        return st.dictionaries(_TEXT, value_of(type_.of[1], depth + 1), max_size=2)
    if depth > 1 or type_.name.startswith("$"):
        return st.just({})
    fields = MODEL.fields(type_.kind, type_.name)
    names = sorted(fields)
    return st.lists(st.sampled_from(names), unique=True, max_size=4).flatmap(
        lambda chosen: st.fixed_dictionaries({name: value_of(fields[name], depth + 1) for name in chosen})
    )


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A call of the model with values of its types, answered or refused."""
    method = draw(st.sampled_from(MODEL.methods()))
    facts = MODEL.message(method)
    assert facts is not None
    params = [draw(value_of(each.type)) for each in facts.params]
    if facts.takes_session:
        params[0] = SESSION
    error = draw(st.none() | st.tuples(st.sampled_from(["VM_BAD_POWER_STATE", "HANDLE_INVALID"]), _TEXT))
    is_async = facts.has_async and draw(st.booleans())
    return Step(
        method=f"Async.{method}" if is_async else method,
        params=tuple(params),
        value=draw(_SCALARS["ref"] if is_async else value_of(facts.returns)),
        error=error,
    )


_FILTERS = [
    parse(text)
    for text in ("outcome:failure", "error:VM_BAD*", f"session:{SESSION}", "ref:OpaqueRef:*", "async:yes")
]
_SAME = (
    "method",
    "class",
    "message",
    "async",
    "session",
    "outcome",
    "error",
    "error_code",
    "named_params",
    "typed_value",
)


@settings(max_examples=150, deadline=None)
@given(steps())
def test_a_call_has_one_meaning_over_all_transports(step: Step) -> None:
    about = About(model=MODEL)
    meanings, found = [], []
    for transport in TRANSPORTS:
        exchange = exchange_of(step, transport)
        row, call = full_row(exchange, capture="c", seq=1), decode_exchange(exchange)
        document = call_to_json(row, call, about)
        meanings.append({key: document[key] for key in _SAME})
        found.append([matches(each, row, lambda call=call: call) for each in _FILTERS])  # type: ignore[misc]
        params = about.params(call.request) if call.request is not None else None
        assert not [list(each.typed.problems()) for each in params or () if any(each.typed.problems())]
    assert meanings[0] == meanings[1] == meanings[2]
    assert found[0] == found[1] == found[2]
    assert meanings[0]["outcome"] == ("failure" if step.error else "success")
