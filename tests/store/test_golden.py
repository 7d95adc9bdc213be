"""Goldens as text: whatever is written comes back, types included; what is no golden is refused with its line."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.symbolic import ANY, SCALARS
from tests.cases.values import VALUES
from xraytap.errors import SourceError
from xraytap.protocol.golden import FORMAT, Golden, GoldenCall, Join, Reply, Symbol
from xraytap.protocol.values import I4, Bare, DateTime, Extended, Struct
from xraytap.shipped import shipped_capture
from xraytap.store.golden import dump_golden, load_golden, loads_golden, save_golden

HEAD = "xraytap-golden: 1\napi: xend 1.0\n"


def typed(value: Any) -> Any:
    """A value with its types, so that `1`, `True`, `I4(1)` and `Bare` differ, and nan equals itself."""
    if isinstance(value, list | tuple):
        return [typed(each) for each in value]
    if isinstance(value, dict):
        return [(typed(name), typed(each)) for name, each in value.items()]
    if isinstance(value, Struct):
        return ["struct", typed(value.items)]
    return (type(value).__name__, "nan" if isinstance(value, float) and math.isnan(value) else repr(value))


def facts(golden: Golden) -> Any:
    return (
        golden.format, golden.api, golden.about, dict(golden.recorded), golden.redacted, golden.volatile,
        golden.bare_strings, golden.protocol,
        [
            (each.method, typed(each.params), each.reply, typed(each.value), each.status, each.http_status,
             each.protocol, each.elapsed_ms)
            for each in golden.calls
        ],
    )  # fmt: skip


def golden_with(value: Any) -> Golden:
    call = GoldenCall(method="VM.get_record", params=(Symbol("session", "s1"), value), value=value)
    return Golden(api="xend 1.0", calls=(call,))


@given(ANY)
def test_any_value_comes_back_with_its_types(value: Any) -> None:
    golden = golden_with(value)
    text = dump_golden(golden)
    again = loads_golden(text)
    assert facts(again) == facts(golden)
    assert dump_golden(again) == text


PLAIN = st.text(max_size=30).filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text))
CALLS = st.one_of(
    st.builds(GoldenCall, method=PLAIN.filter(bool), params=st.lists(SCALARS, max_size=3).map(tuple), value=SCALARS),
    st.builds(GoldenCall, method=st.just("xend.x"), params=st.just(()), reply=st.just(Reply.PLAIN), value=ANY,
              protocol=st.sampled_from(["xmlrpc", "jsonrpc"]),
              elapsed_ms=st.none() | st.floats(0, 1e9, allow_nan=False)),
    st.builds(GoldenCall, method=st.just("VM.x"), params=st.just(()), reply=st.just(Reply.FAILS),
              value=st.lists(SCALARS, max_size=4), status=st.sampled_from(["Failure", "Error"])),
    st.builds(GoldenCall, method=st.just("VM.x"), params=st.just(()), reply=st.just(Reply.FAULT),
              value=st.tuples(st.integers(), PLAIN).map(list), http_status=st.sampled_from([200, 500])),
    st.builds(GoldenCall, method=st.just("VM.x"), params=st.just(()), reply=st.just(Reply.HTTP), value=PLAIN,
              http_status=st.sampled_from([200, 404, 500])),
    st.builds(GoldenCall, method=st.just("answer"), params=st.just(()), reply=st.just(Reply.NO_ANSWER), value=PLAIN),
)  # fmt: skip


@given(
    st.builds(
        Golden,
        api=PLAIN,
        about=PLAIN,
        recorded=st.dictionaries(PLAIN, PLAIN, max_size=3),
        redacted=st.lists(PLAIN, max_size=3).map(tuple),
        volatile=st.lists(PLAIN, max_size=3).map(tuple),
        bare_strings=st.booleans(),
        protocol=st.sampled_from(["xmlrpc", "jsonrpc"]),
        calls=st.lists(CALLS, max_size=4).map(tuple),
    )
)
def test_any_golden_comes_back(golden: Golden) -> None:
    text = dump_golden(golden)
    again = loads_golden(text)
    assert facts(again) == facts(golden)
    assert dump_golden(again) == text


@pytest.mark.parametrize("value", [row[2] for row in VALUES], ids=[row[0] for row in VALUES])
def test_every_wire_form_comes_back(value: Any) -> None:
    assert facts(loads_golden(dump_golden(golden_with(value)))) == facts(golden_with(value))


def test_where_strings_are_bare_the_others_are_marked() -> None:
    call = GoldenCall(method="VM.x", params=("p", Bare("q")), value=["typed", Bare("bare"), {"a": Bare("1")}])
    golden = Golden(api="XAPI 2.21", bare_strings=True, calls=(call,))
    text = dump_golden(golden)
    assert text.endswith('- VM.x: [p, !bare q]\n  answer: [!string typed, bare, {a: "1"}]\n')
    assert facts(loads_golden(text)) == facts(golden)


FORMATS = sorted((Path(__file__).parent / "formats").glob("*.yaml"))


@pytest.mark.parametrize("path", FORMATS, ids=[path.stem for path in FORMATS])
def test_a_file_of_every_format_so_far_loads_and_is_written_as_it_is(path: Path) -> None:
    """The files are frozen: what was written once is read for ever."""
    golden = load_golden(path)
    assert golden.format == int(path.stem)
    assert dump_golden(golden) == path.read_text(encoding="utf-8")


def test_there_is_a_frozen_file_of_every_format() -> None:
    assert [int(path.stem) for path in FORMATS] == list(range(1, FORMAT + 1))


def test_long_texts_are_folded_at_blanks_and_come_back() -> None:
    text = "a word " * 20 + "  two blanks" + "x" * 100 + " \\end\t"
    golden = Golden(api="a", calls=(GoldenCall(method="m", params=(), value=[text, Bare(text)]),))
    lines = dump_golden(golden).splitlines()[5:]
    assert lines[0] == '    - "\\'
    assert lines[1].endswith(" a word a \\")
    assert lines[2].endswith(" a word   two \\")
    assert lines[3] == f"      blanks{'x' * 74}\\"
    assert max(map(len, lines)) <= 108
    assert facts(loads_golden(dump_golden(golden))) == facts(golden)


def test_a_text_with_symbols_inside_names_its_parts() -> None:
    joined = Join(("/vm/", Symbol("ref", "VM.1"), "/console"))
    golden = Golden(api="a", calls=(GoldenCall(method="m", params=(joined,), value={"path": joined}),))
    text = dump_golden(golden)
    assert '- m: [!join ["/vm/", !ref VM.1, "/console"]]\n' in text
    assert loads_golden(text) == golden


def test_the_shipped_file_is_written_as_it_is() -> None:
    path = shipped_capture("example-session")
    assert dump_golden(load_golden(path)) == path.read_text(encoding="utf-8")


def test_a_record_stands_one_member_a_line_and_long_texts_in_blocks() -> None:
    record = {f"member_{number}": "value " * 3 + "end" for number in range(6)}
    value = {"other_config": record, "ca": "one\ntwo\n", "raw": bytes(90), Symbol("ref", "VM.1"): 1}
    text = dump_golden(golden_with(value))
    assert "    ca: |\n      one\n      two\n    raw: !base64 |-\n      AAAA" in text
    assert "      member_0: value value value end\n      member_1: " in text
    assert "    !ref VM.1: 1\n" in text
    assert facts(loads_golden(text)) == facts(golden_with(value))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("guest002", "guest002"),
        ("yes", "yes"),
        ("2026-11-24", "2026-11-24"),
        ("1", 1),
        ("010", 10),
        ("+5", 5),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("true", True),
        ("~", None),
        ("!i4 5", I4(5)),
        ("!double 5", 5.0),
        ("!dateTime 20090710T09:01:27", DateTime("20090710T09:01:27")),
        ("!string 5", "5"),
        ('!!str "5"', "5"),
        ("!base64 YWJj", b"abc"),
        ("!ex:i2 5", Extended("i2", "5")),
        ("!struct [[a, 1], [a, 2]]", Struct((("a", 1), ("a", 2)))),
        ("!struct [[a, 1]]", {"a": 1}),
        ("{0: 1}", {"0": 1}),
        ("!secret pwd", Symbol("secret", "pwd")),
    ],
)
def test_what_a_person_may_write(written: str, value: Any) -> None:
    golden = loads_golden(f"{HEAD}calls:\n- VM.x: []\n  answer: {written}\n")
    assert typed(golden.calls[0].value) == typed(value)


REFUSED = [
    ("empty", "", "it is empty"),
    ("only a comment", "# x\n", "it is empty"),
    ("no mapping", "[1]", "line 1: found a list; expected a golden"),
    ("another file", "name: x\n", "line 1: the key 'name'"),
    ("no version", "api: x\ncalls: []\n", "no key 'xraytap-golden'"),
    ("version in words", "xraytap-golden: one\napi: x\ncalls: []", "expected a format number"),
    ("from the future", "xraytap-golden: 3\napi: x\ncalls: []", "golden format 3; this xraytap reads formats up to 2"),
    ("no calls", HEAD, "no key 'calls'"),
    ("calls no list", f"{HEAD}calls: 5", "line 3: found '5'; expected a list of calls"),
    ("a key twice", f"{HEAD}api: y\ncalls: []", "line 3: the key 'api' a second time"),
    ("strings", f"{HEAD}strings: odd\ncalls: []", "expected typed or bare"),
    ("not YAML", f"{HEAD}calls: [", "line 4: this is no YAML"),
    ("tab", f"{HEAD}calls:\n\t- a: []", "this is no YAML"),
    ("control character", f"{HEAD}about: a\x01b\ncalls: []", "this is no YAML"),
    ("two documents", f"{HEAD}calls: []\n---\na: 1\n", "this is no YAML"),
    ("an alias", f"{HEAD}calls:\n- VM.x: &a [1]\n  answer: *a\n", "line 4: an anchor or alias"),
    ("a call of text", f"{HEAD}calls:\n- VM.x\n", "line 4: found 'VM.x'; expected a call"),
    ("params no list", f"{HEAD}calls:\n- VM.x: 5\n  answer: 1\n", "line 4: found '5'; expected the list of"),
    ("no answer", f"{HEAD}calls:\n- VM.x: []\n", "line 4: VM.x has no answer"),
    ("two answers", f"{HEAD}calls:\n- VM.x: []\n  answer: 1\n  fails: [X]\n", "VM.x has answer and fails"),
    ("odd key", f"{HEAD}calls:\n- VM.x: []\n  anwser: 1\n", "line 5: the key 'anwser'; expected one of"),
    ("fails no list", f"{HEAD}calls:\n- VM.x: []\n  fails: X\n", "line 5: VM.x fails with 'X'"),
    ("fault odd", f"{HEAD}calls:\n- VM.x: []\n  fault: [x]\n", "expected [code, text]"),
    ("http odd", f"{HEAD}calls:\n- VM.x: []\n  http: 42\n", "expected an HTTP status"),
    ("body beside", f"{HEAD}calls:\n- VM.x: []\n  answer: 1\n  body: x\n", "a body beside answer"),
    ("status beside", f"{HEAD}calls:\n- VM.x: []\n  answer: 1\n  status: x\n", "a status beside answer"),
    ("odd protocol", f"{HEAD}protocol: soap\ncalls: []\n", "protocol: soap; expected xmlrpc or jsonrpc"),
    ("odd time", f"{HEAD}calls:\n- VM.x: []\n  answer: 1\n  ms: -1\n", "ms: '-1'; expected a number of"),
    ("endless time", f"{HEAD}calls:\n- VM.x: []\n  answer: 1\n  ms: .inf\n", "expected a number of milliseconds"),
    ("unknown tag", f"{HEAD}calls:\n- VM.x: [!reef VM.1]\n  answer: 1\n", "line 4: the unknown tag !reef"),
    ("object", f"{HEAD}calls:\n- VM.x: [!!python/object/apply:os.system [x]]\n  answer: 1\n", "line 4: the tag"),
    ("tag on a list", f"{HEAD}calls:\n- VM.x: [!ref [a]]\n  answer: 1\n", "line 4: the tag !ref on a list"),
    ("symbol without name", f"{HEAD}calls:\n- VM.x: [!ref ]\n  answer: 1\n", "the symbol !ref ''"),
    ("base64", f"{HEAD}calls:\n- VM.x: []\n  answer: !base64 '!!'\n", "which is no base64"),
    ("i4", f"{HEAD}calls:\n- VM.x: []\n  answer: !i4 x\n", "line 5: 'x', which is no i4"),
    ("long int", f"{HEAD}calls:\n- VM.x: []\n  answer: {'9' * 5000}\n", "which is no int"),
    ("member twice", f"{HEAD}calls:\n- VM.x: []\n  answer: {{a: 1, a: 2}}\n", "the member 'a' a second time"),
    ("struct of words", f"{HEAD}calls:\n- VM.x: []\n  answer: !struct [a]\n", "expected [name, value]"),
    ("escaped", f"{HEAD}calls:\n- VM.x: []\n  answer: !escaped '['\n", "a JSON string inside the quotes"),
    ("deep", f"{HEAD}calls:\n- VM.x: []\n  answer: {'[' * 300}{']' * 300}\n", "nested too deeply"),
    ("abyss", f"{HEAD}calls:\n- VM.x: []\n  answer: {'[' * 100_000}", "golden"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refuses(text: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        loads_golden(text, "some golden")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("some golden")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "cannot read the golden"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"\xff\xfe\0"), "byte 0 is no UTF-8"),
        (lambda path: path.write_bytes(b""), "it is empty"),
    ],
    ids=["absent", "folder", "binary", "empty"],
)
def test_refuses_files_by_name(tmp_path: Path, make: Any, reason: str) -> None:
    path = tmp_path / "some.yaml"
    make(path)
    with pytest.raises(SourceError) as caught:
        load_golden(path)
    assert reason in str(caught.value)
    assert "some.yaml" in str(caught.value)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    text = shipped_capture("example-session").read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert load_golden(path) == load_golden(shipped_capture("example-session"))


def test_values_as_deep_as_the_decoder_goes_come_back_and_deeper_ones_are_refused() -> None:
    value: Any = 1
    for _ in range(199):
        value = [value]
    assert facts(loads_golden(dump_golden(golden_with(value)))) == facts(golden_with(value))
    for _ in range(2000):
        value = Struct((("a", 1), ("a", value)))
    with pytest.raises(SourceError, match="nested too deeply"):
        dump_golden(golden_with(value))


@pytest.mark.slow
def test_ten_thousand_calls_load_in_seconds() -> None:
    calls = load_golden(shipped_capture("example-session")).calls * 834
    text = dump_golden(Golden(api="xend 1.0", calls=calls))
    start = time.perf_counter()
    assert len(loads_golden(text).calls) == 10_008
    took = time.perf_counter() - start
    print(f"10,008 calls loaded in {took:.2f} s")
    assert took < 15


def test_a_golden_is_saved_whole_with_its_folders_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "some.yaml"
    save_golden(path, golden_with("one"))
    path.chmod(0o640)
    save_golden(path, golden_with("two"))
    assert load_golden(path).calls[0].value == "two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["some.yaml"]


def test_a_golden_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"cannot write the golden .*some\.yaml: "):
        save_golden(tmp_path / "file" / "some.yaml", golden_with("one"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match="cannot write the golden"):
        save_golden(tmp_path / "folder", golden_with("one"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]
