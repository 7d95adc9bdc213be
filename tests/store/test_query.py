"""SQL and Python find the same calls, whatever the filter."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, timedelta, timezone
from functools import cache
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.xapi import conversation
from tests.store.samples import asked, exchange
from xraytap.protocol.about import About
from xraytap.protocol.call import CallRow, Outcome
from xraytap.protocol.correlate.objects import Objects
from xraytap.protocol.datamodel import load
from xraytap.protocol.envelope import Answer
from xraytap.protocol.filter import (
    And,
    Expr,
    Flag,
    Glob,
    Named,
    Not,
    OneOf,
    Or,
    Range,
    Refs,
    Text,
    Time,
    TimeOfDay,
    bind,
    matches,
    needs_bodies,
    parse,
)
from xraytap.protocol.messages import Request
from xraytap.protocol.summary import DecodedCall
from xraytap.store import open_store
from xraytap.store.learn import Learnt
from xraytap.store.query import compile_filter
from xraytap.store.rows import COLUMNS, INSERT_CALL, call_columns, row_of
from xraytap.store.scan import Scan
from xraytap.store.schema import migrate
from xraytap.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

_CALL = DecodedCall(
    request=Request(method="VM.a", params=("b", {"A.b": 1})),
    answer=Answer(outcome=Outcome.SUCCESS, value=["ab"]),
)
_US = st.integers(0, 3) | st.integers(1_795_000_000_000_000, 1_795_200_000_000_000)
# Few letters, so that patterns fit now and then; the rest is what SQL might read in its own way: LIKE's and
# GLOB's specials, the end of a C string, letters with a foreign case, a noncharacter.
_TEXT = st.text("abAB.._%\\[]*?:\0\u212aéÉ\ufffe🙂", max_size=7)
_PATTERN = st.text("abAB..**??_%\\[]:\0é", max_size=5)

_ROWS = st.builds(
    CallRow,
    capture=st.just("c"),
    seq=st.just(0),
    started_at_us=_US,
    elapsed_us=st.none() | st.integers(0, 5),
    client=_TEXT,
    connection=st.integers(1, 5),
    protocol=st.sampled_from(["xmlrpc", "jsonrpc", "http", "tcp"]),
    http_method=st.just("POST"),
    path=_TEXT,
    method=st.none() | _TEXT,
    is_async=st.booleans(),
    session=st.none() | _TEXT | _TEXT.map("OpaqueRef:".__add__),
    outcome=st.sampled_from(Outcome),
    error_code=st.none() | _TEXT,
    http_status=st.none() | st.integers(0, 5),
    request_bytes=st.integers(0, 5),
    response_bytes=st.integers(0, 5),
    decode_error=st.none() | _TEXT,
    redacted=st.lists(st.sampled_from(["a.b", "c"]), max_size=2).map(tuple),
    note=st.none() | _TEXT,
)
_BOUND = st.none() | st.integers(0, 5) | st.floats(0, 5)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30)), ZoneInfo("Europe/Berlin"), None])
_GLOB_FIELDS = ["method", "class", "message", "error", "session", "client", "ref"]
_LEAVES: st.SearchStrategy[Expr] = st.one_of(
    st.builds(Text, st.text("abV", max_size=3)),
    st.builds(Glob, st.sampled_from(_GLOB_FIELDS), _PATTERN),
    st.builds(Named, st.just("VM"), _PATTERN),
    st.builds(Refs, st.dictionaries(_TEXT, st.frozensets(st.sampled_from(["b", "ab", "x"])))),
    st.builds(
        OneOf, st.just("outcome"), st.frozensets(st.sampled_from(Outcome).map(lambda each: each.value))
    ),
    st.builds(
        OneOf, st.just("protocol"), st.frozensets(st.sampled_from(["xmlrpc", "jsonrpc", "http", "tcp"]))
    ),
    st.builds(Flag, st.sampled_from(["async", "redacted"]), st.booleans()),
    st.builds(
        Range,
        st.sampled_from(["ms", "bytes", "seq", "status", "connection"]),
        _BOUND,
        _BOUND,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(Time, st.sampled_from(["after", "before"]), _US),
    st.builds(TimeOfDay, st.sampled_from(["after", "before"]), st.integers(0, 86_399_999_999), _ZONES),
)
_EXPRESSIONS: st.SearchStrategy[Expr] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=12,
)


@cache
def _empty() -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        return db.serialize()


def _store(rows: list[CallRow]) -> tuple[sqlite3.Connection, list[CallRow]]:
    """The rows in a store, and as they come back from it, numbered from 1."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.deserialize(_empty())
    db.execute("INSERT INTO captures (id, name, created_at_us, host) VALUES (1, 'c', 0, 'h')")
    for seq, each in enumerate(rows, 1):
        columns = list(call_columns(1, each, settled=True))
        columns[1] = seq
        db.execute(INSERT_CALL, columns)
    kept = db.execute(f"SELECT seq, {COLUMNS} FROM calls ORDER BY seq").fetchall()
    return db, [row_of("c", each) for each in kept]


