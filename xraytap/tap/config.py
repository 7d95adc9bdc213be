"""What a tap is started with; crosses to the worker process as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from xraytap.errors import UsageError
from xraytap.protocol.redact_rules import Rules

DEFAULT_MAX_BODY = 64 * 1024 * 1024
_LONGEST_SOCKET = 107  # what fits into a sockaddr_un
_HOST = re.compile(r"[A-Za-z0-9._~%:\-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TapConfig:
    """`to`: the host's URL, `http://10.0.0.5:9363`. `listen_port` 0 lets the system choose.

    `store`: where captures live, `None` for the default. `capture`: the name wanted; the writer may choose
    a free one near it. `max_body`: bytes of an RPC body beyond which it is recorded cut.
    `insecure`: accept any certificate of an https host. `redact`: names that are secret beside those known
    (xraytap.protocol.redact_rules).
    """

    to: str
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    store: str | None = None
    capture: str | None = None
    max_body: int = DEFAULT_MAX_BODY
    keep_secrets: bool = False
    redact: tuple[str, ...] = ()
    fail_closed: bool = False
    insecure: bool = False

    def __post_init__(self) -> None:
        host_of(self.to)
        if not 0 <= self.listen_port <= 65535:
            raise UsageError(f"cannot listen on port {self.listen_port}: expected 0 (any free one) to 65535.")
        Rules(self.redact)
        if self.max_body < 0:
            raise UsageError(f"--max-body {self.max_body} is negative: expected a number of bytes.")

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> TapConfig:
        """The reverse of `to_json`."""
        made = json.loads(text)
        return cls(**{**made, "redact": tuple(made["redact"])})


def host_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of the host's URL, or `unix`, the socket's path and 0; raises `UsageError` where
    it cannot be tapped."""
    hint = "expected something like http://10.0.0.5:9363"
    if url.startswith("unix:"):
        path = url.removeprefix("unix:").removeprefix("//")
        if not path.startswith("/") or not path.isprintable() or len(path) > _LONGEST_SOCKET:
            raise UsageError(
                f"cannot tap {url!r}: expected something like unix:///var/run/xend/xen-api.sock."
            )
        return "unix", path, 0
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        raise UsageError(f"cannot tap {url!r}: {problem}; {hint}.") from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise UsageError(f"cannot tap {url!r}: the port is no number from 1 to 65535; {hint}.")
    if parts.scheme not in ("http", "https"):
        found = f"the scheme {parts.scheme!r}" if "://" in url else "no scheme"
        raise UsageError(
            f"cannot tap {url!r}: it has {found}, only http://, https:// and unix:// are known; {hint}."
        )
    if not parts.hostname:
        raise UsageError(f"cannot tap {url!r}: it names no host; {hint}.")
    if not _HOST.fullmatch(parts.hostname):
        raise UsageError(f"cannot tap {url!r}: {parts.hostname!r} is no name or address; {hint}.")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        only = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
        raise UsageError(
            f"cannot tap {url!r}: give scheme, host and port only, here {only}; the path comes from the "
            "client, and so does the login."
        )
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)
