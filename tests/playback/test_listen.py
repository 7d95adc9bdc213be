"""Where playback listens: what is in the way is told, and what is stale is replaced."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from xraytap.errors import PeerError, UsageError
from xraytap.playback.listen import listen_unix
from xraytap.playback.server import PlaybackServer
from xraytap.playback.tls import context_of, self_signed
from xraytap.store.golden import loads_golden

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = loads_golden("xraytap-golden: 1\napi: xend 1.0\ncalls: []\n")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short: a unix socket's path has room for a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="xen") as name:
        yield Path(name)


def test_a_socket_that_nobody_listens_on_is_replaced(folder: Path) -> None:
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with listen_unix(path) as listener, socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        assert listener.accept()[0].close() is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [("busy", "another program listens there"), ("file", "there is something else"),
     ("none/x.sock", "No such file or directory"), ("x" * 120, "more than 107 bytes")],
)  # fmt: skip
def test_a_path_that_cannot_be_had_is_told(folder: Path, name: str, reason: str) -> None:
    (folder / "file").write_text("precious")
    with listen_unix(folder / "busy"), pytest.raises(PeerError, match=reason):
        listen_unix(folder / name)
    assert (folder / "file").read_text() == "precious"


def test_a_busy_unix_socket_leaves_the_port_free(folder: Path) -> None:
    with listen_unix(folder / "busy"), socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        with pytest.raises(PeerError):
            PlaybackServer(GOLDEN, port=port, unix=folder / "busy").start()
        with socket.create_server(("127.0.0.1", port)) as again:
            assert again.getsockname()[1] == port


def test_what_makes_no_tls_server_is_told(folder: Path) -> None:
    _, certificate = self_signed()
    lone = folder / "lone.pem"
    lone.write_text(certificate)
    with pytest.raises(UsageError, match=r"lone\.pem and the key in it make no TLS server"):
        context_of(lone, None)
    with pytest.raises(UsageError, match=r"make no TLS server: .*Expected a certificate and its key"):
        context_of(lone, lone)
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        context_of(folder / "none.pem", None)


def test_certificates_are_only_made_where_they_are_wanted() -> None:
    code = "import sys, xraytap.playback.server, xraytap.playback.tls; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
