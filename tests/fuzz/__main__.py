"""`python -m tests.fuzz [seconds] [seed]`: fuzz until the time is up; 1 and the case where an invariant broke."""

from __future__ import annotations

import random
import sys
import time
import traceback
from pathlib import Path
from tempfile import mkdtemp

from tests.fuzz.mutate import corpus, mutate
from tests.fuzz.targets import TARGETS

_SLOW_S = 2.0


def main(seconds: float, seed: int, most: int = sys.maxsize) -> int:
    """Report the first broken invariant, or how much was tried: until the time is up, or `most` bodies. An
    input that takes seconds is a broken invariant too."""
    rng = random.Random(seed)
    bodies = corpus()
    end = time.monotonic() + seconds
    tried = 0
    print(f"fuzzing {len(TARGETS)} invariants for {seconds:g} s from {len(bodies)} bodies, seed {seed}")
    while time.monotonic() < end and tried < most:
        body = mutate(rng.choice(bodies), bodies, rng)
        tried += 1
        for target in TARGETS:
            started = time.process_time()
            try:
                target(body, rng)
                took = time.process_time() - started
                broken = f"it took {took:.1f} s" if took > _SLOW_S else ""
            except Exception:
                broken = traceback.format_exc()
            if broken:
                path = Path(mkdtemp(prefix="xraytap-fuzz-")) / "body"
                path.write_bytes(body)
                print(f"BROKEN after {tried} bodies: {target.__name__}: {target.__doc__}\n{broken}")
                print(f"seed {seed}, body kept in {path}: {body[:300]!r}")
                return 1
    print(f"{tried} bodies tried, all invariants hold")
    return 0


if __name__ == "__main__":
    sys.exit(
        main(
            float(sys.argv[1]) if len(sys.argv) > 1 else 60.0,
            int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000,
        )
    )
