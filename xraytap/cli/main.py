"""The command `xraytap`: names its subcommands without importing them, so that `--help` stays quick."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from xraytap import __version__
from xraytap.cli.out import close_quietly, guarded

_COMMANDS = {
    "demo": ("demo", "See the whole product in one go: host, tap and client, with nothing else installed."),
    "record": ("record", "Tap a host and record what goes through, a line per call."),
    "tui": ("tui", "Browse the calls of a capture on the whole terminal."),
    "playback": ("playback", "Be the host: answer clients from a golden or a capture."),
    "captures": ("captures", "List the captures of the store."),
    "calls": ("calls", "List the calls of a capture."),
    "show": ("show", "Show one call, decoded or raw."),
    "sessions": ("sessions", "List sessions: who logged in, what for, how each ended."),
    "tasks": ("tasks", "List Async calls with their polls, duration and end."),
    "events": ("events", "Follow the event calls: what they brought, what was lost."),
    "objects": ("objects", "List the objects that calls speak of, with uuid and name."),
    "stats": ("stats", "Times, errors and bytes per method, slowest calls, chatter."),
    "replay": ("replay", "Send a recorded session to a host, and tell what it answers differently."),
    "export": ("export", "Write a source as a script, in Python or for curl."),
    "lint": ("lint", "Find what is wrong, or will bite, in calls and answers."),
    "golden": ("golden", "Freeze a capture as a golden, or check one against a host."),
    "diff": ("diff", "Compare two captures or goldens call by call."),
    "decode": ("decode", "Decode one XML-RPC or JSON-RPC body, or a whole HTTP message."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"xraytap.cli.{_COMMANDS[name][0]}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            if sys.stdout is not None:  # closed, as by >&-
                sys.stdout.flush()
        except BrokenPipeError:  # click would make it exit code 1, which here means findings
            close_quietly()
            return None
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: xraytap record --to http://xenhost:9363 --listen 127.0.0.1:9364",
)
@click.version_option(__version__, prog_name="xraytap")
def cli() -> None:
    """See, keep and replay what goes over the wire between a client and a Xen host."""


def main() -> None:
    """The entry point. Exit codes: 0 done, 1 differences or findings, 2 usage, 3 a peer could not be
    reached, 4 a capture, golden or store could not be read, 70 a defect of ours, 130 interrupted."""
    guarded(lambda: cli(prog_name="xraytap", standalone_mode=False))
