"""`xraytap export`: a source as something else. Here: as a script that makes the same calls."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xraytap.cli.options import api_option, filter_option, store_option
from xraytap.errors import UsageError

_URL = "http://localhost:9363"


@click.command("export", epilog="Example: xraytap export example --as python -o example.py")
@click.argument("source")
@click.option(
    "--as",
    "form",
    type=click.Choice(["python", "curl"]),
    required=True,
    help="python: a program for the standard library; curl: a shell script.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@filter_option
@api_option
@store_option
def command(
    source: str,
    form: str,
    output: Path | None,
    force: bool,
    filter_text: str | None,
    api: str,
    store: str | None,
) -> None:
    """Write the calls of SOURCE as a script that makes them again, with variables where the recording has session
    tokens and references. It asks XRAYTAP_URL, and logs in with XRAYTAP_USER and XRAYTAP_PASSWORD."""
    from xraytap.cli.replay_source import chosen, open_recording
    from xraytap.replay.effects import Effect
    from xraytap.replay.planner import make_plan
    from xraytap.replay.script_python import as_python_script
    from xraytap.replay.script_shell import as_shell_script

    if output is not None and output.exists() and not force:
        raise UsageError(f"{output} is there already; write over it with --force.")
    write = as_python_script if form == "python" else as_shell_script
    with open_recording(source, store, api) as (recording, model):
        plan = make_plan(
            recording, model, allow=frozenset(Effect), selected=chosen(recording, filter_text, None, None)
        )
        url = recording.host if recording.host.startswith(("http://", "https://")) else _URL
        text = write(plan, recording, url.rstrip("/"))
    if output is None:
        sys.stdout.write(text)
        return
    output.write_text(text, encoding="utf-8", newline="\n")
    output.chmod(0o755 & ~_umask())


def _umask() -> int:
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask
