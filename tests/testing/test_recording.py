"""A host behind a tap, for a test that is recorded: its calls as they come, and why some had no answer."""

from __future__ import annotations

import socket
import xmlrpc.client
from typing import TYPE_CHECKING

import pytest

from xraytap.errors import UsageError
from xraytap.testing.recording import RecordingHost

if TYPE_CHECKING:
    from pathlib import Path


def test_a_host_that_does_not_answer_is_told_with_its_calls(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    with RecordingHost(url, tmp_path / "some.yaml", tmp_path / "calls.db") as host:
        assert host.calls == []
        assert host.unanswered() is None
        with pytest.raises(xmlrpc.client.ProtocolError), xmlrpc.client.ServerProxy(host.url) as client:
            client.session.login_with_password("root", "s3cret")
        text = str(host.unanswered())
        assert text.startswith(f"{url} did not answer:\n  session.login_with_password: the host could not be")
        with pytest.raises(UsageError, match=r"VM\.1 is a symbol of a golden"):
            host.ref("VM.1")
    assert "s3cret" not in text
