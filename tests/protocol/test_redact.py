"""Redaction: no secret byte is kept, and nothing else is touched."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recorded import EVERY, IDS
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.redact_values import known_as
from xraytap.protocol.scan import scan_request, scan_response
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS
from xraytap.protocol.values import Struct
from xraytap.protocol.xmlrpc_decode import decode_request, decode_response
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange

PASSWORD = "s3cr3t-Passw0rd"
HEAD = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n\r\n"
LOGIN = encode_request("session.login_with_password", ["root", PASSWORD])
NAMES = ("session.login_with_password.pwd",)


def _xml(name: str, *params: str) -> bytes:
    inner = "".join(f"<param>{each}</param>" for each in params)
    return f"<methodCall><methodName>{name}</methodName><params>{inner}</params></methodCall>".encode()


USER, SECRET = "<value>root</value>", f"<value>{PASSWORD}</value>"
LOGIN_NAME = "session.login_with_password"
MULTICALL = encode_request(
    "system.multicall",
    [[{"methodName": LOGIN_NAME, "params": ["root", PASSWORD]}, {"methodName": "x", "params": []}]],
)

ENTITIES = b"<!DOCTYPE m [<!ENTITY a 'login'><!ENTITY b '&c;'><!ENTITY c '_with'>]>"
REQUESTS = {
    "python": LOGIN,
    "bare strings": _xml(LOGIN_NAME, USER, SECRET),
    "blanks in the name": _xml(f"\n {LOGIN_NAME}\t", USER, SECRET),
    "xapi's four parameters": _xml(LOGIN_NAME, USER, SECRET, "<value>1.1</value>", "<value>me</value>"),
    "async": _xml(f"Async.{LOGIN_NAME}", USER, SECRET),
    "underscore": _xml("session_login_with_password", USER, SECRET),
    "cdata": _xml(LOGIN_NAME, USER, f"<value><![CDATA[{PASSWORD}]]></value>"),
    "a name in cdata": _xml(f"<![CDATA[{LOGIN_NAME}]]>", USER, SECRET),
    "a name with a character reference": _xml("session.login&#95;with_password", USER, SECRET),
    "a name split by a comment": _xml("session.login<!-- x -->_with_password", USER, SECRET),
    "a value split by a comment": _xml(
        LOGIN_NAME, USER, f"<value>{PASSWORD[:4]}<!-- -->{PASSWORD[4:]}</value>"
    ),
    "a comment that looks like a parameter": _xml(
        LOGIN_NAME, f"<!-- <param><value>x</value></param> -->{USER}", SECRET
    ),
    "tags with blanks": _xml(LOGIN_NAME, USER, f"<value ><string >{PASSWORD}</string ></value >"),
    "utf-16": _xml(LOGIN_NAME, USER, SECRET).decode().encode("utf-16"),
    "utf-16 without a mark": _xml(LOGIN_NAME, USER, SECRET).decode().encode("utf-16-le"),
    "utf-32": _xml(LOGIN_NAME, USER, SECRET).decode().encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf" + LOGIN,
    "dtd": b"<!DOCTYPE x [<!ENTITY e 'v'>]>" + _xml(LOGIN_NAME, USER, SECRET),
    "not closed": LOGIN[: LOGIN.index(PASSWORD.encode()) + len(PASSWORD)],
    "a control character": _xml(LOGIN_NAME, "<value>\x07</value>", SECRET),
    "a stray value": _xml(LOGIN_NAME, USER).replace(b"</params>", SECRET.encode() + b"</params>"),
    "ebcdic": LOGIN.decode().encode("cp037"),
    "a name from entities": LOGIN.replace(b"<methodCall>", ENTITIES + b"<methodCall>").replace(
        b"login_with", b"&a;&b;"
    ),
    "a second name": LOGIN.replace(b"<methodName>", b"<methodName>VM.start</methodName><methodName>"),
    "multicall": MULTICALL,
    "broken multicall": MULTICALL[:-30],
    "json 1.0": json.dumps({"method": LOGIN_NAME, "params": ["root", PASSWORD], "id": 1}).encode(),
    "json by name": json.dumps({"method": LOGIN_NAME, "params": {"uname": "root", "pwd": PASSWORD}}).encode(),
    "json batch": json.dumps([{"method": LOGIN_NAME, "params": ["root", PASSWORD]}]).encode(),
    "json with an escaped key": b'{"m\\u0065thod": "session.login\\u005fwith_password", "params": ["r", "%s"]}'
    % PASSWORD.encode(),
    "json with two methods": b'{"method": "session.login_with_password", "method": "VM.x", "params": ["r", "%s"]}'
    % PASSWORD.encode(),
    "json cut off": b'{"method": "session.login_with_password", "params": ["root", "%s"' % PASSWORD.encode(),
    "change_password": encode_request("session.change_password", ["s-1", PASSWORD, PASSWORD]),
    "a member": encode_request("secret.create", ["s-1", {"value": PASSWORD, "other_config": {}}]),
    "a member twice": encode_request(
        "secret.create", ["s-1", Struct((("value", PASSWORD), ("value", PASSWORD)))]
    ),
    "a whole map": encode_request("SR.create", ["s-1", "h", {"target": "x", "chappassword": PASSWORD}]),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_no_request_keeps_the_secret(name: str) -> None:
    kept = redact_request(HEAD, REQUESTS[name])
    _has_no(PASSWORD, kept.body)
    assert kept.names


@pytest.mark.parametrize("name", [name for name in REQUESTS if "json" not in name])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_no_compressed_request_keeps_the_secret(name: str, coding: str) -> None:
    packed = gzip.compress(REQUESTS[name]) if coding == "gzip" else zlib.compress(REQUESTS[name])
    head = HEAD.replace(b"Host: x", b"Content-Encoding: " + coding.encode())
    kept = redact_request(head, packed)
    _has_no(PASSWORD, kept.body)
    assert b"Content-Encoding" not in kept.head
    cut = redact_request(head, packed[:-9])
    assert cut.body != packed[:-9]


def test_a_body_coded_twice_keeps_no_secret() -> None:
    packed = gzip.compress(gzip.compress(LOGIN))
    head = HEAD.replace(b"Host: x", b"Content-Encoding: gzip\r\nContent-Encoding:\r\n gzip")
    kept = redact_request(head, packed)
    assert decode_request(kept.body).params == ("root", "<redacted>")
    assert b"gzip" not in kept.head


def test_a_message_that_is_no_http_to_us_keeps_no_compressed_secret() -> None:
    raw = b"POST /RPC2 HTTP/1.1\r\nnonsense\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(LOGIN)
    assert gzip.compress(LOGIN)[10:] not in redact_request(b"", raw).body


@pytest.mark.parametrize(
    "unit",
    [b" ", b"\n", b"<", b"<!--", b"<?", b"<name>", b"<name> ", b"<value>", b"&a;", b"<member> ", b"<param> "],
)
@pytest.mark.parametrize(
    "start",
    [
        b"",
        LOGIN[: LOGIN.index(b"<params>")],
        b"<methodResponse>",
        b"<methodResponse><params><param><value><struct>",
    ],
    ids=["nothing", "a login", "an answer", "a value"],
)
def test_hostile_bytes_cost_no_more_than_their_length(start: bytes, unit: bytes) -> None:
    """Quadratic, these would take minutes; linear, they take milliseconds."""
    body = start + unit * (300_000 // len(unit))
    redact_request(HEAD, body)
    redact_response("VM.get_record", HEAD, body)
    scan_request(body)
    scan_response(body)


@pytest.mark.parametrize("body", [LOGIN, MULTICALL], ids=["login", "multicall"])
def test_a_login_cut_anywhere_keeps_no_secret(body: bytes) -> None:
    kept = [redact_request(HEAD, body[:length]).body for length in range(len(body) + 1)]
    assert [each for each in kept if PASSWORD[:4].encode() in each] == []


def test_a_multicall_of_another_shape_keeps_no_call() -> None:
    body = MULTICALL.replace(b"<name>params</name>", b"<name>parameters</name>")
    kept = redact_request(HEAD, body)
    assert decode_request(kept.body).params == (["<redacted>", "<redacted>"],)
    assert kept.names == ("system.multicall.call",)


def _has_no(secret: str, body: bytes) -> None:
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        assert secret.encode(codec) not in body
        assert secret[4:].encode(codec) not in body


def test_a_plain_login_keeps_every_other_byte() -> None:
    kept = redact_request(HEAD, LOGIN)
    value = f"<value><string>{PASSWORD}</string></value>".encode()
    assert kept.body == LOGIN.replace(value, b"<value><string>&lt;redacted&gt;</string></value>")
    assert (kept.head, kept.names, kept.method) == (HEAD, NAMES, LOGIN_NAME)
    assert decode_request(kept.body).params == ("root", "<redacted>")


def test_an_empty_password_is_a_secret_too() -> None:
    body = encode_request(LOGIN_NAME, ["root", ""])
    assert decode_request(redact_request(HEAD, body).body).params == ("root", "<redacted>")


@pytest.mark.parametrize(("folder", "number", "exchange"), EVERY, ids=IDS)
def test_real_traffic_changes_where_it_is_secret_only(folder: str, number: int, exchange: Exchange) -> None:
    del folder, number
    kept = redact_request(exchange.request.head, exchange.request.body)
    if kept.method is None or kept.method.removeprefix("Async.") not in PARAMETERS:
        assert kept.body is exchange.request.body
        assert kept.names == ()
    else:
        before, after = decode_request(exchange.request.body), decode_request(kept.body)
        assert len(before.params) == len(after.params)
        assert "<redacted>" in str(after.params)
        assert before.params[0] == after.params[0]
    if exchange.response is not None:
        answer = redact_response(kept.method, exchange.response.head, exchange.response.body)
        if kept.method not in RESULTS:
            assert answer.body is exchange.response.body


@given(
    password=st.text(st.characters(codec="utf-8", exclude_characters="\r", min_codepoint=32), min_size=8).map(
        lambda text: "Zq" + text
    ),
    others=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r", min_codepoint=32), max_size=5)
    ),
)
def test_any_password_is_gone_and_all_else_stays(password: str, others: list[str]) -> None:
    body = encode_request(LOGIN_NAME, ["root", password, *others])
    kept = redact_request(HEAD, body)
    assert decode_request(kept.body).params == ("root", "<redacted>", *others)


def test_results_lose_their_secrets_at_any_depth() -> None:
    records = {
        "OpaqueRef:1": {"value": PASSWORD, "uuid": "u"},
        "OpaqueRef:2": {"value": PASSWORD, "uuid": "v"},
    }
    body = encode_response({"Status": "Success", "Value": records})
    kept = redact_response("secret.get_all_records", b"", body)
    assert kept.names == ("secret.get_all_records.result.value",)
    value = decode_response(kept.body).value
    assert isinstance(value, dict)
    assert value["Value"] == {
        "OpaqueRef:1": {"value": "<redacted>", "uuid": "u"},
        "OpaqueRef:2": {"value": "<redacted>", "uuid": "v"},
    }


RESPONSES = {
    "whole value": ("secret.get_value", encode_response({"Status": "Success", "Value": PASSWORD})),
    "async's name": ("Async.secret.get_value", encode_response({"Status": "Success", "Value": PASSWORD})),
    "cut off": ("secret.get_value", encode_response({"Status": "Success", "Value": PASSWORD})[:-90]),
    "cdata": (
        "secret.get_record",
        b"<methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value></member>"
        b"<member><name>Value</name><value><struct><member><name><![CDATA[value]]></name><value>%s</value></member>"
        b"</struct></value></member></struct></value></param></params></methodResponse>" % PASSWORD.encode(),
    ),
    "json": (
        "secret.get_record",
        json.dumps({"result": {"value": PASSWORD}, "error": None, "id": 1}).encode(),
    ),
    "utf-16": (
        "secret.get_value",
        encode_response({"Status": "Success", "Value": PASSWORD}).decode().encode("utf-16"),
    ),
    "an event's snapshot": (
        "event.from",
        encode_response(
            {"Status": "Success", "Value": {"events": [{"snapshot": {"device_config": {"p": PASSWORD}}}]}}
        ),
    ),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_no_response_keeps_the_secret(name: str) -> None:
    method, body = RESPONSES[name]
    kept = redact_response(method, b"HTTP/1.1 200 OK\r\n\r\n", body)
    _has_no(PASSWORD, kept.body)
    assert kept.names


def test_a_failure_says_nothing_secret_and_stays() -> None:
    body = encode_response({"Status": "Failure", "ErrorDescription": ["HANDLE_INVALID", "secret", "x"]})
    assert redact_response("secret.get_value", b"", body).body is body


def test_session_tokens_stay() -> None:
    body = encode_response({"Status": "Success", "Value": "68e3a009-0249-725b-246b-7fc43cf4f154"})
    assert redact_response(LOGIN_NAME, b"", body).body is body


@pytest.mark.parametrize(
    ("head", "kept", "names"),
    [
        (
            b"GET / HTTP/1.1\r\nAuthorization: Basic cm9vdDpw\r\nA: b\r\n\r\n",
            b"Authorization: Basic <redacted>",
            1,
        ),
        (b"GET / HTTP/1.1\r\nauthorization:Basic\r\n cm9vdDpw\r\nA: b\r\n\r\n", b"authorization:", 1),
        (
            b"GET / HTTP/1.1\r\nPROXY-Authorization: cm9vdDpw\r\nA: b\r\n\r\n",
            b"PROXY-Authorization: <redacted>",
            1,
        ),
        (
            b"GET / HTTP/1.1\r\nCookie: a=1; pool_secret=cm9vdDpw; A: b\r\n\r\n",
            b"a=1; pool_secret=<redacted>; A: b",
            1,
        ),
        (b"GET /x?pool_secret=cm9vdDpw&A: b HTTP/1.1\r\n\r\n", b"pool_secret=<redacted>&A: b", 1),
        (b"GET /x?pool%5Fsecret=cm9vdDpw&A: b HTTP/1.1\r\n\r\n", b"pool%5Fsecret=<redacted>&A: b", 1),
        (b"GET /x?u=r&password=cm9vdDpw&A: b HTTP/1.1\r\n\r\n", b"&password=<redacted>&A: b", 1),
        (b"GET http://r:cm9vdDpw@h/x HTTP/1.1\r\nA: b\r\n\r\n", b"http://r:<redacted>@h/x", 1),
        (b"GET / HTTP/1.1\r\nA: b\r\n\r\n", b"A: b", 0),
    ],
)
def test_heads_lose_their_credentials(head: bytes, kept: bytes, names: int) -> None:
    for redacted in (redact_request(head, b""), redact_response(None, head, b"")):
        assert kept in redacted.head
        assert b"A: b" in redacted.head
        assert b"cm9vdDpw" not in redacted.head
        assert len(redacted.names) == names


@pytest.mark.parametrize(
    "body", [b"GARBAGE\r\n\r\n", b"\x00\x01", b"", b"<html>not found</html>", b"{broken"]
)
def test_junk_without_a_secret_is_evidence_and_stays(body: bytes) -> None:
    assert redact_request(b"", body).body is body


def test_the_tables_know_what_the_models_do_not_flag() -> None:
    assert PARAMETERS["session.change_password"] == ((1, "old_pwd", ""), (2, "new_pwd", ""))
    assert PARAMETERS["pool.join"] == ((3, "master_password", ""),)
    assert PARAMETERS["session.slave_local_login"] == ((0, "psecret", ""),)
    assert "session.login_with_password" not in RESULTS


@given(st.just(LOGIN), st.integers(0, 400), st.integers(0, 12), st.binary(max_size=6))
def test_redaction_never_fails_on_mutated_logins(body: bytes, at: int, length: int, junk: bytes) -> None:
    mutated = body[: at % len(body)] + junk + body[at % len(body) + length :]
    kept = redact_request(HEAD, mutated)
    if kept.body is mutated:
        other = kept.method is not None and known_as(kept.method) not in {*PARAMETERS, "system.multicall"}
        assert other or LOGIN_NAME.encode() not in mutated or PASSWORD.encode() not in mutated
    else:
        assert PASSWORD.encode() not in kept.body
