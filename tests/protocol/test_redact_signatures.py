"""Every secret that the data models know is taken out by its place in the call, over every transport."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cases.xapi import TRANSPORTS, Step, exchange_of
from xraytap.protocol.call import Message
from xraytap.protocol.datamodel import APIS, load
from xraytap.protocol.redact import redact_request, redact_response
from xraytap.protocol.secrets_table import PARAMETERS, RESULTS
from xraytap.protocol.summary import decode_body

WORD = "s3cr3t-W0rd"
# A map and a text: secrets are both.
FORMS: dict[str, Any] = {"text": WORD, "map": {"k": WORD, "deep": [WORD]}}


def kept(message: Message, body: bytes) -> Any:
    return decode_body(Message(head=message.head, body=body, size=len(body)))


def cleaned(value: Any, secret: Any) -> Any:
    """What must be left: the secret's place says so, all else is as it was."""
    return json.loads(json.dumps(value).replace(json.dumps(secret), '"<redacted>"'))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_secret_parameter(form: str, transport: str) -> None:
    secret = FORMS[form]
    for method, places in PARAMETERS.items():
        params: list[Any] = ["plain"] * (max(position for position, _, _ in places) + 2)
        for position, _, member in places:
            params[position] = {"name_label": "plain", member: secret} if member else secret
        sent = exchange_of(Step(method=method, params=tuple(params)), transport).request
        found = redact_request(sent.head, sent.body)
        assert WORD.encode() not in found.body, method
        assert list(kept(sent, found.body).params) == cleaned(params, secret), method
        assert len(found.names) == len(places), method


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_secret_result(form: str, transport: str) -> None:
    secret = FORMS[form]
    for method, members in RESULTS.items():
        value: Any = secret
        if members != ("",):
            record = {"uuid": "plain", **dict.fromkeys(members, secret)}
            value = {"OpaqueRef:1": record} if "all_records" in method else record
        got = exchange_of(Step(method=method, params=("s",), value=value), transport).response
        assert got is not None
        found = redact_response(method, got.head, got.body)
        assert WORD.encode() not in found.body, method
        answer = kept(got, found.body).value
        assert (answer["Value"] if transport == "xmlrpc" else answer) == cleaned(value, secret), method
        assert len(found.names) == len(members), method


@pytest.mark.parametrize("api", APIS)
def test_the_table_has_every_getter_and_setter_of_a_secret_field(api: str) -> None:
    """Both are made from the same facts, by two scripts."""
    model = load(api)
    secret_fields = [
        (name, field)
        for name in model.classes()
        for field in model.fields("record", name)
        if model._classes[name]["fields"][field].get("secret")
    ]
    assert secret_fields
    for name, field in secret_fields:
        for message, members in ((f"get_{field}", ("",)), ("get_record", None), ("get_all_records", None)):
            method = f"{name}.{message}"
            if model.message(method) is not None:
                assert RESULTS[method] == members if members else field in RESULTS[method]
        for message in (f"set_{field}", f"add_to_{field}"):
            method = f"{name}.{message}"
            if model.message(method) is not None:
                assert PARAMETERS[method]
