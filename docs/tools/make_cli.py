"""Writes docs/cli.md from the commands themselves; `--check` only tells whether it is in step."""

from __future__ import annotations

import sys

import click
from generated import write_or_check

from xraytap.cli.main import cli

_HEAD = """# Command line

Made from the code by `make docs`; do not edit.

stdout is data, stderr is diagnostics. Output is plain when piped and coloured on a terminal; `NO_COLOR` is heeded.
A SOURCE is the name of a capture in the store, or the path of a golden (anything with a `/`, `.yaml` or `.yml`).
`--store`, or `XRAYTAP_STORE`, names the store; the default lies in your data directory.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | differences or findings |
| 2 | usage: an option, argument or filter that makes no sense |
| 3 | a peer could not be reached, or an address not listened on |
| 4 | a capture, golden, store or message could not be read |
| 70 | a defect of xraytap itself; with `XRAYTAP_TRACEBACK=1` it shows where |
| 130 | interrupted with Ctrl-C before anything was recorded |

"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    root = click.Context(cli, info_name="xraytap")
    for name in ("", *cli.list_commands(root)):
        command = cli if not name else cli.get_command(root, name)
        if command is None:
            raise SystemExit(f"no command {name}")
        context = root if not name else click.Context(command, info_name=name, parent=root)
        context.terminal_width = context.max_content_width = 100
        title = f"xraytap {name}".strip()
        parts.append(f"## {title}\n\n```\n{command.get_help(context)}\n```\n\n")
    return "".join(parts).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check("cli.md", page()))
