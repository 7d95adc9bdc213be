"""`xraytap golden`: freeze a capture, or check a golden against a host."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.out import say
from xraytap.errors import UsageError
from xraytap.protocol.phrases import many
from xraytap.protocol.printable import printable

if TYPE_CHECKING:
    from xraytap.cli.frozen import Taken
    from xraytap.protocol.golden import Golden


@click.command(
    "golden", epilog="Example: xraytap golden example --filter 'not method:event.*' -o captures/example.yaml"
)
@click.argument("source")
@click.argument("url", required=False)
@click.option("-o", "--output", metavar="FILE", default="-", show_default=True, help="Where to; - is stdout.")
@click.option("--about", metavar="TEXT", default="", help="A sentence for the header: what the scenario is.")
@click.option(
    "--volatile",
    multiple=True,
    metavar="NAME",
    help="Call or field that differs each time, for the header (docs/diff.md, Names); repeatable. Those that "
    "the data model knows are there of themselves.",
)
@click.option("--timed", is_flag=True, help="Keep how long each call took, for playback --latency.")
@click.option(
    "--literal",
    is_flag=True,
    help="Keep both messages of each call byte for byte as well, sessions and references in them.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option(
    "--update",
    is_flag=True,
    help="Record FILE again: what is only volatile keeps the text that it has there.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: send the reading calls of the golden SOURCE to the host URL, tell what changed.",
)
@click.option(
    "--cafile", type=click.Path(exists=True, dir_okay=False), help="With --check: trust these authorities."
)
@click.option("--insecure", is_flag=True, help="With --check: accept any certificate.")
@click.option(
    "--ignore", multiple=True, metavar="NAME", help="With --check: may differ (docs/diff.md); repeatable."
)
@filter_option
@api_option
@store_option
@json_option
def command(
    source: str,
    url: str | None,
    output: str,
    about: str,
    volatile: tuple[str, ...],
    timed: bool,
    literal: bool,
    force: bool,
    update: bool,
    check: bool,
    cafile: str | None,
    insecure: bool,
    ignore: tuple[str, ...],
    filter_text: str | None,
    api: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Freeze the capture SOURCE as a golden: a text file to review and to keep beside tests (docs/goldens.md).
    Secrets are taken out, sessions and references become symbols.

    With --check SOURCE is a golden, and its reading calls are asked of the host URL again; user and password
    come from XRAYTAP_USER and XRAYTAP_PASSWORD. Exit code 1 if an answer changed, 3 if the host cannot be reached.
    """
    if check:
        from xraytap.cli.golden_check import check_golden

        if url is None:
            raise UsageError("--check needs the host's URL: xraytap golden --check FILE http://xenhost:9363")
        if output != "-":
            raise UsageError("--check writes nothing; leave -o away.")
        sys.exit(
            check_golden(
                source,
                url,
                store=store,
                filter_text=filter_text,
                api=api,
                ignore=ignore,
                cafile=cafile,
                insecure=insecure,
                as_json=as_json,
            )
        )
    if url is not None or cafile is not None or insecure or ignore or as_json:
        extra = f"'{url}'" if url is not None else "--cafile, --insecure, --ignore and --json"
        raise UsageError(f"{extra}: for --check only.")
    how = _How(
        path=None if output == "-" else Path(output),
        about=about,
        volatile=volatile,
        timed=timed,
        literal=literal,
        force=force,
        update=update,
    )
    _freeze(source, store, filter_text, api, how)


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """The options of freezing; `path` is None for stdout."""

    path: Path | None
    about: str
    volatile: tuple[str, ...]
    timed: bool
    literal: bool
    force: bool
    update: bool


def _freeze(source: str, store: str | None, filter_text: str | None, api: str, how: _How) -> None:
    from xraytap.cli.frozen import take, tell_left_out
    from xraytap.protocol.golden import FORMAT
    from xraytap.store.golden import dump_golden, save_golden

    path, old = how.path, _there(how)
    taken = take(source, store, filter_text, api, about=how.about, timed=how.timed, literal=how.literal)
    if filter_text and not taken.golden.calls:
        tell_left_out(taken)
        raise UsageError(
            f"no call of {source} that can stand in a golden matches; look with: xraytap calls {source}"
        )
    golden = replace(taken.golden, format=FORMAT)
    golden = replace(golden, about=how.about or golden.about, volatile=_union(how.volatile, golden.volatile))
    tell_left_out(taken)
    if old is not None:
        from xraytap.protocol.diff.update import updated
        from xraytap.protocol.symbols import model_of

        golden = updated(old, golden, model_of(golden.api))
    if how.literal:
        say(
            "a literal golden holds the sessions and references of its host; look at it before you give it away"
        )
    if path is None:
        click.echo(dump_golden(golden), nl=False)
    elif old is not None and dump_golden(old) == dump_golden(golden):
        say(f"{path}: nothing changed, nothing written")
        return
    else:
        save_golden(path, golden)
    say(_told(golden, taken, path))


def _there(how: _How) -> Golden | None:
    """The golden that is there to be recorded again. UsageError where something is in the way."""
    from xraytap.store.golden import load_golden

    path = how.path
    if path is not None and path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {path}/NAME.yaml.")
    if path is None or not path.exists():
        if how.update:
            raise UsageError("--update needs -o FILE, a golden that is there.")
        return None
    if how.update:
        return load_golden(path)
    if not how.force:
        raise UsageError(
            f"{path} is there already. Overwrite it with --force, or with --update, which keeps what is only "
            "volatile; or choose another name."
        )
    return None


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _told(golden: Golden, taken: Taken, path: Path | None) -> str:
    """`wrote example.yaml: 12 calls of xend 1.0, 1 session, 4 refs; taken out: session...pwd`."""
    from xraytap.protocol.golden import symbols_in

    kinds: Counter[str] = Counter()
    found = {
        symbol
        for call in golden.calls
        for value in (*call.params, call.value)
        for symbol in symbols_in(value)
    }
    for symbol in found:
        kinds[symbol.kind] += 1
    symbols = [many(kinds[kind], kind) for kind in ("session", "ref", "uuid", "task", "token") if kinds[kind]]
    parts = [f"{many(len(golden.calls), 'call')} of {printable(golden.api)}", *symbols]
    out = f"; taken out: {printable(', '.join(golden.redacted))}" if golden.redacted else ""
    return f"{f'wrote {path}' if path is not None else printable(taken.name)}: {', '.join(parts)}{out}"
