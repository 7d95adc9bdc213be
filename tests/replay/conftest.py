"""A host on a raw socket for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tap.peers import ByteHost

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def host() -> Iterator[ByteHost]:
    """A host that a test gives its `talk`; the test fails if the host's side of it did."""
    made = ByteHost()
    yield made
    made.close()
    assert made.failures == []
