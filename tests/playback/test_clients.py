"""Clients of today against playback: the XenAPI package over TCP, TLS and a unix socket; JSON-RPC by urllib."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
import tempfile
import threading
import urllib.request
import uuid
import xmlrpc.client
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import XenAPI

from xraytap.playback.server import PlaybackServer
from xraytap.playback.tls import self_signed
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden, loads_golden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xraytap.store.golden import Golden


@pytest.fixture
def golden() -> Golden:
    return load_golden(shipped_capture("example-session"))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """The XenAPI package writes the socket's path with `_` for `/`, so no folder may have one in its name."""
    folder = Path(tempfile.gettempdir()) / f"xen{uuid.uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run_example_session(session: Any) -> list[Any]:
    """The documented session as a user of the XenAPI package writes it."""
    session.xenapi.login_with_password("root", "any", "1.0", "xraytap tests")
    guest = session.xenapi.VM.get_all()[1]
    metrics = session.xenapi.VM.get_metrics(guest)
    seen = [
        session.xenapi.VM.get_name_label(guest),
        session.xenapi.VM.get_actions_after_reboot(guest),
        session.xenapi.VM_metrics.get_memory_actual(metrics),
        list(session.xenapi.VM_metrics.get_VCPUs_utilisation(metrics)),
        session.xenapi.VM.pause(guest),
        session.xenapi.VM.unpause(guest),
    ]
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.VM.start(guest, False)
    assert refused.value.details == ["VM_BAD_POWER_STATE", guest, "Halted", "Running"]
    session.xenapi.session.logout()
    return seen


SEEN = ["guest002", "restart", "268435456", ["0"], "", ""]


def test_the_xenapi_package_runs_the_example_session(golden: Golden) -> None:
    with PlaybackServer(golden) as server, XenAPI.Session(server.url) as session:
        assert run_example_session(session) == SEEN
        assert server.unmatched == ()
        assert [seq for seq, _ in server.unused()] == [3]  # it asks once what was asked twice


def test_the_xenapi_package_runs_it_through_tls(golden: Golden) -> None:
    context, certificate = self_signed("127.0.0.1")
    with PlaybackServer(golden, tls=context) as server:
        assert server.url.startswith("https://127.0.0.1:")
        with XenAPI.Session(server.url, ignore_ssl=True) as session:
            assert run_example_session(session) == SEEN
        trusting = ssl.create_default_context(cadata=certificate)
        client = http.client.HTTPSConnection("127.0.0.1", server.port, context=trusting, timeout=10)
        client.request("POST", "/RPC2", xmlrpc.client.dumps(("", ""), "session.login_with_password"))
        assert client.getresponse().status == 200
        client.close()


def test_the_xenapi_package_runs_it_through_a_unix_socket(golden: Golden, short_folder: Path) -> None:
    path = short_folder / "xapi.sock"
    with PlaybackServer(golden, None, unix=path) as server:
        assert path.stat().st_mode & 0o777 == 0o600
        url = "http://" + str(path).replace("/", "_")
        with XenAPI.Session(url, transport=XenAPI.UDSTransport()) as session:
            assert run_example_session(session) == SEEN
        assert server.unmatched == ()
    assert not path.exists()


def test_the_xenapi_package_logs_in_again_when_its_session_is_gone(golden: Golden) -> None:
    with PlaybackServer(golden) as server, XenAPI.Session(server.url) as session:
        session.xenapi.login_with_password("root", "any")
        session._session = "00000000-0000-0000-0000-000000000000"
        assert len(session.xenapi.VM.get_all()) == 2
        assert server.unmatched == ()


def test_a_json_client_runs_a_session_that_was_recorded_over_xml(golden: Golden) -> None:
    with PlaybackServer(golden) as server:

        def ask(method: str, *params: Any) -> Any:
            body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
            request = urllib.request.Request(
                f"{server.url}/jsonrpc", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)

        token = ask("session.login_with_password", "root", "any")["result"]
        guest = ask("VM.get_all", token)["result"][1]
        metrics = ask("VM.get_metrics", token, guest)["result"]
        assert ask("VM.get_name_label", token, guest)["result"] == "guest002"
        assert ask("VM_metrics.get_memory_actual", token, metrics)["result"] == 268435456
        refused = ask("VM.start", token, guest, False)["error"]
        assert (refused["message"], refused["data"][1:]) == ("VM_BAD_POWER_STATE", ["Halted", "Running"])
        assert ask("VM.get_nothing", token)["error"]["message"] == "XRAYTAP_NO_MATCH"
        assert len(server.unmatched) == 1


EVENTS = """xraytap-golden: 1
api: xend 1.0
calls:
- session.login_with_password: [root, !secret pwd]
  answer: !session s1
- event.next: [!session s1]
  answer: [{id: "1", class: VM, operation: mod, ref: !ref VM.1}]
  ms: 30000
- VM.get_all: [!session s1]
  answer: [!ref VM.1]
"""


def test_a_call_that_blocked_blocks_as_long_as_asked_and_holds_nobody_up() -> None:
    waiting = threading.Event()
    served = []

    def watch(call: Any) -> None:
        served.append(call)

    with PlaybackServer(loads_golden(EVENTS), pace=0.01, watch=watch) as server:

        def follow() -> None:
            with xmlrpc.client.ServerProxy(server.url) as host:
                token: Any = host.session.login_with_password("a", "b")
                waiting.set()
                host.event.next(token["Value"])

        thread = threading.Thread(target=follow)
        thread.start()
        assert waiting.wait(10)
        with xmlrpc.client.ServerProxy(server.url) as host:
            token: Any = host.session.login_with_password("a", "b")
            assert len(host.VM.get_all(token["Value"])["Value"]) == 1  # type: ignore[index,call-overload]
        thread.join(10)
    assert [call.request.method for call in served][-1] == "event.next"
    assert served[-1].elapsed_us >= 300_000


def test_without_the_recorded_pace_a_blocking_call_answers_at_once() -> None:
    served = []
    with (
        PlaybackServer(loads_golden(EVENTS), watch=served.append) as server,
        xmlrpc.client.ServerProxy(server.url) as host,
    ):
        token: Any = host.session.login_with_password("a", "b")
        host.event.next(token["Value"])
    assert served[1].elapsed_us < 10_000_000


def test_a_host_that_is_stopped_leaves_no_blocked_call_waiting() -> None:
    with PlaybackServer(loads_golden(EVENTS), pace=1.0) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        client.request("POST", "/RPC2", xmlrpc.client.dumps(("a", "b"), "session.login_with_password"))
        token: Any = xmlrpc.client.loads(client.getresponse().read())[0][0]
        client.request("POST", "/RPC2", xmlrpc.client.dumps((token["Value"],), "event.next"))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.getresponse()
    client.close()
