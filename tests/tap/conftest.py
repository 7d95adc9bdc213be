"""A host and a tap per module: starting a tap costs a second."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost, Tap
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def host() -> Iterator[ByteHost]:
    """A host for the module; each test gives it its `talk`."""
    with contextlib.closing(ByteHost()) as one:
        yield one


@pytest.fixture(scope="module")
def module_tap(host: ByteHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tap]:
    """A tap before the host."""
    store = tmp_path_factory.mktemp("tap") / "calls.db"
    one = Tap(TapConfig(to=host.url, store=str(store), capture="test", max_body=200_000))
    yield one
    one.process.stop()


@pytest.fixture
def tap(module_tap: Tap, host: ByteHost) -> Iterator[Tap]:
    """The module's tap; the test fails if the host's side of it did."""
    host.failures.clear()
    module_tap.process.poll_events()
    yield module_tap
    assert host.failures == []
    assert module_tap.process.poll_events() == []
