"""`xraytap diff`."""

from __future__ import annotations

import sys

import click

from xraytap.cli.options import api_option, filter_option, json_option, store_option
from xraytap.cli.out import EXIT_FINDINGS, say
from xraytap.errors import UsageError


@click.command("diff", epilog="Example: xraytap diff before after --ignore 'host.*' --side-by-side")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--unified", "form", flag_value="unified", default=True, help="What differs, call by call (the default)."
)
@click.option(
    "--side-by-side", "form", flag_value="sides", help="Every call, A on the left and B on the right."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="NAME",
    help="Does not count: a call (VM.get_record), a field (VM.memory_target), a member anywhere (uuid), a "
    "parameter (VM.start.force); * stands for any text; repeatable.",
)
@click.option(
    "--keep-volatile",
    is_flag=True,
    help="Compare what the data model and the goldens' headers call volatile, too.",
)
@filter_option
@api_option
@store_option
@json_option
def command(
    left: str,
    right: str,
    form: str,
    ignore: tuple[str, ...],
    keep_volatile: bool,
    filter_text: str | None,
    api: str,
    store: str | None,
    as_json: bool,
) -> None:
    """Compare two sources call by call: captures, or paths of goldens. Sessions, references, uuids and tokens are
    compared as symbols; what is measured or made anew each time does not count, nor does the order of sets and
    of members. The exit code is 1 if anything differs."""
    from xraytap.cli.frozen import take, tell_left_out
    from xraytap.protocol.diff.align import compare_calls
    from xraytap.protocol.diff.volatile import Rules
    from xraytap.protocol.symbols import model_of

    if as_json and form == "sides":
        raise UsageError("--json and --side-by-side contradict each other; leave one away.")
    one, other = take(left, store, filter_text, api), take(right, store, filter_text, api)
    for taken in (one, other):
        tell_left_out(taken, named=True)
    headers = () if keep_volatile else (*one.golden.volatile, *other.golden.volatile)
    model = model_of(one.golden.api)
    rules = Rules(model=model, names=(*headers, *ignore), keep_volatile=keep_volatile)
    compared = compare_calls(one.golden.calls, other.golden.calls, rules)
    if as_json:
        from xraytap.cli.diff_json import print_json

        print_json(one, other, compared)
    else:
        from xraytap.cli import diff_text

        if form == "sides":
            diff_text.side_by_side(one, other, compared, model)
        elif compared.differs:
            diff_text.unified(one, other, compared, model)
        say(diff_text.summary(one, other, compared))
    if compared.differs:
        sys.exit(EXIT_FINDINGS)
