"""xraytap in a stock mitmproxy: `mitmdump -s addons/xraytap_addon.py --set xraytap_store=calls.db --mode reverse:http://xenhost:9363`.

Records as `xraytap record` does; the proxy around it is mitmproxy's own. Not set here, because they are
yours: `connection_strategy=lazy`, `keep_host_header=true` and a long `tcp_timeout` (`event.next` blocks).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mitmproxy import ctx as _ctx

from xraytap.errors import XraytapError
from xraytap.protocol.redact_rules import Rules
from xraytap.store.writer import Writer
from xraytap.tap.addon import DEFAULT_MAX_BODY, Recorder

if TYPE_CHECKING:
    from mitmproxy.addonmanager import Loader

ctx: Any = _ctx
logger = logging.getLogger(__name__)


class Xraytap:
    """Options, and a recorder made from them once they are known."""

    def __init__(self) -> None:
        self.addons: list[Recorder] = []
        self._writer: Any = None

    def load(self, loader: Loader) -> None:
        """Define the options."""
        loader.add_option("xraytap_store", str, "", "Where captures live: a file; empty for the default.")
        loader.add_option("xraytap_capture", str, "", "Name of the capture; empty for one by date.")
        loader.add_option(
            "xraytap_max_body", int, DEFAULT_MAX_BODY, "Longer RPC bodies are recorded cut (bytes)."
        )
        loader.add_option("xraytap_keep_secrets", bool, False, "Store passwords too.")
        loader.add_option(
            "xraytap_redact", Sequence[str], [], "Names whose values are secret beside those known."
        )
        loader.add_option(
            "xraytap_fail_closed", bool, False, "Answer 502 rather than pass an unrecorded answer."
        )

    def running(self) -> None:
        """Open the store, start recording."""
        options = ctx.options
        try:
            redact = Rules(tuple(options.xraytap_redact)).patterns
            self._writer = Writer(
                options.xraytap_store or None, options.xraytap_capture or None, host=_host(options.mode)
            )
        except XraytapError as problem:
            logger.error(  # noqa: TRY400  a sentence for a person, no traceback
                "xraytap does NOT record: %s", problem
            )
            if options.xraytap_fail_closed:
                ctx.master.shutdown()
            return
        if options.stream_large_bodies is None:
            options.stream_large_bodies = str(options.xraytap_max_body)
        recorder = Recorder(
            self._writer,
            max_body=options.xraytap_max_body,
            keep_secrets=options.xraytap_keep_secrets,
            redact=redact,
            fail_closed=options.xraytap_fail_closed,
            warn=logger.error,
        )
        self.addons.append(recorder)
        logger.info("xraytap records into capture %s", self._writer.capture)

    def done(self) -> None:
        """Settle what is under way and close the store."""
        for recorder in self.addons:
            recorder.settle("the proxy was stopped before the answer came")
        self.addons.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _host(modes: list[str]) -> str:
    for mode in modes:
        if mode.startswith("reverse:"):
            return mode.removeprefix("reverse:")
    return ",".join(modes)


addons = [Xraytap()]
