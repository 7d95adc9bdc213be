"""A program on a terminal of our own: keys in, the screen as a person sees it out, with the time of each change."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

_CHUNK = 65_536


class Terminal:
    """Runs `command`; a context manager. `started_at` is the moment before its exec (`time.perf_counter`)."""

    def __init__(self, command: Sequence[str], *, columns: int = 120, lines: int = 30) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LINES": "",
            "COLUMNS": "",
        }
        size = struct.pack("HHHH", lines, columns, 0, 0)
        self.started_at = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(command[0], list(command), environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
            self._read(0.05)
        os.close(self._file)

    def send(self, keys: str) -> float:
        """Press keys; when."""
        at = time.perf_counter()
        os.write(self._file, keys.encode())
        return at

    def until(self, seen: Callable[[list[str]], bool], *, within_s: float = 20) -> float:
        """Wait until the lines of the screen are so; when the bytes came that made them so."""
        end = time.monotonic() + within_s
        at = time.perf_counter()
        while not seen(self.screen.display):
            if time.monotonic() > end:
                raise TimeoutError("the screen never came:\n" + "\n".join(self.screen.display))
            at = self._read(0.05) or at
        return at

    def rest(self, seconds: float) -> None:
        """Take in what the program paints meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)

    def backgrounds(self) -> list[str]:
        """The colour behind the third cell of each line."""
        return [self.screen.buffer[y][2].bg for y in range(self.screen.lines)]

    def cpu_ms(self) -> float:
        """The processor's time that all threads of the program have had: on a busy machine it tells more than
        the clock."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in threads) / 1e6

    def peak_mb(self) -> float:
        """The most memory that the program ever had, as the kernel counted."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmHWM in /proc")

    def _read(self, timeout_s: float) -> float | None:
        if not select.select([self._file], [], [], timeout_s)[0]:
            return None
        try:
            data = os.read(self._file, _CHUNK)
        except OSError:  # the program has ended
            data = b""
        at = time.perf_counter()
        if not data:
            time.sleep(min(timeout_s, 0.01))
            return None
        self._stream.feed(data)
        return at
