"""The screens on a terminal of their own, as processes: keys in, text out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Self

import pyte
import pytest

from xraytap.playback.server import PlaybackServer
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

PATIENCE_S = 40


class Shell:
    """`xraytap ARGUMENTS` on a terminal of 100 x 30. Ends with the `with` block."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self.screen)
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.seen = b""
        self.child = subprocess.Popen(
            [sys.executable, "-m", "xraytap", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "LINES": "", "COLUMNS": "", **environment},
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()
        if self._ours >= 0:
            os.close(self._ours)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, shows: str) -> str:
        """Wait until the screen shows something that fits; what did."""
        end = time.monotonic() + PATIENCE_S
        while (found := re.search(shows, self.text)) is None:
            assert time.monotonic() < end, f"never {shows!r}:\n{self.text}"
            self._read()
        return found[0]

    def hang_up(self) -> None:
        """Close the terminal: no signal is sent, as it controls no process."""
        os.close(self._ours)
        self._ours = -1

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def ended(self) -> int:
        """The exit code, with all that was printed taken in."""
        end = time.monotonic() + PATIENCE_S
        while self.child.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.text}"
            self._read()
        while self._read():
            pass
        return self.child.returncode

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], 0.1)[0]:
            return False
        try:
            data = os.read(self._ours, 65_536)
        except OSError:
            return False  # the other end is closed
        self.seen += data
        self._stream.feed(data)
        return bool(data)


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def test_the_demo_opens_the_screens_and_sums_up_when_they_are_left(tmp_path: Path) -> None:
    with Shell("demo", "--store", str(tmp_path / "s.db")) as shell:
        shell.until(r"x VM\.start")
        shell.until("12 calls")
        shell.press("q")
        assert shell.ended() == 0
        shell.until(r"12 calls in 1 session over 1 connection: 11 success, 1 failure")
        shell.until("look: xraytap tui demo")


def test_record_with_screens_goes_on_when_the_tap_dies_and_says_so(tmp_path: Path) -> None:
    options = ("--listen", "127.0.0.1:0", "--capture", "mine", "--store", str(tmp_path / "s.db"))
    with (
        PlaybackServer(load_golden(shipped_capture("example-session.yaml"))) as host,
        Shell("record", "--tui", "--to", host.url, *options) as shell,
    ):
        shell.until(r"on http://127\.0\.0\.1:\d+")
        tap = next(each for each in children(shell.child.pid) if "xraytap.tap.worker" in each[1])
        os.kill(tap[0], signal.SIGKILL)
        shell.until(r"the tap \(pid \d+\) was killed by signal 9")
        shell.press("C")
        shell.until(r"mine +2\d{3}-")
        shell.press("q")
        assert shell.ended() == 3
        shell.until("no call came through")


def test_the_screens_leave_the_terminal_as_it_was_when_they_are_told_to_end(store: Path) -> None:
    with Shell("tui", "py27-survey", "--store", str(store)) as shell:
        shell.until("114 calls")
        shell.child.send_signal(signal.SIGTERM)
        assert shell.ended() == 0
        assert b"\x1b[?1049l" in shell.seen  # back from the alternate screen
        shell.until("capture py27-survey in")


def test_the_screens_end_when_their_terminal_is_closed(store: Path) -> None:
    with Shell("tui", "py27-survey", "--store", str(store)) as shell:
        shell.until("114 calls")
        shell.hang_up()
        assert shell.child.wait(PATIENCE_S) == 0


def test_a_golden_is_browsed_like_a_capture() -> None:
    with Shell("tui", str(shipped_capture("example-session.yaml"))) as shell:
        shell.until(r"x VM\.start")
        shell.press("q")
        assert shell.ended() == 0


def test_without_colours_nothing_is_coloured(store: Path) -> None:
    with Shell("tui", "py27-survey", "--store", str(store), NO_COLOR="1") as shell:
        shell.until(r"x host\.get_all_records")
        colours = {cell.fg for line in shell.screen.buffer.values() for cell in line.values()}
        assert all(len({each[:2], each[2:4], each[4:]}) == 1 for each in colours if each != "default")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("tui", "example"), 2, "needs a terminal"),
        (("record", "--to", "http://127.0.0.1:1", "--tui"), 2, "needs a terminal"),
    ],
)
def test_without_a_terminal_the_screens_say_so(
    run: Callable[..., Ran], arguments: tuple[str, ...], code: int, told: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, told in ran.err) == (code, True)


def children(pid: int) -> list[tuple[int, str]]:
    """The processes that a process has started, with their command lines."""
    import psutil

    return [(each.pid, " ".join(each.cmdline())) for each in psutil.Process(pid).children(recursive=True)]
