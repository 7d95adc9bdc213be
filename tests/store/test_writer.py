"""The writer: groups, losses, gaps, names, the file that goes away under it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recorded import FOLDERS, exchanges
from tests.store.samples import asked, exchange
from xraytap.errors import SourceError, UsageError
from xraytap.protocol.call import Outcome
from xraytap.protocol.summary import full_row
from xraytap.store import open_store
from xraytap.store.settle import ABANDONED
from xraytap.store.writer import Writer


class Word:
    """Waits for the writer's word on one call."""

    def __init__(self) -> None:
        self._said = threading.Event()
        self.ok: bool | None = None

    def __call__(self, ok: bool) -> None:
        self.ok = ok
        self._said.set()

    def wait(self) -> bool | None:
        self._said.wait(20)
        return self.ok


def record(writer: Writer, *exchanges: object) -> list[bool | None]:
    words = []
    for each in exchanges:
        word = Word()
        writer.finish(writer.begin(asked(each)), each, word)  # type: ignore[arg-type]
        words.append(word)
    return [word.wait() for word in words]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_recording_comes_back_byte_for_byte(path: Path, folder: str) -> None:
    sent = exchanges(folder)
    writer = Writer(path, "c", host="http://h")
    words = record(writer, *sent)
    writer.close()
    assert words == [True] * len(sent)
    with open_store(path) as store:
        assert [store.exchange("c", seq) for seq in range(1, len(sent) + 1)] == sent
        assert list(store.calls("c")) == [
            full_row(each, capture="c", seq=seq) for seq, each in enumerate(sent, 1)
        ]
        assert store.capture("c").calls == len(sent)


def test_a_call_is_in_the_store_before_its_answer(path: Path) -> None:
    writer = Writer(path, "c", host="http://h")
    writer.begin(asked(exchange()))
    marker = Word()  # groups are written in order
    writer.finish(writer.begin(asked(exchange("VM.start"))), exchange("VM.start"), marker)
    assert marker.wait() is True
    with open_store(path) as store:
        row = store.row("c", 1)
        assert (row.method, row.outcome, row.elapsed_us) == ("VM.get_all", Outcome.NO_RESPONSE, None)
    writer.close()


def test_an_answer_that_comes_later_replaces_the_half_done_call(path: Path) -> None:
    writer = Writer(path, "c", host="http://h")
    first = exchange("VM.pause")
    ticket = writer.begin(asked(first))
    assert record(writer, exchange()) == [True]
    changed = replace(first, request=replace(first.request, head=b"POST / HTTP/1.0\r\n\r\n"))
    word = Word()
    writer.finish(ticket, changed, word)
    assert word.wait() is True
    writer.close()
    with open_store(path) as store:
        assert store.exchange("c", 1) == changed
        assert store.capture("c").calls == 2


def test_names_are_made_unique_and_default_to_the_time(path: Path) -> None:
    def now() -> int:
        return 1_795_507_282_000_000

    writers = [Writer(path, name, host="h", now_us=now) for name in ("a", "a", "a", None, None)]
    names = [writer.capture for writer in writers]
    for writer in writers:
        writer.close()
    assert names[:3] == ["a", "a-2", "a-3"]
    assert names[4] == names[3] + "-2"
    assert names[3].startswith("2026-11-")


@pytest.mark.parametrize("name", ["a/b", "x.yaml", " a", "a\x1b[31m", "x" * 201])
def test_a_name_that_cannot_be_typed_is_refused(path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="capture name"):
        Writer(path, name, host="h")


def test_the_store_and_its_side_files_are_private(path: Path) -> None:
    old = os.umask(0o022)
    try:
        writer = Writer(path, "c", host="h")
        record(writer, exchange())
        modes = {each.name: oct(each.stat().st_mode & 0o777) for each in path.parent.iterdir()}
        writer.close()
    finally:
        os.umask(old)
    assert set(modes.values()) == {"0o600"}
    assert len(modes) == 4


