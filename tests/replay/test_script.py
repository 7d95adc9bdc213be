"""Sessions exported as scripts, run by their interpreters against playback hosts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cases.xapi import conversation
from tests.recorded import exchanges
from tests.replay.hosts import Tape, playback
from xraytap.replay.script_python import as_python_script
from xraytap.replay.script_shell import as_shell_script

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from xraytap.playback.server import PlaybackServer
    from xraytap.protocol.call import Exchange

FORMS = {"python": (as_python_script, [sys.executable]), "curl": (as_shell_script, ["sh"])}
SESSIONS: dict[str, Callable[[], Sequence[Exchange]]] = {
    "example": lambda: exchanges("py27-example-session"),
    "survey": lambda: exchanges("py27-survey")[:-1],
    "legacy": lambda: exchanges("py27-legacy"),
    "xapi": lambda: conversation("xmlrpc").exchanges,
    "xapi-json": lambda: conversation("jsonrpc").exchanges,
}


def run(form: str, tape: Tape, host: PlaybackServer, folder: Path) -> subprocess.CompletedProcess[str]:
    if form == "curl" and shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    write, command = FORMS[form]
    script = folder / "script"
    script.write_text(write(tape.plan(), tape, "http://xenhost.invalid"))
    environment = {"PATH": os.environ["PATH"], "XRAYTAP_PASSWORD": "p&w <'\"$x", "XRAYTAP_URL": host.url}
    return subprocess.run(
        [*command, str(script)], capture_output=True, text=True, env=environment, timeout=60, check=False
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["example", "survey", "xapi", "xapi-json"])
def test_the_script_of_a_session_asks_what_the_session_asked(form: str, name: str, tmp_path: Path) -> None:
    tape = Tape(SESSIONS[name](), name)
    followed = {each.seq for each in tape.plan().steps if each.role == "followed"}
    with playback(tape.golden()) as host:
        done = run(form, tape, host, tmp_path)
        left = {number for number, _ in host.unused()} - followed
        assert (done.stderr, done.returncode) == ("", 0)
        assert host.unmatched == ()
    assert left == set()


@pytest.mark.parametrize("form", FORMS)
def test_a_script_against_a_host_that_lacks_what_it_needs_says_so(form: str, tmp_path: Path) -> None:
    recorded = exchanges("py27-example-session")
    tape = Tape(recorded, "example")
    with playback(Tape(recorded[:1], "login only").golden()) as host:
        done = run(form, tape, host, tmp_path)
    assert done.returncode == 1
    assert "where the recording had a reference" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_no_token_or_reference_of_the_recording_is_left_in_the_script(form: str) -> None:
    tape = Tape(exchanges("py27-example-session"), "example")
    plan = tape.plan()
    text = FORMS[form][0](plan, tape, "http://xenhost")
    recorded = {*plan.sessions, *plan.issued}
    assert recorded
    assert [each for each in recorded if each in text] == []
