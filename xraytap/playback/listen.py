"""The sockets that a playback host listens on, and the errors that a person meets there."""

from __future__ import annotations

import errno
import os
import socket
import stat
from typing import TYPE_CHECKING

from xraytap.errors import PeerError

if TYPE_CHECKING:
    from pathlib import Path

_BACKLOG = 128
_LONGEST_PATH = 107
"""Bytes of a unix socket's path; the kernel has room for no more."""


def listen_tcp(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. PeerError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "the port is in use. Choose another; port 0 takes a free one"
        elif error.errno == errno.EACCES:
            why = "this user may not listen there. Choose a port above 1023"
        else:
            why = f"{error.strerror or error}. Choose an address of this machine, such as 127.0.0.1"
        raise PeerError(f"cannot play back on {host}:{port}: {why}.") from None


def listen_unix(path: Path) -> socket.socket:
    """A listening unix socket at `path`, for this user alone. One that nobody listens on any more is replaced.

    PeerError if it cannot be had.
    """
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise PeerError(
            f"cannot play back on the unix socket {path}: the path has more than {_LONGEST_PATH} bytes. "
            "Choose a shorter one, such as /tmp/xen.sock."
        )
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listener.bind(os.fspath(path))
        finally:
            os.umask(before)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PeerError(
            f"cannot play back on the unix socket {path}: {error.strerror or error}. "
            "Choose a path in a folder that exists and that you may write to."
        ) from None
    return listener


def _clear(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise PeerError(
            f"cannot play back on the unix socket {path}: there is something else. Choose another path."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError:
            pass
    raise PeerError(
        f"cannot play back on the unix socket {path}: another program listens there. Choose another path."
    )
