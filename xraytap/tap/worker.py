"""The tap's own process: `python -O -m xraytap.tap.worker`.

The first line on stdin is the configuration (`TapConfig.to_json`). Events go to stdout as JSON lines:
`listening` (host, port, capture), `warning` (text), `error` (kind, text), `stopped` (stats). It ends on
SIGTERM, SIGINT or when stdin ends, which is how it learns that its parent is gone. Exit codes as the
command line's: 0, 2 usage, 3 cannot listen, 4 store.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
import tempfile
import threading
from typing import Any

from xraytap.errors import PeerError, SourceError, XraytapError
from xraytap.loops import loop_factory
from xraytap.tap.config import TapConfig

_say_lock = threading.Lock()


def say(event: str, **details: object) -> None:
    """Write one event; a parent that no longer reads is no reason to fail."""
    line = json.dumps({"event": event, **details}) + "\n"
    with _say_lock, contextlib.suppress(OSError):
        os.write(1, line.encode())


class _Said(logging.Handler):
    """mitmproxy's warnings as events. The same one is said the 1st, 2nd, 4th, 8th ... time."""

    def __init__(self) -> None:
        super().__init__()
        self._times: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]!r}"
        times = self._times[text] = self._times.get(text, 0) + 1
        if len(self._times) > 1000:
            self._times.clear()
        if times & (times - 1) == 0:
            say("warning", text=text if times == 1 else f"{text} ({times} times)")


def main() -> int:
    """Run a tap until told to stop."""
    try:
        config = TapConfig.from_json(sys.stdin.readline())
    except (ValueError, TypeError, XraytapError) as problem:
        say("error", kind="usage", text=f"bad configuration on stdin: {problem}")
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="xraytap-tap-") as confdir:
            return _run(_serve(config, confdir))
    except PeerError as problem:
        say("error", kind=getattr(problem, "kind", "cannot-listen"), text=str(problem))
        return problem.exit_code
    except SourceError as problem:
        say("error", kind="store", text=str(problem))
        return problem.exit_code


def _run(coroutine: Any) -> int:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        code: int = runner.run(coroutine)
        return code


async def _serve(config: TapConfig, confdir: str) -> int:
    from xraytap.store.writer import Writer
    from xraytap.tap.addon import Recorder
    from xraytap.tap.calls import warm_up
    from xraytap.tap.proxy import TapProxy, quiet_logging

    quiet_logging(_Said())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _watch_parent(loop, stop)

    writer = Writer(config.store, config.capture, host=config.to)
    try:
        recorder = Recorder(
            writer,
            max_body=config.max_body,
            keep_secrets=config.keep_secrets,
            redact=config.redact,
            fail_closed=config.fail_closed,
            warn=lambda text: say("warning", text=text),
            forget=True,
        )
        proxy = TapProxy(config, recorder, confdir=confdir)
        host, port = await proxy.start()
        warm_up()
        # What exists by now lives until the end: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        say("listening", host=host, port=port, capture=writer.capture)
        await stop.wait()
        await proxy.stop()
    finally:
        await asyncio.to_thread(writer.close)
    say("stopped", stats={"lost": recorder.lost, "stored": recorder.stored})
    return 0


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def wait_for_end() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_end, name="parent watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
