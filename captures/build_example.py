"""Writes captures/example-session.yaml from the recording of the documented session.

python captures/build_example.py          write it
python captures/build_example.py --check  exit with 1 if the file is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "captures" / "example-session.yaml"
sys.path.insert(0, str(ROOT))

from tests.recorded import exchanges  # noqa: E402  the path must be set first
from xraytap.protocol.summary import decode_exchange, full_row  # noqa: E402
from xraytap.protocol.symbols import golden_of  # noqa: E402
from xraytap.store.golden import dump_golden  # noqa: E402


def build() -> str:
    """The text of the golden."""
    calls = [
        (full_row(exchange, capture="example-session", seq=seq), decode_exchange(exchange))
        for seq, exchange in enumerate(exchanges("py27-example-session"), 1)
    ]
    golden = golden_of(
        calls,
        api="xend 1.0",
        about="The documented example session: log in, look at a guest, pause it, start what runs already, log out",
        recorded={"from": "xend under Python 2.7", "at": "2026-11-24", "with": "xraytap 0.1.0"},
    )
    return dump_golden(golden)


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    text = build()
    if arguments == ["--check"]:
        if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} is out of step with the recording; run: python captures/build_example.py")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
