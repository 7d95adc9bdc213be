"""A call copied as Python runs, and says on the wire what the call said."""

from __future__ import annotations

import contextlib
import io
import json
import xmlrpc.client
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.values import VALUES
from tests.recorded import exchanges
from xraytap.errors import UsageError
from xraytap.playback.server import PlaybackServer
from xraytap.protocol.copying import PythonText, as_python
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import decode_exchange
from xraytap.protocol.values import I4, I8, Bare, DateTime, Struct, Value, wire_type
from xraytap.protocol.xmlrpc_decode import decode_request
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden

HOSTILE = [
    "'",
    '"',
    "'''",
    "\\",
    "\\'",
    "{}%s$HOME`id`",
    "a\nimport os\n",
    "\x1b[31m",
    "\u202eevil",
    "\ud800",
    "é中🙂",
    "os.environ",
]


def said(value: Value) -> Value:
    """What `xmlrpc.client` puts on the wire for the copied expression, decoded."""
    text = PythonText()
    expression = text.value(value)
    names: dict[str, Any] = {}
    exec(f"{text.preamble()}\nvalue = {expression}", names)
    body = xmlrpc.client.dumps((names["value"],), "m", allow_none=True)
    return decode_request(body.encode("utf-8", "xmlcharrefreplace")).params[0]


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, _, value, _, _ in VALUES])
def test_a_value_keeps_its_wire_type(value: Value) -> None:
    heard = said(value)
    assert repr(heard) == repr(value if not isinstance(value, Bare) else str(value))
    expected = {"untyped": "string", "i4": "int"}.get(wire_type(value), wire_type(value))
    assert wire_type(heard) == expected


scalars = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("'\"\\\n\t<&>${}`"))
    | st.integers(-(2**31), 2**31 - 1)
    | st.integers(-(2**63), 2**63 - 1).map(I8)
    | st.booleans()
    | st.binary()
    | st.none()
    | st.builds(DateTime, st.just("20090710T09:01:27Z"))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab'\"\\", max_size=5), inner),
)


@given(values)
@settings(max_examples=100, deadline=None)
def test_any_value_is_said_again(value: Value) -> None:
    assert said(value) == value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_literal_of_printable_characters(text: str) -> None:
    expression = PythonText().value([text])
    assert expression.isprintable()
    assert eval(expression) == [text]


def test_long_values_stand_on_lines_of_their_own() -> None:
    record: Value = {"name_label": "n" * 60, "VCPUs_params": {"weight": "256"}, "tags": ["x" * 50, "y" * 50]}
    expression = PythonText().value(record)
    assert max(map(len, expression.splitlines())) < 88
    assert eval(expression) == record


def test_a_known_text_reads_as_its_variable() -> None:
    text = PythonText({"OpaqueRef:1": "vm"}.get)
    assert text.value(["OpaqueRef:1", {"OpaqueRef:1": "other"}]) == "[vm, {vm: 'other'}]"


def test_a_repeated_member_and_a_large_int_are_written_as_xml() -> None:
    text = PythonText()
    assert text.value([I4(1)]) == "[1]"
    assert "class Wire" not in text.preamble()
    assert text.value([Struct((("a", "1"), ("a", "2"))), 2**40]).count("Wire(") == 2
    assert "class Wire" in text.preamble()


