"""What every test shares: Hypothesis draws the same examples on every run, and no machine is too slow for it.

`make explore` draws other ones, and more of them: that is for finding, the suite is for keeping.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("keep", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("XRAYTAP_EXAMPLES", "keep"))
