"""pytest: the fixture `xen_host`, a Xen host for one test, played from a golden or recorded into one.

Loaded into every pytest run of an environment that has xraytap: it imports nothing of xraytap until a test asks
for the fixture. docs/pytest.md tells how to use it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from xraytap.testing.host import XenHost

_FIXTURE = "xraytap.testing.fixture"
MARKER = (
    "xen_golden(path, *, mode='match', unused='ignore', network=False): the golden that the fixture xen_host plays; "
    "mode match, loop or strict; unused='fail' fails the test if recorded calls were never made; network=True lets "
    "the test reach other machines."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all beginning with `--xraytap`."""
    group = parser.getgroup("xraytap", "a Xen host for tests (fixture xen_host)")
    group.addoption(
        "--xraytap-record",
        metavar="URL",
        help="Record goldens from this host, through a tap, instead of playing them.",
    )
    group.addoption(
        "--xraytap-mode",
        choices=("none", "once", "all"),
        help="none: only play goldens (the default); once: record those that are missing (the default with "
        "--xraytap-record); all: record all of them anew.",
    )
    group.addoption(
        "--xraytap-insecure", action="store_true", help="Record from an https host whatever its certificate."
    )
    parser.addini("xraytap_goldens", "Folder of the goldens, beside each test module.", default="goldens")


def pytest_configure(config: pytest.Config) -> None:
    """The marker; and if goldens are recorded, a list of them at the end."""
    config.addinivalue_line("markers", MARKER)
    if config.getoption("xraytap_record") or config.getoption("xraytap_mode") in ("once", "all"):
        config.pluginmanager.register(_Recorded(), "xraytap-recorded")


@pytest.fixture
def xen_host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[XenHost]:
    """A Xen host for this test alone, played from its golden: `.url` for the client, `.calls`,
    `.assert_called("VM.start", start_paused=False)`, `.assert_not_called("*.destroy")`."""
    from xraytap.testing.fixture import serve

    yield from serve(request, tmp_path_factory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """A client that fails in a fixture shows why, too."""
    try:
        return (yield)
    except BaseException:
        if _FIXTURE in sys.modules:
            import_module(_FIXTURE).add_reasons(item, "setup")
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test fails with its calls that had no recorded answer."""
    try:
        result = yield
    except BaseException:
        if _FIXTURE in sys.modules:
            import_module(_FIXTURE).add_reasons(item, "call")
        raise
    if _FIXTURE in sys.modules:  # a test has asked for the fixture, perhaps this one
        import_module(_FIXTURE).verify(item)
    return result


class _Recorded:
    """Collects what was recorded, on the controller of pytest-xdist as well, and lists it at the end."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self._told += [str(text) for name, text in report.user_properties if name == "xraytap"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._told:
            terminalreporter.section("goldens recorded by xraytap")
            for text in self._told:
                terminalreporter.line(text)