def test_a_body_that_only_looked_well_settles_as_undecodable(path: Path) -> None:
    broken = exchange(
        body=b"<methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value>"
        b"</member><member><name>Value</name><value><array>&oops;</array></value></member></struct></value>"
        b"</param></params></methodResponse>"
    )
    writer = Writer(path, "c", host="h")
    record(writer, broken)
    writer.close()
    with open_store(path) as store:
        row = store.row("c", 1)
    assert row.outcome is Outcome.UNDECODABLE
    assert "'oops'" in (row.decode_error or "")


def test_a_full_disk_loses_calls_and_says_so_and_the_gap_is_noted(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    assert record(writer, exchange()) == [True]
    pages = writer._db.execute("PRAGMA page_count").fetchone()[0]
    writer._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = os.urandom(300_000)
    assert record(writer, exchange(body=noise), exchange(body=noise)) == [False, False]
    writer._db.execute("PRAGMA max_page_count = 1000000")
    assert record(writer, exchange("VM.start")) == [True]
    writer.close()
    assert writer.lost == 2
    with open_store(path) as store:
        info = store.capture("c")
        assert (info.calls, info.gaps) == (2, 2)
        assert [gap[:2] for gap in store.gaps("c")] == [(3, 2)]
        assert "full" in store.gaps("c")[0][2]


def test_a_gap_at_the_end_is_noted_at_close(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    writer._db.execute("ALTER TABLE calls RENAME TO hidden")
    assert record(writer, exchange()) == [False]
    writer._db.execute("ALTER TABLE hidden RENAME TO calls")
    writer.close()
    with open_store(path) as store:
        assert store.capture("c").gaps == 1


def test_a_store_deleted_under_the_writer_is_begun_anew(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    record(writer, exchange())
    for each in path.parent.iterdir():
        each.unlink()
    assert record(writer, exchange("VM.start")) == [True]
    writer.close()
    with open_store(path) as store:
        assert [row.method for row in store.calls("c")] == ["VM.start"]


def test_a_call_under_way_when_the_store_was_deleted_keeps_its_request_in_the_new_one(path: Path) -> None:
    writer = Writer(path, "c", host="h")
    whole = exchange("VM.start")
    ticket = writer.begin(asked(whole))
    record(writer, exchange())  # by now the first is written
    for each in path.parent.iterdir():
        each.unlink()
    word = Word()
    writer.finish(ticket, whole, word)
    assert word.wait()
    writer.close()
    with open_store(path) as store:
        assert store.capture("c").calls == 1
        assert store.exchange("c", 1).request == whole.request


def test_a_store_locked_by_another_program_loses_but_does_not_stop(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xraytap.store.files.BUSY_TIMEOUT_MS", 20)
    writer = Writer(path, "c", host="h")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    lost = record(writer, exchange())
    other.execute("ROLLBACK")
    other.close()
    kept = record(writer, exchange())
    writer.close()
    assert (lost, kept) == ([False], [True])


_DOOMED = """
import sys
from tests.store.samples import asked, exchange
from xraytap.store.writer import Writer
writer = Writer(sys.argv[1], "c", host="h")
writer.begin(asked(exchange("event.next")))
writer.finish(writer.begin(asked(exchange())), exchange(), lambda ok: print(ok, flush=True))
sys.stdin.read()
"""


def test_a_killed_recorder_leaves_a_capture_that_is_whole(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _DOOMED, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == b"True\n"
        with open_store(path) as store:
            assert store.capture("c").live
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
    with open_store(path) as store:
        info = store.capture("c")
        assert (info.live, info.calls) == (False, 2)
        rows = list(store.calls("c"))
        assert [(row.method, row.outcome, row.note) for row in rows] == [
            ("event.next", Outcome.NO_RESPONSE, ABANDONED),
            ("VM.get_all", Outcome.SUCCESS, None),
        ]
    assert [each.name for each in path.parent.iterdir() if "live" in each.name] == []


def test_a_directory_in_the_stores_place_is_an_error_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a directory"):
        Writer(tmp_path, "c", host="h")
