"""record and demo as processes: a host, the tap, a client, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from xraytap.cli.demo_client import run_example_session
from xraytap.cli.record import parse_address, parse_size
from xraytap.errors import UsageError
from xraytap.playback.server import PlaybackServer
from xraytap.protocol.filter import parse
from xraytap.shipped import shipped_capture
from xraytap.store import open_store
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ran

XRAYTAP = [sys.executable, "-m", "xraytap"]


@contextmanager
def recording(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A running `xraytap record`, the tap's URL and the capture's name."""
    child = subprocess.Popen(
        [*XRAYTAP, "record", "--listen", "127.0.0.1:0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stderr is not None
        for line in child.stderr:
            found = re.search(r"tapping \S+ on (http://\S+) -> capture (\S+)", line)
            if found:
                yield child, found[1], found[2]
                break
        child.kill()


def test_record_prints_the_calls_and_sums_up_on_ctrl_c(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with (
        PlaybackServer(load_golden(shipped_capture("example-session.yaml"))) as host,
        recording(
            "--to", host.url, "--capture", "mine", "--store", str(store), "--redact", "start_paused"
        ) as (child, url, name),
    ):
        run_example_session(url)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert name == "mine"
    lines = out.splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 13))
    assert "pwd=<redacted>" in lines[0]
    assert "x VM_BAD_POWER_STATE" in lines[10]
    assert "12 calls in 1 session over 1 connection: 11 success, 1 failure (VM_BAD_POWER_STATE)" in err
    assert "nothing lost" in err
    with open_store(store) as opened:
        assert opened.capture("mine").calls == 12
        assert opened.capture("mine").host == host.url
        (start,) = opened.calls("mine", filter=parse("method:VM.start"))
        assert start.redacted == ("VM.start.start_paused",)


def test_demo_shows_the_documented_session(tmp_path: Path) -> None:
    done = subprocess.run(
        [*XRAYTAP, "demo", "--json", "--store", str(tmp_path / "s.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    calls = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [call["method"] for call in calls][:2] == ["session.login_with_password", "VM.get_all"]
    assert len(calls) == 12
    assert calls[10]["error"][0] == "VM_BAD_POWER_STATE"
    assert calls[0]["redacted"] == ["session.login_with_password.pwd"]
    assert calls[0]["params"] == ["", "<redacted>"]
    assert "look: xraytap tui demo   freeze: xraytap golden demo -o demo.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--redact", "*"), "--redact '*' would fit every name"),
        (("--redact", "x", "--keep-secrets"), "give one of the two"),
    ],
)
def test_patterns_that_make_no_sense_are_told(
    run: Callable[..., Ran], arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    ran = run("record", "--to", "http://127.0.0.1:9", "--store", str(tmp_path / "s.db"), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_a_busy_port_is_told_with_another_to_take(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = subprocess.run(
            [*XRAYTAP, "record", "--to", "http://127.0.0.1:1", "--listen", f"127.0.0.1:{port}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "XRAYTAP_STORE": str(tmp_path / "s.db")},
        )
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}: the port is in use" in done.stderr
    assert f"--listen 127.0.0.1:{port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_is_down_leaves_a_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with recording("--to", f"http://127.0.0.1:{port}", "--store", str(tmp_path / "s.db")) as (child, url, _):
        with pytest.raises(Exception, match=r"502|[Rr]efused|closed"):
            run_example_session(url)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert "session.login_with_password" in out
    assert " - " in out
    assert "1 no-response" in err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:9363", ("127.0.0.1", 9363)),
        ("9363", ("127.0.0.1", 9363)),
        (":0", ("127.0.0.1", 0)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize("text", ["", "host:", "host:99999", "a:b", "1.2.3.4:-1"])
def test_no_addresses(text: str) -> None:
    with pytest.raises(UsageError, match="expected address:port"):
        parse_address(text)


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("64k", 65536), ("2M", 2 << 20), ("1g", 1 << 30)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "1.5M", "-1", "M"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(UsageError, match="expected a number of bytes"):
        parse_size(text)
