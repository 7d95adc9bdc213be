"""Tap processes forked from one that has imported all they need: a start costs a tenth of a second, not two.

What runs is the worker's own `main`, in a process of its own, with pipes as `TapProcess.start` makes them.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, cast

from xraytap.tap import worker
from xraytap.tap.process import TapConfig, TapProcess

_NEEDED = ("xraytap.store.writer", "xraytap.tap.addon", "xraytap.tap.calls", "xraytap.tap.proxy")


class Nursery:
    """The process to fork from. `start` does what `TapProcess.start` does."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = Lock()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-O", "-m", "tests.tap.nursery", str(other.fileno())],
                pass_fds=[other.fileno()],
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )

    def start(self, config: TapConfig) -> TapProcess:
        """A tap that listens."""
        return TapProcess.over(cast("Any", self._fork()), config)

    def _fork(self) -> _Forked:
        pipes = [os.pipe() for _ in range(3)]
        (theirs_in, ours_in), (ours_out, theirs_out), (ours_err, theirs_err) = pipes
        theirs = [theirs_in, theirs_out, theirs_err]
        with self._lock:
            socket.send_fds(self._socket, [b"."], theirs)
            pid = int(self._socket.recv(32))
        for fd in theirs:
            os.close(fd)
        return _Forked(pid, ours_in, ours_out, ours_err)

    def close(self) -> None:
        """Let no more be forked."""
        self._socket.close()
        self._process.wait()


class _Forked:
    """What `TapProcess` needs of a `subprocess.Popen`, for a process that is no child of ours."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb")
        self.stdout = os.fdopen(stdout, "rb")
        self.stderr = os.fdopen(stderr, "rb")
        self._alive = os.pidfd_open(pid)  # it waits for its configuration, so it is there

    def __del__(self) -> None:
        os.close(self._alive)

    def poll(self) -> int | None:
        """0 once it has ended, however that was."""
        return 0 if select.select([self._alive], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        """As `Popen.wait`."""
        if not select.select([self._alive], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("tap", timeout or 0.0)
        return 0

    def kill(self) -> None:
        """As `kill -9`."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._alive, signal.SIGKILL)


def main() -> None:
    """Fork for everyone who sends three descriptors, until nobody can any more."""
    for name in _NEEDED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        while True:
            data, fds, *_ = socket.recv_fds(asked, 1, 3)
            if not data:
                return
            pid = os.fork()
            if pid == 0:
                asked.close()
                _become_a_tap(fds)
            for fd in fds:
                os.close(fd)
            asked.send(str(pid).encode())


def _become_a_tap(fds: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
        os.close(fd)
    sys.stdin = os.fdopen(0, closefd=False)
    code = 1
    try:
        code = worker.main()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
