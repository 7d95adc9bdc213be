"""Golden, playback, recording, golden: the same text, through the bytes of any calls; no socket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.playback.host import Client
from xraytap.playback.responder import Responder
from xraytap.playback.server import fresh
from xraytap.playback.wire import encode_answer
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.golden import Golden, GoldenCall, Reply, Symbol
from xraytap.protocol.jsonrpc import encode_json_request
from xraytap.protocol.summary import decode_exchange, full_row
from xraytap.protocol.symbols import golden_of
from xraytap.protocol.xmlrpc_encode import encode
from xraytap.shipped import shipped_capture
from xraytap.store.golden import dump_golden, load_golden

if TYPE_CHECKING:
    from xraytap.playback.responder import Played
    from xraytap.protocol.messages import Request

SESSION = Symbol("session", "s1")
LOGIN = GoldenCall(
    method="session.login_with_password", params=("root", Symbol("secret", "pwd")), value=SESSION
)
GUESTS = [Symbol("ref", f"VM.{number}") for number in range(1, 5)]


def called(method: str, *params: Any, value: Any = "", **more: Any) -> GoldenCall:
    return GoldenCall(method=method, params=(SESSION, *params), value=value, **more)


GUEST = st.sampled_from(GUESTS)
# What XML can say.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\t\n"), max_size=20)
CALLS = st.one_of(
    st.lists(GUEST, max_size=4).map(lambda guests: called("VM.get_all", value=guests)),
    st.tuples(GUEST, TEXTS).map(lambda two: called("VM.get_name_label", two[0], value=two[1])),
    st.tuples(GUEST, TEXTS).map(lambda two: called("VM.set_name_label", *two)),
    GUEST.map(lambda guest: called("VM.start", guest, False, reply=Reply.FAILS, value=["VM_BAD_POWER_STATE", guest])),
    GUEST.map(lambda guest: called("Async.VM.start", guest, False, value=Symbol("task", "T.1"))),
    st.dictionaries(GUEST, TEXTS, max_size=3).map(lambda names: called("VM.get_all_records", value=names)),
    st.tuples(GUEST, st.floats(allow_nan=False)).map(lambda two: called("VM_metrics.get_x", two[0], value=two[1])),
)  # fmt: skip


def recorded(golden: Golden, protocol: str) -> Golden:
    """What a recording of `golden`, played back, is as a golden."""
    responder = Responder(golden, fresh(golden.api))
    calls = []
    for seq, (_, request) in enumerate(Client(responder).requests(golden, protocol), 1):
        exchange = exchange_of(request, responder.answer(request))
        calls.append((full_row(exchange, capture="x", seq=seq), decode_exchange(exchange)))
    assert responder.unmatched == []
    return golden_of(calls, api=golden.api)


def exchange_of(request: Request, played: Played) -> Exchange:
    assert played.response is not None
    body, kind = encode_answer(played.response, request)
    asked = encode_json_request(request) if request.protocol == "jsonrpc" else encode(request)
    return Exchange(
        started_at_us=0,
        elapsed_us=1,
        client="c",
        connection=1,
        request=message(b"POST /RPC2 HTTP/1.1", kind, asked),
        response=message(b"HTTP/1.1 200 OK", kind, body),
    )


def message(start: bytes, kind: bytes, body: bytes) -> Message:
    head = b"%s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (start, kind, len(body))
    return Message(head=head, body=body, size=len(body))


@given(
    st.lists(CALLS, max_size=12),
    st.sampled_from(["xend 1.0", "XAPI 2.21"]),
    st.sampled_from(["xmlrpc", "jsonrpc"]),
)
def test_a_recorded_golden_comes_back_from_playback_as_it_was(
    calls: list[GoldenCall], api: str, protocol: str
) -> None:
    golden = Golden(api=api, calls=(LOGIN, *calls), bare_strings=api.startswith("XAPI"))
    once = recorded(golden, protocol)
    assert len(once.calls) == len(golden.calls)
    assert dump_golden(recorded(once, protocol)) == dump_golden(once)


@pytest.mark.parametrize(
    "name", ["example-session", "xend-survey", "xapi-session", "xapi-tasks", "xapi-events"]
)
def test_a_shipped_golden_comes_back_through_its_bytes(name: str) -> None:
    golden = load_golden(shipped_capture(name))
    once = recorded(
        replace(golden, calls=tuple(each for each in golden.calls if each.reply is not Reply.NO_ANSWER)),
        "xmlrpc",
    )
    assert calls_text(once) == calls_text(golden)


def calls_text(golden: Golden) -> list[str]:
    """The calls alone, without times and those that had no answer: why there was none the tap says otherwise."""
    return [
        dump_golden(replace(golden, calls=(replace(each, elapsed_ms=None),))).partition("\ncalls:")[2]
        for each in golden.calls
        if each.reply is not Reply.NO_ANSWER
    ]
