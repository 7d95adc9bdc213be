"""A host and a tap for all: starting a tap costs more than a second."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost, Tap
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tap.nursery import Nursery


@pytest.fixture(scope="session")
def host() -> Iterator[ByteHost]:
    """A host for all; each test gives it its `talk`."""
    with contextlib.closing(ByteHost()) as one:
        yield one


@pytest.fixture(scope="session")
def session_tap(host: ByteHost, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tap]:
    """A tap before the host."""
    store = tmp_path_factory.mktemp("tap") / "calls.db"
    config = TapConfig(to=host.url, store=str(store), capture="test", max_body=200_000)
    one = Tap(config, nursery.start)
    yield one
    one.process.stop()


@pytest.fixture
def tap(session_tap: Tap, host: ByteHost) -> Iterator[Tap]:
    """The tap; the test fails if the host's side of it did."""
    host.failures.clear()
    session_tap.process.poll_events()
    yield session_tap
    assert host.failures == []
    assert session_tap.process.poll_events() == []
