"""A scan agrees with the full decode, or is not sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recorded import EVERY, IDS
from xraytap.errors import DecodeError
from xraytap.protocol.call import Exchange, Message, Outcome
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.messages import Request, Response
from xraytap.protocol.scan import scan_request, scan_response
from xraytap.protocol.summary import full_row, quick_row
from xraytap.protocol.values import Bare
from xraytap.protocol.xmlrpc_decode import decode
from xraytap.protocol.xmlrpc_encode import encode_fault, encode_request, encode_response


def _agrees(body: bytes) -> bool:
    """Whether the scans of `body` say nothing that the full decode denies."""
    request, response = scan_request(body), scan_response(body)
    try:
        message = decode(body)
    except DecodeError:
        return True  # such a row settles by full decode
    if isinstance(message, Request):
        return response is None and (
            request is None
            or (request.method, request.is_async, request.session)
            == (message.name, message.is_async, message.session)
        )
    answer = read_envelope(message)
    code = None if answer.error is None else str(answer.error[0])
    code = str(answer.fault.code) if answer.fault is not None else code
    return request is None and (
        response is None or (response.outcome, response.error_code) == (answer.outcome, code)
    )


def test_is_sure_of_what_xend_and_its_clients_write() -> None:
    sure = [
        scan_request(e.request.body) is not None
        and (e.response is None or scan_response(e.response.body) is not None)
        for folder, _, e in EVERY
        if folder in ("py27-example-session", "py27-survey", "py3-xenapi")
    ]
    assert sure.count(False) <= 2  # an error text with an entity is left to the full decode


@pytest.mark.parametrize(("folder", "number", "exchange"), EVERY, ids=IDS)
def test_agrees_on_recorded_traffic(folder: str, number: int, exchange: Exchange) -> None:
    assert _agrees(exchange.request.body), (folder, number)
    assert exchange.response is None or _agrees(exchange.response.body)


@pytest.mark.parametrize(("folder", "number", "exchange"), EVERY, ids=IDS)
def test_quick_and_full_rows_agree_on_recorded_traffic(folder: str, number: int, exchange: Exchange) -> None:
    assert quick_row(exchange, capture=folder, seq=number) == full_row(exchange, capture=folder, seq=number)


_WORDS = st.sampled_from(
    [
        "Status",
        "Value",
        "Success",
        "Failure",
        "Error",
        "ErrorDescription",
        "a&b",
        "x<y",
        "é",
        "",
        " ",
        "\r",
        "s",
    ]
)
_VALUES = st.recursive(
    _WORDS | _WORDS.map(Bare) | st.integers(-9, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=8,
)
_METHODS = st.sampled_from(
    [
        "VM.start",
        "Async.VM.start",
        "InternalAsync.VM.x",
        "xend.domain",
        "system.listMethods",
        "plain",
        "session.login_with_password",
        "session.logout",
        "a&b.c",
    ]
)
_BODIES = (
    st.builds(encode_request, _METHODS, st.lists(_VALUES, max_size=3))
    | st.builds(encode_response, _VALUES)
    | st.builds(encode_fault, st.integers(-9, 9), _WORDS)
)


@given(_BODIES)
def test_agrees_on_whatever_is_written(body: bytes) -> None:
    assert _agrees(body)


@given(
    _BODIES,
    st.integers(0),
    st.sampled_from([b"<!-- -->", b"<value/>", b"</struct>", b"&amp;", b" ", b"<a/>"]),
)
def test_agrees_on_whatever_is_put_between(body: bytes, at: int, what: bytes) -> None:
    at %= len(body)
    assert _agrees(body[:at] + what + body[at:])


@pytest.mark.parametrize(
    "layout",
    [
        b"<?xml version='1.0'?><methodCall><methodName>VM.get_all</methodName><params><param><value>s</value>",
        b"<methodCall>\r\n\t<methodName> VM.get_all </methodName>\n<params> <param> <value><string>s</string></value>",
        b'<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>VM.get_all</methodName>'
        b"<params><param><value><string>s</string></value>",
    ],
)
def test_is_sure_in_other_layouts(layout: bytes) -> None:
    scanned = scan_request(layout + b"</param></params></methodCall>")
    assert scanned is not None
    assert (scanned.method, scanned.is_async, scanned.session) == ("VM.get_all", False, "s")


def _exchange(request: bytes, response: bytes | None, head: bytes = b"") -> Exchange:
    start = head or b"POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n"
    answer = None if response is None else Message(head=b"HTTP/1.1 200 OK\r\n\r\n", body=response, size=1)
    return Exchange(
        started_at_us=1,
        elapsed_us=1,
        client="c",
        connection=1,
        request=Message(head=start, body=request, size=len(request)),
        response=answer,
    )


CALL = encode_request("VM.start", ["s"])


@pytest.mark.parametrize(
    ("request_body", "response_body", "outcome"),
    [
        (CALL, encode_response({"Status": "Success", "Value": ""}), Outcome.SUCCESS),
        (CALL, encode_response({"Status": "Failure", "ErrorDescription": ["A"]}), Outcome.FAILURE),
        (CALL, encode_response({"Status": "Error", "ErrorDescription": ["ETODO", "x"]}), Outcome.FAILURE),
        (CALL, encode_fault(1, "x"), Outcome.FAULT),
        (CALL, encode_response(5), Outcome.SUCCESS),
        (CALL, None, Outcome.NO_RESPONSE),
        (CALL, b"<html/>", Outcome.UNDECODABLE),
        (b"junk", encode_response(5), Outcome.UNDECODABLE),
        (b"junk", None, Outcome.NO_RESPONSE),
        (b'{"method": "VM.start", "params": ["s"], "id": 1}', b'{"error": ["A"], "id": 1}', Outcome.FAILURE),
        (b'{"method": "VM.start", "params": ["s"], "id": 1}', b'{"result": 5, "id": 1}', Outcome.SUCCESS),
    ],
)
def test_every_outcome(request_body: bytes, response_body: bytes | None, outcome: Outcome) -> None:
    exchange = _exchange(request_body, response_body)
    assert full_row(exchange, capture="c", seq=1).outcome is outcome
    assert quick_row(exchange, capture="c", seq=1) == full_row(exchange, capture="c", seq=1)


def test_a_body_that_only_looks_well_settles_as_undecodable() -> None:
    good = encode_response({"Status": "Success", "Value": "x"})
    exchange = _exchange(CALL, good.replace(b"<string>x", b"<string>\x01"))
    assert quick_row(exchange, capture="c", seq=1).outcome is Outcome.SUCCESS
    row = full_row(exchange, capture="c", seq=1)
    assert row.outcome is Outcome.UNDECODABLE
    assert "not well-formed" in (row.decode_error or "")


def test_what_is_no_rpc_is_a_line_of_its_own_kind() -> None:
    row = full_row(_exchange(b"", b"page", b"GET /export?uuid=1 HTTP/1.1\r\n\r\n"), capture="c", seq=1)
    assert (row.protocol, row.http_method, row.path, row.outcome) == (
        "http",
        "GET",
        "/export?uuid=1",
        Outcome.SUCCESS,
    )


def test_response_is_no_request() -> None:
    assert isinstance(decode(encode_response(1)), Response)
    assert scan_request(encode_response(1)) is None
