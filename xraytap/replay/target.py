"""Where a replay goes: the host's URL, taken apart and checked before anything is sent."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from xraytap.errors import UsageError

if TYPE_CHECKING:
    import ssl

FORMS = "http://xenhost:9363, https://xenhost or unix:///var/run/xend/xen-api.sock"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A host. `scheme`: `http https unix`. `path` is the one that the URL names, `""` for the recorded ones.

    `socket_path` goes with `unix`. `cafile` names the authorities that `https` trusts beside none other;
    `insecure` trusts any certificate, and old TLS versions.
    """

    url: str
    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    socket_path: str = ""
    cafile: str | None = None
    insecure: bool = False

    @property
    def authority(self) -> str:
        """The `Host` header: as clients write it, a unix socket by its path."""
        if self.scheme == "unix":
            return self.socket_path
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> Target:
        """The same way to another host, as a pool's member names its coordinator."""
        if self.scheme == "unix":
            raise UsageError(
                f"the host names {address} as its coordinator; a socket cannot be followed there. "
                f"Replay to http://{address}."
            )
        host = f"[{address}]" if ":" in address else address
        url = f"{self.scheme}://{host}:{self.port}"
        return replace(self, url=url, host=address)

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine, by its address or its plain name."""
        if self.scheme == "unix" or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """How TLS is spoken; None where it is not. UsageError for a `cafile` that holds no certificates."""
        if self.scheme != "https":
            return None
        import ssl

        try:
            context = ssl.create_default_context(cafile=self.cafile)
        except (OSError, ssl.SSLError) as error:
            why = error.strerror or str(error)
            raise UsageError(
                f"--cafile {self.cafile}: no certificates could be read: {why}. A PEM file is expected."
            ) from None
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            # xend's TLS is of 2009, and so are its keys.
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context


def parse_target(url: str, *, cafile: str | None = None, insecure: bool = False) -> Target:
    """The host that `url` names. UsageError for anything but http, https and unix URLs."""
    if url.startswith("unix:"):
        path = unquote(url.removeprefix("unix:"))
        path = path.removeprefix("//")
        if not path.startswith("/"):
            raise UsageError(
                f"'{url}' is no URL of a socket; the path is absolute, as in {FORMS.rsplit(maxsplit=1)[-1]}."
            )
        return Target(url=url, scheme="unix", socket_path=path)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"'{url}' is no URL: {error}. One is expected like {FORMS}.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(f"'{url}' is no URL of a host; one is expected like {FORMS}.")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "a URL with a password in it stays in the shell's history; "
            "give credentials in XRAYTAP_USER and XRAYTAP_PASSWORD."
        )
    if insecure and parts.scheme != "https":
        raise UsageError(f"--insecure is about certificates; {url} has none.")
    path = parts.path if parts.path != "/" else ""
    return Target(
        url=url,
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        path=path + (f"?{parts.query}" if parts.query else ""),
        cafile=cafile,
        insecure=insecure,
    )
