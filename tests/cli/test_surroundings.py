"""The command in its surroundings: pipes, full devices, terminals of any width, defects of our own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from xraytap.cli import out

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

_XRAYTAP = [sys.executable, "-m", "xraytap"]


def _on_terminal(columns: int, *arguments: str) -> list[str]:
    """The lines that the command prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environment = {**os.environ, "NO_COLOR": "1"}
    environment.pop("COLUMNS", None)
    with subprocess.Popen([*_XRAYTAP, *arguments], stdout=theirs, env=environment) as child:
        os.close(theirs)
        data = b""
        try:
            while piece := os.read(ours, 65536):
                data += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        assert child.wait() == 0
    os.close(ours)
    return data.decode().splitlines()


@pytest.mark.parametrize("columns", [80, 100, 132, 200])
def test_a_line_of_a_call_fits_the_terminal(columns: int) -> None:
    lines = _on_terminal(columns, "calls", "py27-survey")
    assert len(lines) == 114
    assert max(map(len, lines)) <= columns
    assert (":" in lines[0][7:20]) == (columns >= 90)


def test_piped_lines_are_whole(run: Callable[..., Ran]) -> None:
    assert max(map(len, run("calls", "py27-survey").out.splitlines())) > 80


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    shell = f"{sys.executable} -m xraytap calls py27-survey; echo $? >&2"
    done = subprocess.run(["bash", "-c", f"({shell}) | head -1"], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stderr == "0\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")  # noqa: PTH110
def test_a_full_disk_under_stdout_is_told() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [*_XRAYTAP, "calls", "py27-survey"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment,
        )
    assert (done.returncode, done.stderr) == (4, "xraytap: the disk is full\n")


def test_a_defect_of_ours_is_a_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        out.guarded(lambda: {}["nosuch"])
    assert end.value.code == 70
    assert "a defect of xraytap, not of yours: KeyError" in capsys.readouterr().err


def test_a_mistake_far_into_a_long_filter_is_shown_in_a_window(run: Callable[..., Ran]) -> None:
    ran = run("calls", "py27-survey", "--filter", "x and " * 500 + "outcome:odd")
    line, marks = ran.err.splitlines()[1:]
    assert len(line) < 150
    assert line[marks.index("^") :].startswith("odd")


def test_decode_of_an_endless_file_ends(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    from xraytap.cli import decode
    from xraytap.protocol.xmlrpc_decode import Limits

    monkeypatch.setattr(decode, "DEFAULT_LIMITS", Limits(max_bytes=1000))
    ran = run("decode", "/dev/zero")
    assert ran.code == 4
    assert "not XML" in ran.err or "more than the limit" in ran.err
