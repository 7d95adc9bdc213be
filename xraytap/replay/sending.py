"""What the engine wants sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xraytap.protocol.messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call for the host. `path` is where the recorded call of `recorded_protocol` was posted; `safe`: it
    changes nothing; `wait_s`: pause so long before; `redirect`: the address of the host to go on with."""

    request: Request
    path: str | None = None
    recorded_protocol: str = ""
    safe: bool = False
    wait_s: float = 0.0
    redirect: str = ""
