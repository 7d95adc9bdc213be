"""The store as readers meet it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.recorded import exchanges
from tests.store.samples import asked, exchange
from xraytap.errors import SourceError, UsageError
from xraytap.store import open_store
from xraytap.store.schema import APPLICATION_ID, MIGRATIONS, migrate, version_of
from xraytap.store.writer import Writer


def fill(path: Path, name: str, *methods: str) -> None:
    writer = Writer(path, name, host="http://xenhost:9363")
    for method in methods:
        each = exchange(method)
        writer.finish(writer.begin(asked(each)), each)
    writer.close()


def test_no_store_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no store at .*xraytap record"):
        open_store(path)


def test_the_store_is_found_by_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAYTAP_STORE", str(path))
    with open_store(create=True) as store:
        assert store.path == path


def _foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE moz_places (id)")
    db.close()


def _future(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE anything (id)")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"<html>" * 500), "no xraytap store"),
        (lambda path: path.mkdir(), "is a directory"),
        (_foreign, "another program"),
        (_future, r"format 99; this xraytap knows formats up to"),
    ],
    ids=["no database", "directory", "foreign database", "future"],
)
def test_what_is_no_store_is_refused(path: Path, make: object, words: str) -> None:
    make(path)  # type: ignore[operator]
    with pytest.raises(SourceError, match=words):
        open_store(path, create=True)


def test_a_file_that_is_no_store_keeps_its_mode(path: Path) -> None:
    path.write_bytes(b"root:x:0:0" * 200)
    path.chmod(0o644)
    with pytest.raises(SourceError, match="no xraytap store"):
        open_store(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_store_that_others_could_read_is_made_private_with_its_side_files(path: Path) -> None:
    fill(path, "a", "VM.get_all")
    path.chmod(0o644)
    with open_store(path) as store:
        assert store.capture("a").calls == 1
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.glob("*.db*")}
    assert set(modes.values()) == {0o600}


def test_a_new_store_is_not_made_through_a_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.db"
    path.symlink_to(target)
    with pytest.raises(SourceError, match="cannot open the store"):
        open_store(path, create=True)
    assert not target.exists()


def test_a_pipe_in_the_stores_place_is_refused_at_once(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(SourceError, match="no regular file"):
        open_store(path, create=True)


def _may_only_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xraytap.store.files.is_writable", lambda _path: False)
    monkeypatch.setattr("xraytap.store.reader.is_writable", lambda _path: False)
    path.parent.chmod(0o500)


def test_a_store_that_may_only_be_read_is_read_and_left_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path, "a", "VM.get_all", "VM.start")
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    _may_only_be_read(path, monkeypatch)
    try:
        with open_store(path) as store:
            assert [row.method for row in store.calls("a")] == ["VM.get_all", "VM.start"]
            with pytest.raises(SourceError, match="may only be read"):
                store.set_note("a", "x")
        assert before == {each.name: each.read_bytes() for each in path.parent.iterdir()}
    finally:
        path.parent.chmod(0o700)


def test_a_store_of_an_older_format_that_may_only_be_read_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, MIGRATIONS[:1])
    db.close()
    _may_only_be_read(path, monkeypatch)
    try:
        with pytest.raises(SourceError, match="older format 1 and may only be read"):
            open_store(path)
    finally:
        path.parent.chmod(0o700)


_FORMATS = Path(__file__).parent / "formats"


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_every_format_that_there_was_opens(number: int, path: Path) -> None:
    """The files under `formats` were written when that format was the newest; keep one for each that comes."""
    shutil.copy(_FORMATS / f"{number}.db", path)
    with open_store(path) as store:
        rows = list(store.calls("example"))
        kept = store.exchange("example", 4)
        store.set_note("example", "still usable")
    assert [row.method for row in rows] == [
        "session.login_with_password",
        "VM.get_all",
        "VM.get_all",
        "VM.get_name_label",
    ]
    assert kept == exchanges("py27-example-session")[3]
    db = sqlite3.connect(path)
    assert version_of(db) == len(MIGRATIONS)
    db.close()


def test_migrations_run_once_in_order_and_only_what_is_missing() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    ran = []
    steps = tuple((lambda _db, number=number: ran.append(number)) for number in range(3))
    migrate(db, steps[:2])
    migrate(db, steps)
    migrate(db, steps)
    assert ran == [0, 1, 2]
    assert version_of(db) == 3
    db.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was() -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (id)")
        raise ValueError("half done")

    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db)
    with pytest.raises(ValueError, match="half done"):
        migrate(db, (*MIGRATIONS, half))
    assert version_of(db) == len(MIGRATIONS)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    db.close()


def test_a_wrong_name_is_told_the_nearest(path: Path) -> None:
    fill(path, "nosuch-1", "VM.get_all")
    with open_store(path) as store, pytest.raises(SourceError) as refused:
        store.capture("nosuch")
    assert str(refused.value) == (
        f"no capture named 'nosuch' in the store {path}. Nearest: 'nosuch-1'. List them with: xraytap captures"
    )


def test_a_wrong_seq_is_told_the_range(path: Path) -> None:
    fill(path, "c", "VM.get_all", "VM.start")
    with (
        open_store(path) as store,
        pytest.raises(SourceError, match="has no call 9; its calls are numbered 1 to 2"),
    ):
        store.exchange("c", 9)


def test_calls_come_in_order_from_any_seq_and_up_to_a_limit(path: Path) -> None:
    fill(path, "c", *(f"VM.m{number}" for number in range(1, 2502)))
    with open_store(path) as store:
        assert [row.seq for row in store.calls("c")] == list(range(1, 2502))
        assert [row.method for row in store.calls("c", after_seq=1999, limit=2)] == ["VM.m2000", "VM.m2001"]
        assert store.last_seq("c") == 2501


def test_a_reader_is_not_held_up_by_a_writer_in_mid_transaction(path: Path) -> None:
    fill(path, "c", "VM.get_all")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("DELETE FROM calls")
    with open_store(path) as store:
        assert [row.method for row in store.calls("c")] == ["VM.get_all"]
    other.execute("ROLLBACK")
    other.close()


def test_rename_and_delete(path: Path) -> None:
    fill(path, "a", "VM.get_all")
    fill(path, "b", "VM.start")
    with open_store(path) as store:
        with pytest.raises(SourceError, match="named 'b' already"):
            store.rename("a", "b")
        with pytest.raises(UsageError, match="golden"):
            store.rename("a", "a.yaml")
        store.rename("a", "c")
        store.set_note("c", "before the upgrade")
        store.delete("b")
        assert [(info.name, info.note) for info in store.captures()] == [("c", "before the upgrade")]
        assert store._db.execute("SELECT count(*) FROM messages").fetchone() == (2,)


def test_a_live_capture_is_not_deleted(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    with open_store(path) as store:
        with pytest.raises(SourceError, match="being recorded"):
            store.delete("c")
        writer.close()
        store.delete("c")
        assert store.captures() == []


def test_a_capture_counts_its_calls_sessions_and_failures(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    refusal = (
        b"<methodResponse><params><param><value><struct><member><name>Status</name><value>Failure</value></member>"
        b"<member><name>ErrorDescription</name><value><array><data><value>X</value></data></array></value></member>"
        b"</struct></value></param></params></methodResponse>"
    )
    for each in (exchange("VM.a", "s-1"), exchange("VM.b", "s-2", body=refusal), exchange("VM.c", "s-1")):
        writer.finish(writer.begin(asked(each)), each)
    writer.close()
    with open_store(path) as store:
        info = store.capture("c")
    assert (info.calls, info.sessions, info.failures, info.gaps) == (3, 2, 1, 0)