def run(program: str, **names: Any) -> str:
    """What the program prints."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "copied", "exec"), names)
    finally:
        for each in names.values():
            if isinstance(each, xmlrpc.client.ServerProxy):
                each("close")()
    return printed.getvalue().strip()


CALLS = [decode_exchange(each).request for each in exchanges("py27-example-session")]
LOGIN = CALLS[0]


def refs_of(url: str) -> dict[str, str]:
    """The recorded references, and those that the host gives for them."""
    with xmlrpc.client.ServerProxy(url) as asked:
        host: Any = asked
        session = host.session.login_with_password("", "")["Value"]
        guest = host.VM.get_all(session)["Value"][-1]
        metrics = host.VM.get_metrics(session, guest)["Value"]
    recorded = [CALLS[index].params[1] for index in (3, 6)]  # type: ignore[union-attr]
    return {str(recorded[0]): guest, str(recorded[1]): metrics}


@pytest.mark.parametrize("with_package", [True, False], ids=["XenAPI", "xmlrpc.client"])
@pytest.mark.parametrize(
    ("number", "answer"),
    [(1, ""), (4, "guest002"), (7, "268435456"), (9, ""), (11, "VM_BAD_POWER_STATE"), (12, "")],
)
def test_a_copied_call_runs_against_a_host(
    number: int, answer: str, with_package: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XRAYTAP_PASSWORD", "")
    golden = load_golden(shipped_capture("example-session"))
    with PlaybackServer(golden) as host:
        request = CALLS[number - 1]
        assert request is not None
        program = as_python(request, host.url, login=LOGIN, with_package=with_package)
        for recorded, there in refs_of(host.url).items():
            program = program.replace(recorded, there)
        try:
            told = run(program)
        except Exception as error:
            told = str(error)
        assert host.unmatched == ()
    assert answer in told


def test_a_secret_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAYTAP_PASSWORD", 'it\'s "q"')
    sent: list[Any] = []

    class Session:
        handle = "T"

        def __init__(self, _url: str) -> None:
            self.xenapi = self

        def login_with_password(self, *words: str) -> None:
            sent.append(words)

    request = Request(method="session.login_with_password", params=("root", "<redacted>"))
    program = as_python(request, "http://h").replace("import XenAPI\n", "")
    assert run(program, XenAPI=type("m", (), {"Session": Session})) == "T"
    assert sent == [("root", 'it\'s "q"')]


@pytest.mark.parametrize(
    ("method", "called"),
    [
        ("event.from", "getattr(session.xenapi, 'event.from')("),
        ("Async.VM.start", "session.xenapi.Async.VM.start("),
        ("VM.__class__", "getattr(session.xenapi, 'VM.__class__')("),
        ("VM.a'b)", 'getattr(session.xenapi, "VM.a\'b)")('),
        ("login.x", "host.login.x("),
    ],
)
def test_any_method_can_be_called(method: str, called: str) -> None:
    assert called in as_python(Request(method=method, params=("T", "x")), "http://h")


def test_a_call_over_json_goes_where_the_host_takes_xml() -> None:
    request = Request(method="VM.get_all", params=("T",), protocol="jsonrpc")
    assert "XenAPI.Session('https://h:443/')" in as_python(request, "https://h:443/jsonrpc")


def test_a_batch_has_no_python_form() -> None:
    request = Request(method="batch", params=({"method": "VM.get_all"},), protocol="jsonrpc")
    with pytest.raises(UsageError, match="batch"):
        as_python(request, "http://h")


def test_a_host_unknown_comes_from_the_environment() -> None:
    request = Request(method="system.listMethods", params=())
    assert 'ServerProxy(os.environ["XRAYTAP_URL"]' in as_python(request, None)


def test_every_recorded_call_compiles() -> None:
    for folder in ("py27-survey", "py27-legacy", "py3-xenapi"):
        for each in exchanges(folder):
            request = decode_exchange(each).request
            if request is not None:
                for with_package in (True, False):
                    compile(as_python(request, "http://h/RPC2", with_package=with_package), folder, "exec")


def test_json_of_a_call_is_the_stable_interface() -> None:
    from xraytap.protocol.copying import as_json
    from xraytap.protocol.summary import full_row

    each = exchanges("py27-example-session")[10]
    document = json.loads(as_json(full_row(each, capture="c", seq=11), decode_exchange(each)))
    assert (document["method"], document["error"][0]) == ("VM.start", "VM_BAD_POWER_STATE")
