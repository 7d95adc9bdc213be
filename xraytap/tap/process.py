"""The parent's side of a tap: start the worker process, hear what it says, stop it.

Knows nothing of mitmproxy, so that whoever starts a tap does not pay for its import.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from xraytap.errors import PeerError, SourceError, UsageError
from xraytap.tap.config import TapConfig

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["TapConfig", "TapEvent", "TapProcess"]

START_TIMEOUT_S = 60.0
_STDERR_KEPT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class TapEvent:
    """What a tap says. `kind`: `listening`, `warning`, `error`, `stopped`, or `died` where the process
    ended without being asked. `text` is for a person, `data` the event as received."""

    kind: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)


class TapProcess:
    """A running tap. Ends with `stop()`, on leaving the `with` block, or with this process."""

    def __init__(self, config: TapConfig, child: subprocess.Popen[bytes]) -> None:
        self.config = config
        self.host = config.listen_host
        self.port = config.listen_port
        self.capture = config.capture or ""
        self.pid = child.pid
        self._child = child
        self._events: queue.SimpleQueue[TapEvent] = queue.SimpleQueue()
        self._stderr = b""
        self._stopping = False
        self._errors = threading.Thread(target=self._read_errors, name="tap stderr", daemon=True)
        self._errors.start()
        self._reader = threading.Thread(target=self._read, name="tap events", daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, config: TapConfig) -> TapProcess:
        """Start a tap and wait until it listens.

        Raises `PeerError` where it cannot listen, `SourceError` where it cannot write to the store.
        """
        child = subprocess.Popen(
            [sys.executable, "-P", "-O", "-m", "xraytap.tap.worker"],  # -P: nothing from the current folder
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us; we then stop the tap in order
        )
        return cls.over(child, config)

    @classmethod
    def over(cls, child: subprocess.Popen[bytes], config: TapConfig) -> Self:
        """The tap that `child`, a worker just begun, becomes by `config`; raises as `start` does."""
        tap = cls(config, child)
        with contextlib.suppress(OSError):  # if it is already gone, its events say why
            stdin = tap._stdin()
            stdin.write(config.to_json().encode() + b"\n")
            stdin.flush()
        try:
            tap._wait_until_listening()
        except BaseException:
            tap.stop(timeout=2.0)
            raise
        return tap

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child.poll() is None

    def poll_events(self, timeout: float | None = None) -> list[TapEvent]:
        """What the tap has said since the last call; with `timeout`, waits so many seconds for the first."""
        events = []
        with contextlib.suppress(queue.Empty):
            if timeout is not None:
                events.append(self._events.get(timeout=timeout))
            while True:
                events.append(self._events.get_nowait())
        return events

    def stop(self, timeout: float = 10.0) -> TapEvent | None:
        """Let calls under way finish, settle the store, end. Returns the `stopped` event if one came."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._stdin().close()
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(2.0)
        self._errors.join(2.0)
        last = [event for event in self.poll_events() if event.kind == "stopped"]
        return last[-1] if last else None

    def kill(self) -> None:
        """End it as `kill -9` does; for tests."""
        self._stopping = True
        self._child.kill()
        self._child.wait()
        with contextlib.suppress(OSError):
            self._stdin().close()
        self._reader.join(2.0)
        self._errors.join(2.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- inside -------------------------------------------------------------------------------------

    def _stdin(self) -> Any:
        return cast("Any", self._child.stdin)

    def _read(self) -> None:
        with cast("Any", self._child.stdout) as out:
            for line in out:
                try:
                    data = json.loads(line)
                    kind = str(data.pop("event"))
                except (ValueError, KeyError, AttributeError):
                    kind, data = "warning", {"text": line.decode("utf-8", "replace").rstrip()}
                self._events.put(TapEvent(kind=kind, text=str(data.get("text", "")), data=data))
        code = self._child.wait()
        self._errors.join(2.0)
        if not self._stopping:
            self._events.put(TapEvent(kind="died", text=self._died(code), data={"exit_code": code}))

    def _read_errors(self) -> None:
        with cast("Any", self._child.stderr) as err:
            for line in err:
                self._stderr = (self._stderr + line)[-_STDERR_KEPT:]

    def _died(self, code: int) -> str:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        said = self._stderr.decode("utf-8", "replace").strip()
        last = f" Its last words: {said.splitlines()[-1]}" if said else ""
        return f"the tap (pid {self.pid}) {how}; what it has recorded is intact.{last}"

    def _wait_until_listening(self) -> None:
        early: list[TapEvent] = []
        while True:
            try:
                event = self._events.get(timeout=START_TIMEOUT_S)
            except queue.Empty:
                raise PeerError(
                    f"the tap (pid {self.pid}) does not listen after {START_TIMEOUT_S:.0f} s. Is the machine "
                    "overloaded? Try again."
                ) from None
            if event.kind == "listening":
                self.host = str(event.data["host"])
                self.port = int(event.data["port"])
                self.capture = str(event.data.get("capture") or self.capture)
                for one in early:
                    self._events.put(one)
                return
            if event.kind == "error":
                raise self._error(event)
            if event.kind == "died":
                raise PeerError(event.text)
            early.append(event)

    def _error(self, event: TapEvent) -> Exception:
        kind = event.data.get("kind")
        if kind == "port-in-use":
            host, port = self.config.listen_host, self.config.listen_port
            other = f"{host}:{port + 1 if port < 65535 else 0}"
            return PeerError(
                f"cannot listen on {host}:{port}: the port is in use{port_owner(port)}. "
                f"Choose another with --listen, e.g. --listen {other}."
            )
        if kind == "store":
            return SourceError(event.text)
        if kind == "usage":
            return UsageError(event.text)
        return PeerError(event.text)


def _environment() -> dict[str, str]:
    """Ours, with the folder that this package was imported from: it need not be installed."""
    home = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{known}" if known else home}


def port_owner(port: int) -> str:
    """` (by pid 2671, xend?)`, or nothing where the system does not tell."""
    try:
        import psutil

        for connection in psutil.net_connections(kind="tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and cast("Any", connection.laddr).port == port
                and connection.pid
            ):
                return f" (by pid {connection.pid}, {psutil.Process(connection.pid).name()}?)"
    except Exception:  # noqa: BLE001  no psutil, no permission, gone by now: the message is good without it
        return ""
    return ""
