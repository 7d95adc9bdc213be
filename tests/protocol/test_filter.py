"""Filter expressions: what they mean, which calls they find, and what a mistake is told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.errors import FilterError
from xraytap.protocol.call import CallRow, Outcome
from xraytap.protocol.envelope import Answer
from xraytap.protocol.filter import (
    FIELDS,
    And,
    Flag,
    Glob,
    Not,
    OneOf,
    Or,
    Range,
    Text,
    Time,
    TimeOfDay,
    matches,
    needs_bodies,
    parse,
    text_of,
)
from xraytap.protocol.glob import glob_matches
from xraytap.protocol.messages import Fault, Request
from xraytap.protocol.summary import DecodedCall
from xraytap.protocol.values import DateTime, Struct

_NINE_US = 1_795_510_800_000_000  # 2026-11-24T09:00Z
_NINE_OF_DAY = 9 * 3_600_000_000


def row(**changes: object) -> CallRow:
    kept: dict[str, object] = {
        "capture": "c",
        "seq": 13,
        "started_at_us": _NINE_US,
        "elapsed_us": 2_100,
        "client": "10.0.0.7:50412",
        "connection": 3,
        "protocol": "xmlrpc",
        "http_method": "POST",
        "path": "/RPC2",
        "method": "VM.start",
        "is_async": False,
        "session": "68e3a009-0249-725b-246b-7fc43cf4f154",
        "outcome": Outcome.FAILURE,
        "error_code": "VM_BAD_POWER_STATE",
        "http_status": 200,
        "request_bytes": 412,
        "response_bytes": 521,
        "decode_error": None,
        "redacted": (),
        "note": None,
    }
    return CallRow(**(kept | changes))  # type: ignore[arg-type]


CALL = DecodedCall(
    request=Request(
        method="VM.start",
        params=("68e3a009", "b28e4ee3-216f", False, {"guest_007": [17, DateTime("20090710T09:01:27")]}),
    ),
    answer=Answer(
        outcome=Outcome.FAILURE,
        error=("VM_BAD_POWER_STATE", "OpaqueRef:b28e4ee3", Struct((("a", "Halted"), ("a", b"blob")))),
    ),
)

MEANINGS = [
    ("", And(())),
    ("  ", And(())),
    ("guest", Text("guest")),
    ('"two words"', Text("two words")),
    (r'"a \" quote and \\"', Text('a " quote and \\')),
    ('"and"', Text("and")),
    ("127.0.0.1:9363", Text("127.0.0.1:9363")),
    ("OpaqueRef:b28e", Text("OpaqueRef:b28e")),
    ("method:VM.*", Glob("method", "VM.*")),
    ("METHOD:VM.*", Glob("method", "VM.*")),
    ("method=VM.*", Glob("method", "VM.*")),
    ("method:Async.VM.*", And((Flag("async", wanted=True), Glob("method", "VM.*")))),
    ("class:VM,SR", Or((Glob("class", "VM"), Glob("class", "SR")))),
    ('error:"A,B"', Glob("error", "A,B")),
    ("client:::1", Glob("client", "::1")),
    ("outcome:Failure,fault", OneOf("outcome", frozenset({"failure", "fault"}))),
    ("protocol:jsonrpc", OneOf("protocol", frozenset({"jsonrpc"}))),
    ("async:yes", Flag("async", wanted=True)),
    ("redacted:no", Flag("redacted", wanted=False)),
    ("ms:>500", Range("ms", 500_000, None, low_closed=False)),
    ("ms>5", Range("ms", 5_000, None, low_closed=False)),
    ("ms<=1.5s", Range("ms", None, 1_500_000)),
    ("ms:5..10", Range("ms", 5_000, 10_000)),
    ("ms:2.1", Range("ms", 2_050, 2_150, high_closed=False)),
    ("ms:=2", Range("ms", 1_500, 2_500, high_closed=False)),
    ("ms:7us", Range("ms", 7, 7)),
    ("bytes>1M", Range("bytes", 1_000_000, None, low_closed=False)),
    ("bytes:>=1KiB", Range("bytes", 1024, None)),
    ("bytes:933", Range("bytes", 933, 933)),
    ("seq:10..20", Range("seq", 10, 20)),
    ("seq:10..", Range("seq", 10, None)),
    ("seq:..20", Range("seq", None, 20)),
    ("seq:7", Range("seq", 7, 7)),
    ("seq:7,9", Or((Range("seq", 7, 7), Range("seq", 9, 9)))),
    ("status:4xx", Range("status", 400, 499)),
    ("connection:3", Range("connection", 3, 3)),
    ("a b and c", And((Text("a"), Text("b"), Text("c")))),
    ("a or b c", Or((Text("a"), And((Text("b"), Text("c")))))),
    ("(a OR b) c", And((Or((Text("a"), Text("b"))), Text("c")))),
    ("not a b", And((Not(Text("a")), Text("b")))),
    ("Not not a", Not(Not(Text("a")))),
    ("after:2026-11-24T09:00", Time("after", _NINE_US)),
    ('before:"2026-11-24 10:00+01:00"', Time("before", _NINE_US)),
    ("after:2026-11-24", Time("after", _NINE_US - _NINE_OF_DAY)),
    ("after:9:00", TimeOfDay("after", _NINE_OF_DAY, UTC)),
    ("before:09:00:01.5", TimeOfDay("before", _NINE_OF_DAY + 1_500_000, UTC)),
]


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_a_filter_means(text: str, meaning: object) -> None:
    assert parse(text, tz=UTC) == meaning


def test_a_time_alone_is_on_the_day_given() -> None:
    assert parse("after:10:00", today=date(2026, 11, 24), tz=timezone(timedelta(hours=1))) == Time(
        "after", _NINE_US
    )


def test_a_time_without_a_zone_is_the_machine_s() -> None:
    local = datetime(2026, 11, 24, 9).astimezone()
    assert parse("after:2026-11-24T09:00") == Time("after", int(local.timestamp()) * 1_000_000)


# The carets stand under what the message speaks of.
MISTAKES = [
    (
        "outcome:failed and ms>5",
        "        ^^^^^^",
        "'failed' is no outcome; one of success failure fault http-error no-response undecodable",
    ),
    ("a metod:VM", "  ^^^^^", "there is no field 'metod'; did you mean method? There are method class "),
    ("localhost:9363", "^^^^^^^^^", "To search for it as text, put it in quotes"),
    ("mz>5", "^^", "did you mean ms?"),
    (
        "class>VM",
        "     ^",
        "'>' compares numbers (ms bytes seq status connection); class takes a colon: class:VM",
    ),
    ("a > 5", "  ^", "'>' stands alone; write field, sign and value without blanks: ms>500"),
    ("ms:", "   ^", "a value is missing; for example ms:>500"),
    ("ms: >5", "   ^", "a value is missing"),
    ("outcome:fault, ", "              ^", "a value is missing"),
    ("protocol:soap", "         ^^^^", "'soap' is no protocol; one of xmlrpc jsonrpc http tcp"),
    ("async:perhaps", "      ^^^^^^^", "'perhaps' is neither yes nor no"),
    ("ms:>abc", "   ^^^^", "'>abc' is no number of milliseconds"),
    ("ms>", "  ^", "no number of milliseconds"),
    ("seq:1,x,3", "      ^", "'x' is no number of a call"),
    ("seq:1.5", "    ^^^", "no number of a call"),
    ("seq:20..10", "    ^^^^^^", "the smaller one comes first"),
    ("seq:..", "    ^^", "no number of a call"),
    ("bytes:5Q", "      ^^", "no number of bytes"),
    ("bytes:1.5", "      ^^^", "no whole number of bytes"),
    ("bytes:9999999999G", "      ^^^^^^^^^^^", "larger than any call has"),
    ("ms:" + "9" * 9999, "   " + "^" * 9999, "no number of milliseconds"),
    ("status:6xx", "       ^^^", "no HTTP status"),
    ("after:noon", "      ^^^^", "'noon' is no time"),
    ("after:25:00", "      ^^^^^", "'25:00' is no time"),
    ("after:09:00,10:00", "            ^^^^^", "after takes one time, no list"),
    ("(a or b", "^", "this parenthesis is never closed; add )"),
    ("a (", "  ^", "this parenthesis is never closed"),
    ("a or b)", "      ^", "there is no ( for this )"),
    (")", "^", "there is no ( for this )"),
    ("a ()", "   ^", "nothing stands between the parentheses"),
    ("(and a)", " ^^^", "'and' needs a condition before it"),
    ("and a", "^^^", "'and' needs a condition before it"),
    ("a or", "  ^^", "'or' needs a condition after it"),
    ("a and or b", "  ^^^", "'and' needs a condition after it"),
    ("(not)", " ^^^", "'not' needs a condition after it"),
    ('a "b c', "  ^", "this quote is never closed"),
    ('a "b\\', "  ^", "this quote is never closed"),
    ("(" * 10_000, " " * 50 + "^", "more than 50 parentheses and nots inside one another"),
    ("not " * 4_999 + "a", " " * 200 + "^^^", "more than 50 parentheses and nots"),
    ("a" * 20_001, " " * 20_000 + "^", "at most 20000 characters"),
]


@pytest.mark.parametrize(("text", "caret", "reason"), MISTAKES)
def test_a_mistake_is_told_with_its_column(text: str, caret: str, reason: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text, tz=UTC)
    error = raised.value
    assert reason in error.reason
    assert caret == " " * error.column + "^" * error.length
    assert str(error) == f"filter: column {error.column + 1}: {error.reason}"


def test_the_sample_of_the_design_reads_as_drawn() -> None:
    with pytest.raises(FilterError, match=r"^filter: column 9: 'failed' is no outcome; one of success "):
        parse("outcome:failed and ms>5")


_PIECES = st.sampled_from(
    [
        *(f"{name}:" for name in FIELDS),
        "and ",
        "or ",
        "not ",
        "(",
        ")",
        '"',
        "\\",
        ",",
        "..",
        ">",
        "<=",
        "=",
        " ",
    ]
    + [field.example for field in FIELDS.values()]
)


@given(st.one_of(st.text(), st.lists(_PIECES | st.text(max_size=4), max_size=20).map("".join)))
def test_whatever_is_typed_has_a_meaning_or_a_mistake_within_the_text(text: str) -> None:
    try:
        parse(text, tz=UTC)
    except FilterError as error:
        mistake = error
    else:
        return
    assert 0 <= mistake.column <= len(text)
    assert mistake.length >= 1
    assert mistake.column + mistake.length <= len(text) + 1


FOUND = [
    "", "start", "START", "vm.st", "10.0.0.7", "bad_power", '"RPC2"',
    "method:VM.*", "method:vm.start", "method:*.st?rt", "class:VM", "message:start",
    "error:VM_BAD*", "session:68e3*", "client:10.0.0.*", "client:10.0.0.7", "client:*:50412",
    "outcome:failure", "outcome:success,failure", "protocol:xmlrpc", "async:no", "redacted:no",
    "ms:2.1", "ms<3", "ms:2..2.1", "bytes:933", "bytes:<1k", "seq:13", "seq:10..", "status:2xx", "connection:3",
    "after:2026-11-24T09:00", "not before:2026-11-24T09:00", "after:9:00", "before:09:00:00.000001",
    "ref:b28e*", "ref:b28e4ee3", "ref:OpaqueRef:b28e*", "ref:guest_007", "ref:halted",
    "guest_007", "17", "20090710", "halted", "blob", "false",
    "class:SR or halted", "not (class:SR and halted)", "not nothere",
]  # fmt: skip
MISSED = [
    "nothere", "method:VM", "method:VM.start?", "method:Async.VM.start", "class:V", "message:st",
    "error:VM", "session:e3*", "client:10.0.0", "outcome:success", "protocol:http", "async:yes", "redacted:yes",
    "ms:2.0", "ms>2.1", "ms:3..", "bytes:1k..", "seq:14", "status:500", "connection:>3",
    "before:2026-11-24T09:00", "after:9:00:01", "ref:b28e", "ref:17", "class:SR halted", "not halted",
    "not (class:SR or halted)",
]  # fmt: skip


@pytest.mark.parametrize("text", FOUND)
def test_the_call_is_found_by(text: str) -> None:
    assert matches(parse(text, tz=UTC), row(), lambda: CALL)


@pytest.mark.parametrize("text", MISSED)
def test_the_call_is_not_found_by(text: str) -> None:
    assert not matches(parse(text, tz=UTC), row(), lambda: CALL)


@pytest.mark.parametrize(
    "text", ["ms:>0", "ms<9999", "status:200", "method:*", "class:*", "error:*", "session:*"]
)
def test_what_a_call_lacks_never_fits_and_its_negation_does(text: str) -> None:
    bare = row(elapsed_us=None, http_status=None, method=None, error_code=None, session=None)
    assert not matches(parse(text), bare, lambda: CALL)
    assert matches(parse(f"not {text}"), bare, lambda: CALL)


def test_class_and_message_of_a_legacy_method() -> None:
    legacy = row(method="xend.domain.pause")
    assert matches(parse("class:xend.domain message:pause"), legacy, lambda: CALL)
    assert not matches(parse("class:xend"), legacy, lambda: CALL)


def test_a_fault_is_searched() -> None:
    call = DecodedCall(
        request=None, answer=Answer(outcome=Outcome.FAULT, fault=Fault(code=-32601, string="no such"))
    )
    assert list(text_of(call)) == ["-32601", "no such"]
    assert matches(parse('"No Such"'), row(), lambda: call)


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("start", 0),
        ("class:SR halted", 0),
        ("halted class:SR", 0),
        ("class:VM or halted", 0),
        ("halted or class:VM", 0),
        ("halted", 1),
        ("halted or nothere ref:b*", 1),
        ("halted and ref:b28e*", 1),
    ],
)
def test_bodies_are_decoded_once_and_only_where_the_row_does_not_decide(text: str, decoded: int) -> None:
    asked = []

    def bodies() -> DecodedCall:
        asked.append(1)
        return CALL

    matches(parse(text), row(), bodies)
    assert decoded == len(asked)


def test_what_is_no_rpc_is_judged_by_its_row_alone() -> None:
    def bodies() -> DecodedCall:
        raise AssertionError

    assert not matches(parse("halted or ref:*"), row(protocol="http"), bodies)


def test_only_text_and_refs_need_bodies() -> None:
    assert {name for name, field in FIELDS.items() if needs_bodies(parse(field.example))} == {"ref"}
    assert needs_bodies(parse("not (class:VM or guest)"))
    assert not needs_bodies(parse(""))


def test_the_time_of_day_is_that_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert matches(parse("after:10:00", tz=berlin), row(), lambda: CALL)
    assert not matches(parse("after:10:01", tz=berlin), row(), lambda: CALL)


@given(st.text("ab*?.[]+", max_size=8), st.text("abAB.[]+", max_size=8))
def test_a_glob_fits_as_its_regular_expression_does(pattern: str, text: str) -> None:
    spelled = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    assert (re.fullmatch(spelled, text, re.IGNORECASE | re.DOTALL) is not None) == glob_matches(pattern, text)


def test_a_glob_of_many_stars_takes_no_time() -> None:
    began = perf_counter()
    assert not glob_matches("*a" * 50 + "*b", "a" * 100_000)
    assert perf_counter() - began < 1


def test_deep_values_are_searched_without_recursion() -> None:
    deep: list[object] = ["bottom"]
    for _ in range(5_000):
        deep = [deep]
    call = DecodedCall(request=Request(method="m", params=(deep,)), answer=None)  # type: ignore[arg-type]
    assert matches(parse("bottom"), row(), lambda: call)


def test_every_example_is_a_filter() -> None:
    for field in FIELDS.values():
        parse(field.example)


def test_every_field_is_documented_with_its_example() -> None:
    page = (Path(__file__).parents[2] / "docs" / "filter.md").read_text(encoding="utf-8")
    assert [name for name, field in FIELDS.items() if f"| `{name}` | `{field.example}` |" not in page] == []


def test_every_filter_in_the_documentation_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "filter.md").read_text(encoding="utf-8")
    block = page.split("```text\n")[1].split("```")[0]
    examples = [line.partition("#")[0].strip() for line in block.splitlines()]
    assert len(examples) > 5
    for each in examples:
        parse(each)
