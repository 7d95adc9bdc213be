"""A capture that grows while somebody looks at it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Semaphore
from typing import TYPE_CHECKING

from tests.store.samples import asked, exchange
from tests.tui.driving import Driver, driven, driving
from xraytap.store.writer import Writer
from xraytap.tap.process import TapEvent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    writer = Writer(path, "live", host="http://xenhost:9363")
    try:
        yield writer
    finally:
        writer.close()


async def add(driver: Driver | None, writer: Writer, count: int) -> None:
    """Record calls, and wait until they are in the store and on the screen's list."""
    before = 0 if driver is None else driver.browse.table.pages.total
    stored = Semaphore(0)
    for _ in range(count):
        each = exchange()
        writer.finish(writer.begin(each), each, lambda _: stored.release())
    for _ in range(count):
        assert stored.acquire(timeout=10)
    if driver is not None:
        await driver.until(lambda: driver.browse.table.pages.total == before + count)
        await driver.settle()


@driven
async def test_a_live_capture_is_followed_to_its_newest_call(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 3)
        async with driving(tmp_path / "s.db", "live") as driver:
            assert "● live" in driver.screen()[0]
            await add(driver, writer, 40)
            assert driver.seq == 43
            assert driver.line_with("   43 ")


@driven
async def test_moving_up_pauses_and_tells_how_many_are_new_until_f_follows_again(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 50)
        async with driving(tmp_path / "s.db", "live") as driver:
            await driver.press("k")
            await add(driver, writer, 7)
            assert driver.seq == 49
            assert "○ live" in driver.screen()[0]
            assert "[7 new ↓]" in driver.screen()[0]
            await driver.press("f")
            assert driver.seq == 57
            assert "new ↓" not in driver.screen()[0]


@driven
async def test_the_last_line_resumes_following_and_so_does_a_click_on_the_count(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 5)
        async with driving(tmp_path / "s.db", "live") as driver:
            for resume in ("G", "click"):
                await driver.press("k", "k")
                await add(driver, writer, 3)
                if resume == "G":
                    await driver.press("G")
                else:
                    await driver.click(driver.screen()[0].index("[3 new") + 2, 0)
                assert driver.browse.table.follow
                assert driver.seq == driver.browse.table.pages.last_seq


@driven
async def test_a_filter_takes_in_what_comes_and_counts_only_that(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 4)
        async with driving(tmp_path / "s.db", "live") as driver:
            driver.browse.filter_by("method:VM.start")
            await driver.settle()
            await driver.press("k")
            await add(driver, writer, 2)
            start = exchange("VM.start")
            writer.finish(writer.begin(start), start)
            await driver.until(lambda: driver.browse.table.count() == 1)
            await driver.until(lambda: "1 of 7 calls" in driver.screen()[0])


@driven
async def test_a_call_without_its_answer_waits_and_then_has_one(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        each = exchange("event.next")
        ticket = writer.begin(asked(each))
        await add(None, writer, 1)
        async with driving(tmp_path / "s.db", "live") as driver:
            await driver.until(lambda: "… event.next" in driver.line_with("event.next"))
            writer.finish(ticket, each)
            await driver.until(lambda: "+ event.next" in driver.line_with("event.next"))


@driven
async def test_a_list_by_size_keeps_the_cursor_until_f_goes_back_to_the_order_of_the_wire(
    tmp_path: Path,
) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 6)
        async with driving(tmp_path / "s.db", "live") as driver:
            await driver.press("s", "s", "G", "g")
            await add(driver, writer, 2)
            assert driver.browse.table.cursor == 0
            await driver.press("f")
            assert driver.seq == 8


@driven
async def test_a_flood_between_two_looks_is_one_step_for_the_screen(tmp_path: Path) -> None:
    with writing(tmp_path / "s.db") as writer:
        await add(None, writer, 1)
        async with driving(tmp_path / "s.db", "live") as driver:
            await add(driver, writer, 3000)
            assert driver.seq == 3001
            await driver.press("g")
            assert driver.seq == 1


@dataclass
class FakeTap:
    """Says what a test wants it to."""

    host: str = "127.0.0.1"
    port: int = 9363
    said: list[TapEvent] = field(default_factory=list)

    def poll_events(self) -> list[TapEvent]:
        said, self.said = self.said, []
        return said


@driven
async def test_what_the_tap_says_stands_in_the_first_line_and_its_death_ends_nothing(store: Path) -> None:
    tap = FakeTap()
    async with driving(store, "example", tap=tap) as driver:
        assert "on http://127.0.0.1:9363" in driver.screen()[0]
        tap.said.append(TapEvent(kind="died", text="the tap was killed; \x1b[31mwhat it has is intact"))
        await driver.until(lambda: driver.app.tap_died)
        await driver.until(lambda: "the tap was killed; ␛[31mwhat" in driver.screen()[0])
        await driver.press("j")
        assert driver.seq == 2


@driven
async def test_the_screens_end_when_they_are_told_to(store: Path) -> None:
    ended: list[bool] = []
    async with driving(store, "example", until=lambda: bool(ended)) as driver:
        ended.append(True)
        await driver.until(lambda: driver.app._exit)


@driven
async def test_somebody_waits_for_the_screens_to_stand(store: Path) -> None:
    stood: list[bool] = []
    async with driving(store, "example", ready=lambda: stood.append(True)) as driver:
        await driver.until(lambda: stood == [True])
