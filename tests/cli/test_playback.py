"""playback as a process: a host for clients, a line per call, what was missing and what was never asked for."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import xmlrpc.client
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Ran
from xraytap.cli.demo_client import run_example_session
from xraytap.cli.playable import playable
from xraytap.playback.server import PlaybackServer
from xraytap.shipped import shipped_capture
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = str(shipped_capture("example-session"))


class Playing:
    """A running `xraytap playback`: `url`, and what it left behind once `end` is called."""

    def __init__(self, child: subprocess.Popen[str], first: str) -> None:
        self._child = child
        self._first = first
        found = re.search(r" on (\S+)", first)
        assert found
        self.url = found[1]

    def end(self, number: signal.Signals = signal.SIGINT) -> Ran:
        self._child.send_signal(number)
        out, err = self._child.communicate(timeout=30)
        return Ran(self._child.returncode, out, self._first + err)


@contextmanager
def playing(*arguments: str, **environment: str) -> Iterator[Playing]:
    with subprocess.Popen(
        [sys.executable, "-m", "xraytap", "playback", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as child:
        assert child.stderr is not None
        try:
            yield Playing(child, child.stderr.readline())
        finally:
            child.kill()


def test_a_whole_session_is_printed_and_summed_up() -> None:
    with playing(EXAMPLE, "--listen", "127.0.0.1:0") as host:
        run_example_session(host.url)
        ended = host.end()
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 13))
    assert "pwd=<redacted>" in lines[0]
    assert "x VM_BAD_POWER_STATE vm=guest002" in lines[10]
    assert f"playing {EXAMPLE}, 12 calls of xend 1.0, on http://127.0.0.1:" in ended.err
    assert "12 calls in 1 session over 1 connection: 11 success, 1 failure" in ended.err
    assert "12 of 12 recorded calls asked for\n" in ended.err


def test_calls_without_a_recorded_answer_are_told_and_end_with_1() -> None:
    with playing(EXAMPLE, "--listen", "127.0.0.1:0", "--json") as host:
        with xmlrpc.client.ServerProxy(host.url) as client:
            token: Any = client.session.login_with_password("root", "s3cret")
            answer: Any = client.VM.get_name_label(token["Value"], "guest\x9b31m")
        ended = host.end(signal.SIGTERM)
    assert answer["ErrorDescription"][0] == "XRAYTAP_NO_MATCH"
    assert ended.code == 1
    calls = [json.loads(line) for line in ended.out.splitlines()]
    assert [(call["recorded"], call["method"]) for call in calls] == [
        (1, "session.login_with_password"),
        (None, "VM.get_name_label"),
    ]
    assert calls[0]["params"] == ["root", "<redacted>"]
    assert calls[1]["unmatched"].startswith(
        "nearest is recorded call 4: parameter 2 (self) is !ref VM.2 there"
    )
    assert "1 of 12 recorded calls asked for:\n    never asked for: call 2, VM.get_all\n" in ended.err
    assert "1 call had no recorded answer:\n    VM.get_name_label: nearest is recorded call 4" in ended.err
    assert "s3cret" not in ended.err + ended.out
    assert "\x9b" not in ended.err + ended.out


def test_unused_calls_end_with_1_if_asked_for() -> None:
    with playing(EXAMPLE, "--listen", "127.0.0.1:0", "--fail-unused") as host:
        assert host.end().code == 1


def test_tls_a_login_and_a_unix_socket_go_together(tmp_path: Path) -> None:
    certificate = tmp_path / "host.pem"
    unix = tmp_path / "x.sock"
    arguments = ["--listen", "127.0.0.1:0", "--unix", str(unix), "--login", "me", "--tls", "self-signed"]
    with playing(EXAMPLE, *arguments, "--tls-save", str(certificate), XRAYTAP_PASSWORD="right") as host:
        assert unix.is_socket()
        trusting = ssl.create_default_context(cafile=str(certificate))
        port = int(host.url.rpartition(":")[2])
        client = http.client.HTTPSConnection("127.0.0.1", port, context=trusting, timeout=10)
        outcomes = []
        for password in ("wrong", "right"):
            client.request(
                "POST", "/RPC2", xmlrpc.client.dumps(("me", password), "session.login_with_password")
            )
            (answer,), _ = xmlrpc.client.loads(client.getresponse().read())
            outcomes.append(answer["Status"])  # type: ignore[index,call-overload]
        client.close()
        assert outcomes == ["Failure", "Success"]
        assert host.end().code == 0
    assert not unix.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["nosuch.yaml"], 4, "cannot read the golden nosuch.yaml"),
        (["nosuch"], 4, "nosuch"),
        ([EXAMPLE, "--latency", "fast"], 2, "--latency 'fast': expected none, recorded, or a factor"),
        ([EXAMPLE, "--latency", "-1"], 2, "expected none, recorded"),
        ([EXAMPLE, "--latency", "nan"], 2, "expected none, recorded"),
        ([EXAMPLE, "--login", "me"], 2, "environment variable XRAYTAP_PASSWORD"),
        ([EXAMPLE, "--listen", "here"], 2, "--listen 'here': expected address:port"),
        ([EXAMPLE, "--tls", "self-signed", "--tls-cert", "x"], 2, "expected one of them"),
        ([EXAMPLE, "--tls-save", "x"], 2, "--tls-save goes with --tls self-signed"),
        ([EXAMPLE, "--tls-key", "x"], 2, "--tls-key needs --tls-cert"),
        ([EXAMPLE, "--unix", "x", "--tls", "self-signed"], 2, "add --listen ADDR"),
        ([EXAMPLE, "--tls-cert", "nosuch.pem"], 2, "cannot read nosuch.pem"),
        ([EXAMPLE, "--filter", "metod:x"], 2, "filter: column 1"),
        ([EXAMPLE, "--listen", "192.0.2.1:0"], 3, "cannot play back on 192.0.2.1:0"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_what_makes_no_host_is_told(
    run: Callable[..., Ran], arguments: list[str], code: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XRAYTAP_PASSWORD", raising=False)
    ran = run("playback", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err


def test_a_busy_port_is_told(run: Callable[..., Ran]) -> None:
    with PlaybackServer(load_golden(Path(EXAMPLE))) as server:
        ran = run("playback", EXAMPLE, "--listen", f"127.0.0.1:{server.port}")
    assert ran.code == 3
    assert f"cannot play back on 127.0.0.1:{server.port}: the port is in use" in ran.err


def test_a_capture_is_played_with_its_times() -> None:
    golden = playable("py27-example-session", None, None, "auto")
    assert golden.api == "xend 1.0"
    assert [call.elapsed_ms for call in golden.calls] == [1.0] * 12
    with PlaybackServer(golden) as server:
        run_example_session(server.url)
        assert server.unused() == []


def test_what_of_a_capture_cannot_be_played_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    golden = playable("raw-requests", None, None, "auto")
    assert len(golden.calls) == 3
    assert "call 9 is left out: its request is undecodable" in capsys.readouterr().err


@pytest.mark.parametrize("source", [EXAMPLE, "py27-example-session"])
def test_only_the_calls_that_match_are_played(source: str) -> None:
    golden = playable(source, None, "outcome:failure", "xapi")
    assert [call.method for call in golden.calls] == ["VM.start"]
    assert golden.api == "XAPI"