def _judged(db: sqlite3.Connection, expr: Expr, kept: list[CallRow]) -> None:
    compiled = compile_filter(expr)
    found = {seq for (seq,) in db.execute(f"SELECT seq FROM calls WHERE ({compiled.where})", compiled.params)}
    wanted = {each.seq for each in kept if matches(expr, each, lambda: _CALL)}
    assert wanted <= found
    if compiled.exact:
        assert wanted == found


@given(st.lists(_ROWS, min_size=1, max_size=8), st.lists(_EXPRESSIONS, min_size=1, max_size=6))
def test_sql_then_matches_finds_what_matches_finds(rows: list[CallRow], expressions: list[Expr]) -> None:
    db, kept = _store(rows)
    try:
        for each in expressions:
            _judged(db, each, kept)
    finally:
        db.close()


@given(
    st.sampled_from(["method", "class", "message", "session", "client", "error"]),
    _PATTERN,
    st.lists(_TEXT, min_size=1),
)
def test_a_pattern_means_the_same_in_sql(field: str, pattern: str, texts: list[str]) -> None:
    db, kept = _store([_with(field, each) for each in texts])
    try:
        _judged(db, Glob(field, pattern), kept)
    finally:
        db.close()


def _with(field: str, text: str) -> CallRow:
    columns = {"error": "error_code", "class": "method", "message": "method"}
    return CallRow(
        **{  # type: ignore[arg-type]
            **dict.fromkeys(("capture", "client", "http_method", "path", "protocol"), "x"),
            **dict.fromkeys(("elapsed_us", "error_code", "http_status", "method", "session", "decode_error")),
            **dict.fromkeys(("connection", "seq", "started_at_us", "request_bytes", "response_bytes"), 1),
            "is_async": False,
            "outcome": Outcome.SUCCESS,
            "redacted": (),
            columns.get(field, field): text,
        }
    )


EXACT = [
    "", "method:VM.*", "method:Async.VM.*", "class:VM message:start", "outcome:failure,fault", "error:VM_BAD*",
    "session:68e3*", "ms:>500", "ms:2.1 or bytes:>1M", "seq:1,3,5..7", "client:10.0.0.*", "status:5xx",
    "async:yes protocol:xmlrpc", "redacted:no", "connection:3", "not (class:VM or not ms>5)",
    "after:2026-11-24T09:00", "after:09:00",
]  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_sql_alone_decides(text: str) -> None:
    expr = parse(text, tz=UTC)
    assert compile_filter(expr).exact
    assert not needs_bodies(expr)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("guest", "1"),
        ("not guest", "1"),
        ("seq:3 guest", "(seq >= ? AND seq <= ?)"),
        ("not (seq:3 or guest)", "NOT ((seq >= ? AND seq <= ?))"),
        ("not (seq:3 guest)", "1"),
        ("seq:3 or guest", "1"),
        ("ref:b*", "protocol IN ('xmlrpc', 'jsonrpc')"),
    ],
)
def test_sql_narrows_what_python_decides(text: str, where: str) -> None:
    compiled = compile_filter(parse(text))
    assert where == compiled.where
    assert not compiled.exact


@pytest.mark.parametrize(
    "text",
    [
        "seq:" + ",".join(map(str, range(3_000))),
        " or ".join(["class:VM"] * 1_000),
        "(class:VM or " * 49 + "class:VM" + ")" * 49,
        "(class:VM or not " * 24 + "class:VM" + ")" * 24,
        "(class:VM or not seq:1 and " * 9 + "class:VM" + ")" * 9,
        "not " * 49 + "class:VM",
        "class:" + "a*" * 4_000,
    ],
)
def test_no_filter_is_too_much_for_sqlite(text: str) -> None:
    db, _ = _store([])
    try:
        compiled = compile_filter(parse(text))
        db.execute(
            f"SELECT seq, {COLUMNS} FROM calls WHERE capture_id = ? AND seq > ? AND ({compiled.where}) LIMIT ?",
            (1, 0, *compiled.params, 10),
        )
    finally:
        db.close()


