"""The shipped script, loaded by a real mitmdump."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.tap.peers import ByteHost, Peer, ok, post
from xraytap.protocol.call import Outcome
from xraytap.store import open_store

ROOT = Path(__file__).parent.parent.parent


def _wait_for_port(port: int, child: subprocess.Popen[bytes]) -> None:
    patience = threading.Event()
    for _ in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert child.poll() is None
        patience.wait(0.05)
    raise TimeoutError("mitmdump does not listen")


def test_a_stock_mitmdump_records_calls(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def talk(peer: Peer) -> None:
        while peer.message():
            peer.send(ok())

    with contextlib.closing(ByteHost()) as host:
        host.talk = talk
        store = tmp_path / "calls.db"
        settings = {
            "xraytap_store": str(store),
            "xraytap_capture": "stock",
            "confdir": str(tmp_path / "conf"),
            "connection_strategy": "lazy",
            "keep_host_header": "true",
            "xraytap_redact": "VM.get_all.session*",
        }
        command = [
            str(Path(sys.executable).parent / "mitmdump"),
            "-s",
            str(ROOT / "addons" / "xraytap_addon.py"),
        ]
        command += ["--mode", f"reverse:{host.url}", "--listen-host", "127.0.0.1", "-p", str(port)]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT) as child:
            try:
                _wait_for_port(port, child)
                peer = Peer(socket.create_connection(("127.0.0.1", port), 10))
                for _ in range(3):
                    peer.send(post())
                    assert ok() == peer.message()
                peer.close()
            finally:
                child.send_signal(signal.SIGINT)
                said = child.communicate(timeout=20)[0].decode()
    assert "Traceback" not in said
    with open_store(store) as opened:
        rows = list(opened.calls("stock"))
    assert [(row.method, row.outcome) for row in rows] == [("VM.get_all", Outcome.SUCCESS)] * 3
    assert {(row.session, *row.redacted) for row in rows} == {("<redacted>", "VM.get_all.session")}
