"""The floors of the house, seen from outside: what an import really pulls in."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "mitmproxy",
    "textual",
    "lxml",
    "sqlite3",
    "rich",
    "yaml",
    "psutil",
    "asyncio",
    "zstandard",
    "xmlrpc",
)


def imported_by(code: str) -> set[str]:
    """The top-level names in `sys.modules` after running `code` in a fresh interpreter."""
    script = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_nothing_heavy() -> None:
    code = "from xraytap.cli.main import cli\ntry: cli(['--help'])\nexcept SystemExit: pass"
    assert imported_by(code) & set(HEAVY) == set()


@pytest.mark.parametrize(
    ("module", "unknown"),
    [
        ("xraytap.protocol.summary", {"sqlite3", "mitmproxy", "textual", "socket", "asyncio", "lxml"}),
        (
            "xraytap.protocol.xmlrpc_decode",
            {"sqlite3", "mitmproxy", "textual", "socket", "asyncio", "xmlrpc"},
        ),
        ("xraytap.protocol.redact", {"sqlite3", "mitmproxy", "textual", "socket", "asyncio", "lxml"}),
        ("xraytap.protocol.filter", {"sqlite3", "mitmproxy", "textual", "socket", "asyncio", "lxml"}),
        ("xraytap.store", {"mitmproxy", "textual", "asyncio"}),
        ("xraytap.store.writer", {"mitmproxy", "textual", "asyncio"}),
        ("xraytap.playback.server", {"mitmproxy", "textual", "xmlrpc"}),
        ("xraytap.pytest_plugin", {*HEAVY} - {"asyncio"}),  # pytest has that one itself
        ("xraytap.testing.fixture", {"mitmproxy", "textual", "xmlrpc"}),
        ("xraytap.replay.client", {"mitmproxy", "textual", "xmlrpc", "sqlite3"}),
        ("xraytap.tap.process", {"mitmproxy", "textual"}),
        ("xraytap.tui.app", {"mitmproxy", "click", "h11"}),
        ("xraytap.tap.worker", {"textual", "xmlrpc"}),
    ],
)
def test_a_room_does_not_know_what_it_may_not(module: str, unknown: set[str]) -> None:
    assert imported_by(f"import {module}") & unknown == set()


@pytest.mark.parametrize(
    "code",
    [
        "from xraytap.cli.main import cli\ntry: cli(['--help'])\nexcept SystemExit: pass",
        "from xraytap.cli.main import cli\ntry: cli(['stats', '--help'])\nexcept SystemExit: pass",
        "import xraytap.protocol.redact as redact\nredact.redact_request(b'', b'<methodCall>')",
        "import xraytap.protocol.filter as filter\nfilter.parse('class:VM ms>5')",
        "import xraytap.tap.worker",
    ],
)
def test_the_data_model_is_not_read_where_nobody_asks_for_it(code: str) -> None:
    loaded = "from xraytap.protocol.datamodel.model import load\nprint(load.cache_info().currsize)"
    script = f"{code}\n{loaded}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
