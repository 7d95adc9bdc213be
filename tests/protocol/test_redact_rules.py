"""Names that tell a secret: keys of free maps, and the user's patterns; over every transport."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.xapi import SESSION, TRANSPORTS, Step, conversation, exchange_of
from tests.recorded import EVERY, IDS
from xraytap.errors import UsageError
from xraytap.protocol.call import Message
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.redact_rules import DEFAULT, MOST, NEEDLES, Rules, Verdict, may_name_a_secret
from xraytap.protocol.redact_values import clean_params, clean_result
from xraytap.protocol.summary import decode_body, decode_bytes
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

if TYPE_CHECKING:
    from xraytap.protocol.call import Exchange

WORD = "s3cr3t-W0rd"
HEAD = b"POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n"
VM = "OpaqueRef:vm"

REQUESTS: dict[str, tuple[str, list[Any], str]] = {
    "a key of a map": (
        "VM.set_other_config",
        [SESSION, VM, {"folder": "x", "db_password": WORD}],
        "VM.set_other_config.db_password",
    ),
    "a key in a record": (
        "VM.create",
        [SESSION, {"name_label": "n", "xenstore_data": {"vm-data/api_key": WORD}}],
        "VM.create.vm-data/api_key",
    ),
    "in any case": (
        "pool.set_gui_config",
        [SESSION, VM, {"XenCenter.Passphrase": WORD}],
        "pool.set_gui_config.XenCenter.Passphrase",
    ),
    "a key that is added": (
        "VM.add_to_other_config",
        [SESSION, VM, "auth-token", WORD],
        "VM.add_to_other_config.auth-token",
    ),
    "a call that nobody knows": ("Thing.do", [SESSION, {"password": WORD}], "Thing.do.password"),
    "asynchronous": (
        "Async.VM.set_other_config",
        [SESSION, VM, {"chap_secret": WORD}],
        "VM.set_other_config.chap_secret",
    ),
}
RESULTS: dict[str, tuple[str, Any, str]] = {
    "a map": ("VM.get_other_config", {"a": "b", "rdp-pwd": WORD}, "VM.get_other_config.result.rdp-pwd"),
    "a record": (
        "VM.get_record",
        {"name_label": "x", "other_config": {"credentials": WORD}},
        "VM.get_record.result.credentials",
    ),
    "records": (
        "SR.get_all_records",
        {"OpaqueRef:1": {"sm_config": {"psk": WORD}}},
        "SR.get_all_records.result.psk",
    ),
    "an event's snapshot": (
        "event.from",
        {"events": [{"class": "vm", "snapshot": {"other_config": {"secret": WORD}}}], "token": "1,1"},
        "event.from.result.secret",
    ),
}


def kept_of(message: Message | None, kept: bytes) -> Any:
    assert message is not None
    return decode_body(Message(head=message.head, body=kept, size=len(kept)))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", REQUESTS)
def test_a_parameter_under_a_secrets_name_is_replaced_and_nothing_else(name: str, transport: str) -> None:
    method, params, label = REQUESTS[name]
    sent = exchange_of(Step(method=method, params=tuple(params)), transport).request
    found = redact_request(sent.head, sent.body)
    assert WORD.encode() not in found.body
    assert found.names == (label,)
    wanted = json.loads(json.dumps(params).replace(WORD, "<redacted>"))
    assert list(kept_of(sent, found.body).params) == wanted
    if transport == "xmlrpc":
        at = sent.body.index(f"<value><string>{WORD}</string></value>".encode())
        assert found.body.startswith(sent.body[:at])
        assert found.body.endswith(sent.body[at + len(f"<value><string>{WORD}</string></value>") :])


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", RESULTS)
def test_an_answer_under_a_secrets_name_is_replaced_and_nothing_else(name: str, transport: str) -> None:
    method, value, label = RESULTS[name]
    got = exchange_of(Step(method=method, params=(SESSION,), value=value), transport).response
    assert got is not None
    found = redact_response(method, got.head, got.body)
    assert WORD.encode() not in found.body
    assert found.names == (label,)
    wanted = json.loads(json.dumps(value).replace(WORD, "<redacted>"))
    kept = kept_of(got, found.body).value
    assert (kept["Value"] if transport == "xmlrpc" else kept) == wanted


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_ordinary_conversation_stays_byte_for_byte(transport: str) -> None:
    for each in conversation(transport).exchanges[1:]:
        request = redact_request(each.request.head, each.request.body)
        assert request.body is each.request.body
        assert each.response is not None
        if request.method in ("VM.get_record", "VM.get_all_records", "event.from", "event.next"):
            continue  # VM.platform is secret by the data model
        assert (
            redact_response(request.method, each.response.head, each.response.body).body is each.response.body
        )


@pytest.mark.parametrize("each", EVERY, ids=IDS)
def test_recorded_traffic_has_no_secrets_by_name(each: tuple[str, int, Exchange]) -> None:
    _, _, exchange = each
    found = redact_request(exchange.request.head, exchange.request.body)
    if exchange.response is not None:
        more = redact_response(found.method, exchange.response.head, exchange.response.body)
        assert {*found.names, *more.names} <= {
            "session.login_with_password.pwd",
            "VM.get_record.result.platform",
            "VM.get_all_records.result.platform",
            "VM.get_platform.result",
            "console.get_other_config.result",
            "console.get_record.result.other_config",
            "console.get_all_records.result.other_config",
        }


@pytest.mark.parametrize(
    ("method", "name", "verdict"),
    [
        ("VM.get_record", "password", Verdict.TEXT),
        ("VM.get_record", "iscsi.CHAPpassword", Verdict.TEXT),
        ("VM.get_record", "psk", Verdict.TEXT),
        ("VM.get_record", "private key", Verdict.TEXT),
        ("VM.get_record", "epsky", Verdict.KEEP),
        ("VM.get_record", "capital", Verdict.KEEP),
        ("VM.get_record", "API_version_major", Verdict.KEEP),
        ("VM.get_record", "private_network", Verdict.KEEP),
        ("VM.get_record", "name_label", Verdict.KEEP),
        ("event.from", "token", Verdict.KEEP),
        ("VM.get_other_config", "token", Verdict.TEXT),
        ("pool.get_record", "repository_proxy_password", Verdict.KEEP),
    ],
)
def test_which_names_tell_a_secret(method: str, name: str, verdict: Verdict) -> None:
    assert DEFAULT.member(method, name) is verdict


@given(st.text(max_size=30), st.sampled_from(["passWord", "PWD", "secret", "toKen", "api-key", "a psk"]))
def test_the_scan_finds_every_name_that_tells_a_secret(around: str, word: str) -> None:
    assert DEFAULT.member("VM.x", around + word) is not Verdict.KEEP
    assert may_name_a_secret((around + word).encode("utf-8", "replace"))
    assert all(needle == needle.lower() for needle in NEEDLES)


def test_what_is_no_text_is_no_secret() -> None:
    body = encode_response(
        {"Status": "Success", "Value": {"token_timeout": 20.5, "password": "", "tokens": []}}
    )
    assert redact_response("Cluster.get_record", HEAD, body).body is body


@pytest.mark.parametrize(
    ("pattern", "method", "params", "names"),
    [
        ("*licence*", "X.y", ["s", {"licence_no": "W", "n": 1}], ["X.y.licence_no"]),
        (
            "VM.set_other_config.*tag*",
            "VM.set_other_config",
            ["s", "v", {"my-tag": "W"}],
            ["VM.set_other_config.my-tag"],
        ),
        ("VM.set_other_config.*tag*", "SR.set_other_config", ["s", "v", {"my-tag": "W"}], []),
        (
            "uname",
            "session.login_with_password",
            ["W", "<redacted>"],
            ["session.login_with_password.pwd", "session.login_with_password.uname"],
        ),
        ("VM.*.value", "VM.set_name_label", ["s", "v", "W"], ["VM.set_name_label.value"]),
        ("VM.*.VALUE", "Async.VM.set_name_label", ["s", "v", "W"], ["VM.set_name_label.value"]),
        ("my-*", "VM.add_to_other_config", ["s", "v", "my-key", "W"], ["VM.add_to_other_config.my-key"]),
        ("deep", "X.y", [[{"a": {"deep": ["W"]}}]], ["X.y.deep"]),
        ("xend.domain.new.config", "xend.domain.create", [["W"]], ["xend.domain.create.config"]),
        ("xend.domain.*.domid", "xend.domain.pause", ["W"], ["xend.domain.pause.domid"]),
    ],
)
def test_the_users_patterns_take_out_more(
    pattern: str, method: str, params: list[Any], names: list[str]
) -> None:
    rules = Rules((pattern,))
    found = redact_request(HEAD, encode_request(method, params), rules)
    assert found.names == tuple(names)
    assert (b"W" in found.body) is (not names)
    cleaned, labels = clean_params(method, params, rules)
    assert labels == names
    message = decode_bytes(found.body)
    assert tuple(cleaned) == message.params  # type: ignore[union-attr]


@pytest.mark.parametrize("value", [["W"], {"a": "W"}, "W"])
@pytest.mark.parametrize("enveloped", [True, False])
def test_a_pattern_takes_out_a_whole_result(value: Any, enveloped: bool) -> None:
    body = encode_response({"Status": "Success", "Value": value} if enveloped else value)
    found = redact_response("host.get_log", HEAD, body, Rules(("host.*.result",)))
    assert b"W<" not in found.body
    assert found.names == ("host.get_log.result",)


def test_a_refusal_stays_though_the_result_would_be_secret() -> None:
    body = json.dumps({"result": None, "error": ["HANDLE_INVALID", "secret", "x"], "id": 1}).encode()
    assert redact_response("secret.get_value", HEAD, body).body is body
    xml = encode_response({"Status": "Failure", "ErrorDescription": ["NO"]})
    assert redact_response("host.get_log", HEAD, xml, Rules(("host.*.result",))).body is xml


def test_junk_loses_what_is_named_like_a_secret_and_nothing_else() -> None:
    body = encode_response({"Status": "Success", "Value": {"password": WORD, "a": "b"}})[:-30]
    found = redact_response("VM.get_other_config", HEAD, body)
    assert WORD.encode() not in found.body
    assert found.body.endswith(body[body.index(b"<name>a</name>") :])


def test_odd_encodings_are_cleaned_by_name_as_well() -> None:
    text = encode_request("VM.set_other_config", [SESSION, VM, {"password": WORD}]).decode()
    found = redact_request(HEAD, text.replace("<?xml version='1.0'?>", "").encode("utf-16"))
    assert found.names == ("VM.set_other_config.password",)
    assert WORD.encode() not in found.body.replace(b"\0", b"")


def test_a_multicall_is_cleaned_by_name() -> None:
    call = {"methodName": "VM.set_other_config", "params": [SESSION, VM, {"password": WORD}]}
    found = redact_request(HEAD, encode_request("system.multicall", [[call]]))
    assert found.names == ("VM.set_other_config.password",)
    assert WORD.encode() not in found.body


def test_peers_choose_names_but_not_how_long_the_list_of_them_is() -> None:
    value = {f"secret-{number}\x1b[31m\n" + "x" * 1000: WORD for number in range(50)}
    found = redact_request(HEAD, json.dumps({"method": "VM.set_other_config", "params": [value]}).encode())
    assert len(found.names) == 21
    assert found.names[-1] == "and 30 more"
    assert all(len(each) <= 120 and "\x1b" not in each and "\n" not in each for each in found.names)


def test_one_name_in_a_thousand_records_is_told_once() -> None:
    value = {f"OpaqueRef:{number}": {"other_config": {"password": WORD}} for number in range(1000)}
    _, names = clean_result("network.get_all_records", value)
    assert names == ["network.get_all_records.result.password"]


@pytest.mark.parametrize("pattern", ["", "  ", "*", "*.*", "??", "x" * 1001])
def test_a_pattern_that_would_take_everything_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="would fit every name, or none"):
        Rules((pattern,))


def test_so_are_too_many() -> None:
    with pytest.raises(UsageError, match="at most 100"):
        Rules(("a",) * (MOST + 1))
