"""What every test shares: Hypothesis draws the same examples on every run, and no machine is too slow for it.

`make explore` draws other ones, and more of them: that is for finding, the suite is for keeping.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tap.nursery import Nursery

settings.register_profile("keep", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("XRAYTAP_EXAMPLES", "keep"))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts taps of a test's own, for tests that are not about how a process starts or ends."""
    from tests.tap.nursery import Nursery

    with contextlib.closing(Nursery()) as one:
        yield one
