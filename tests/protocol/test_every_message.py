"""Every message of both data models as a made-up call and its answer, over every transport: named, typed, the
same bytes when written again, and clean under every lint rule.

A conversation of one session per transport, so that the rules with a memory look at thousands of calls too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.protocol.datamodel.samples import ref_of, sample
from xraytap.protocol.about import About
from xraytap.protocol.call import CallRow, Exchange, Message, Outcome
from xraytap.protocol.datamodel import load, parse_type
from xraytap.protocol.jsonrpc import encode_json_request, encode_json_response
from xraytap.protocol.lint import Linter
from xraytap.protocol.messages import Request, Response
from xraytap.protocol.summary import DecodedCall, decode_exchange, full_row
from xraytap.protocol.values import Bare
from xraytap.protocol.xmlrpc_encode import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.protocol.datamodel import MessageFacts, Model
    from xraytap.protocol.values import Value

TRANSPORTS = ("xend", "xapi", "json 1.0", "json 2.0")
_TASK = parse_type("task ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A made-up call, as it was made, and as it was read."""

    method: str
    facts: MessageFacts
    exchange: Exchange
    row: CallRow
    call: DecodedCall


def model_of(transport: str) -> Model:
    return load("xend" if transport == "xend" else "xapi")


@cache
def conversation(transport: str) -> list[Made]:
    """A login, every message, every message that has one as Async, and a look at the tasks."""
    model = model_of(transport)
    methods = model.methods()
    logins = [each for each in methods if each.startswith("session.login")]
    every = [*logins, *(each for each in methods if each not in logins)]
    for method in methods:
        facts = model.message(method)
        if facts is not None and facts.has_async:
            every.append(f"Async.{method}")
    last = ["task.get_all", "session.logout"]
    return [make(transport, model, method, seq) for seq, method in enumerate((*every, *last), 1)]


def make(transport: str, model: Model, method: str, seq: int) -> Made:
    facts = model.message(method.removeprefix("Async."))
    assert facts is not None
    host = transport.partition(" ")[0]
    params = [sample(each.type, model, host=host) for each in facts.params]
    value = sample(_TASK if method.startswith("Async.") else facts.returns, model, host=host)
    if facts.method.startswith("session.") and facts.method.endswith(("login_with_password", "slave_login")):
        value = Bare(ref_of("session", host)) if host == "xapi" else ref_of("session", host)
    request, response = bodies(transport, Request(method=method, params=tuple(params), id=seq), value, facts)
    exchange = exchange_of(request, response, json=host == "json")
    call = decode_exchange(exchange)
    row = full_row(exchange, capture="made", seq=seq)
    return Made(method=method, facts=facts, exchange=exchange, row=row, call=call)


def bodies(transport: str, request: Request, value: Value, facts: MessageFacts) -> tuple[bytes, bytes]:
    success = Bare("Success") if transport == "xapi" else "Success"
    envelope: Value = value if facts.legacy else {"Status": success, "Value": value}
    if transport in ("xend", "xapi"):
        return encode(request), encode(Response(value=envelope))
    version = transport.partition(" ")[2]
    asked = replace(request, protocol="jsonrpc", version=version)
    answer = Response(value=envelope, protocol="jsonrpc", id=request.id, version=version)
    return encode_json_request(asked), encode_json_response(answer)


def exchange_of(request: bytes, response: bytes, *, json: bool) -> Exchange:
    path, kind = ("/jsonrpc", "application/json") if json else ("/RPC2", "text/xml")
    heads = [
        f"{start}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for start, body in ((f"POST {path} HTTP/1.1\r\nHost: h", request), ("HTTP/1.1 200 OK", response))
    ]
    return Exchange(
        started_at_us=1,
        elapsed_us=1,
        client="127.0.0.1:1",
        connection=1,
        request=Message(head=heads[0], body=request, size=len(request)),
        response=Message(head=heads[1], body=response, size=len(response)),
    )


def meaning(made: Made, model: Model) -> tuple[Any, Any]:
    """The call in terms of the data model: its named parameters, and its value."""
    about = About(model=model)
    assert made.call.request is not None
    named = about.params(made.call.request)
    result = about.result(made.call)
    assert named is not None
    assert result is not None
    return {each.name: each.typed.to_json() for each in named}, result.to_json()


def each_call(transport: str) -> Iterator[Made]:
    made = conversation(transport)
    assert len(made) == {"xend": 974}.get(transport, 2790)
    yield from made


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_is_named_and_typed(transport: str) -> None:
    about = About(model=model_of(transport))
    for made in each_call(transport):
        assert made.row.outcome is Outcome.SUCCESS, made.method
        assert (("Async." if made.row.is_async else "") + str(made.row.method)) == made.method
        assert made.call.request is not None
        named = about.params(made.call.request) or []
        assert [each.name for each in named] == [each.name for each in made.facts.params]
        assert [problem for each in named for problem in each.typed.problems(each.name)] == [], made.method
        result = about.result(made.call)
        assert result is not None
        assert result.type is not None
        assert list(result.problems("value")) == [], made.method


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_is_the_same_bytes_when_written_again(transport: str) -> None:
    for made in each_call(transport):
        request, response = made.call.request, made.call.response
        assert request is not None
        assert response is not None
        if transport.startswith("json"):
            again = encode_json_request(request), encode_json_response(response)
        else:
            again = encode(request), encode(response)
        assert made.exchange.response is not None
        assert again == (made.exchange.request.body, made.exchange.response.body), made.method


@pytest.mark.parametrize("transport", ["json 1.0", "json 2.0"])
def test_every_message_means_the_same_over_either_transport(transport: str) -> None:
    model = model_of(transport)
    for made, other in zip(each_call(transport), each_call("xapi"), strict=True):
        assert meaning(made, model) == meaning(other, model), made.method


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_lints_clean(transport: str) -> None:
    linter = Linter(model_of(transport))
    for made in each_call(transport):
        found = linter.add(made.row, made.exchange, made.call)
        assert [each.rule for each in found] == by_nature(made.facts), (made.method, found)
    assert linter.finish() == []


def by_nature(facts: MessageFacts) -> list[str]:
    """What is to be said of a message whatever is sent: the release takes it away, or xend only pretends."""
    if facts.state in ("deprecated", "prototyped"):
        return [facts.state]
    return ["unimplemented"] if facts.status in ("noop", "echo") else []