@pytest.mark.parametrize(
    ("text", "seqs"),
    [
        ("", [1, 2, 3]),
        ("class:VM", [1, 3]),
        ("guest002", [3]),
        ("class:VM not guest002", [1]),
        ("ref:guest* or class:SR", [2, 3]),
        ("not (guest002 or seq:1)", [2]),
        ("class:VM guest002 seq:..2", []),
    ],
)
def test_a_store_finds_calls_by_row_and_bodies(path: Path, text: str, seqs: list[int]) -> None:
    writer = Writer(path, "c", host="http://xenhost:9363")
    for each in (exchange("VM.get_all"), exchange("SR.scan"), exchange("VM.start", "s-1", "guest002")):
        writer.finish(writer.begin(asked(each)), each)
    writer.close()
    with open_store(path) as store:
        assert seqs == [each.seq for each in store.calls("c", filter=parse(text))]


NAMED = [
    "vm:web",
    "vm:standby,web async:yes",
    "ref:web",
    "ref:0000003* seq:..20",
    "not ref:web",
    "not vm:web",
    "vm:web or outcome:failure",
    "vm:nosuch",
]


@pytest.mark.parametrize("text", NAMED)
def test_store_scan_and_matching_find_the_same_by_name(
    path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = conversation()
    writer = Writer(path, "c", host="http://xcp")
    for each in talk.exchanges:
        writer.finish(writer.begin(each), each)
    writer.close()
    objects = Objects(About(model=load("xapi")))
    talk.feed(objects)
    bound = bind(parse(text), objects)
    wanted = [
        seq
        for seq in range(1, len(talk.exchanges) + 1)
        if matches(bound, talk.row(seq), lambda seq=seq: talk.decode(seq))  # type: ignore[misc]
    ]
    with open_store(path) as store:
        assert wanted == [each.seq for each in store.calls("c", filter=parse(text))]
        with Scan(path, store.capture("c").id, parse(text)) as scan:
            assert wanted == listed(scan)
        monkeypatch.setattr("xraytap.store.scan._LEARNT_IN_A_MOMENT", 0)
        with Scan(path, store.capture("c").id, parse(text)) as scan:
            assert wanted == listed(scan)


def listed(scan: Scan) -> list[int]:
    """What a list shows after all chunks."""
    shown: list[int] = []
    chunks = list(scan.chunks())
    for chunk in chunks:
        if chunk.after is not None:
            shown = [seq for seq in shown if seq <= chunk.after]
        shown += chunk.seqs
    assert [each.done for each in chunks] == [False] * (len(chunks) - 1) + [True]
    return shown


def test_what_needs_no_names_is_shown_before_they_are_learnt(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xraytap.store.scan._LEARNT_IN_A_MOMENT", 0)
    writer = Writer(path, "c", host="http://xcp")
    for each in conversation().exchanges:
        writer.finish(writer.begin(each), each)
    writer.close()
    learnt = Learnt()
    with Scan(path, 1, parse("ref:00000031-*"), learnt=learnt) as scan:
        chunks = scan.chunks()
        assert list(next(chunks).seqs)[:2] == [5, 6]
        assert learnt.objects is None
        assert [len(chunk.seqs) for chunk in chunks] == [0]
        assert learnt.objects is not None


def test_names_are_kept_up_as_a_capture_grows(path: Path) -> None:
    learnt = Learnt()
    talk = conversation()
    writer = Writer(path, "c", host="http://xcp")
    with open_store(path) as store, Scan(path, 1, parse("vm:web"), learnt=learnt) as scan:
        assert [seq for chunk in scan.chunks() for seq in chunk.seqs] == []
        done = Event()
        tickets = [writer.begin(asked(each)) for each in talk.exchanges[:5]]
        writer.finish(tickets[0], talk.exchanges[0], lambda _: done.set())
        assert done.wait(10)
        assert [seq for chunk in scan.chunks() for seq in chunk.seqs] == []
        done.clear()
        for ticket, each in zip(tickets[1:4], talk.exchanges[1:4], strict=True):
            writer.finish(ticket, each)
        writer.finish(tickets[4], talk.exchanges[4], lambda _: done.set())
        assert done.wait(10)
        assert [seq for chunk in scan.chunks() for seq in chunk.seqs] == [5]
        assert [each.seq for each in store.calls("c", filter=parse("vm:web"))] == [5]
    writer.close()


def test_only_sessions_that_know_an_object_are_read() -> None:
    compiled = compile_filter(Refs({"A": frozenset({"r"}), "B": frozenset()}))
    assert compiled.where == "(protocol IN ('xmlrpc', 'jsonrpc') AND coalesce(session, '') IN (?))"
    assert compiled.params == ("A",)
    assert compile_filter(Refs({})).exact


def test_failures_are_found_by_their_index() -> None:
    db, _ = _store([])
    try:
        compiled = compile_filter(parse("outcome:failure"))
        plan = db.execute(
            f"EXPLAIN QUERY PLAN SELECT seq FROM calls WHERE capture_id = 1 AND ({compiled.where})",
            compiled.params,
        ).fetchall()
        assert "troubled" in str(plan)
    finally:
        db.close()
