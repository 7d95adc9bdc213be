"""`xraytap decode`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from xraytap.cli.options import json_option
from xraytap.cli.out import EXIT_SOURCE, say
from xraytap.cli.show import tree_lines
from xraytap.errors import DecodeError, SourceError
from xraytap.protocol.describe import Node, value_node
from xraytap.protocol.envelope import read_envelope
from xraytap.protocol.http import content_decode, looks_like_http, parse_message
from xraytap.protocol.jsonform import json_line, message_to_json, refusal_to_json
from xraytap.protocol.messages import Request, Response, takes_session
from xraytap.protocol.printable import printable
from xraytap.protocol.redact_values import clean_params
from xraytap.protocol.summary import decode_bytes
from xraytap.protocol.xmlrpc_decode import DEFAULT_LIMITS


@click.command("decode", epilog="Example: xraytap decode body.xml --json")
@click.argument("file", default="-")
@click.option(
    "--keep-secrets", is_flag=True, help="Show passwords and other secrets of a request as they are."
)
@json_option
def command(file: str, keep_secrets: bool, as_json: bool) -> None:
    """Decode one XML-RPC or JSON-RPC body, or a whole HTTP message, from FILE or standard input."""
    try:
        message = decode_input(_read(file))
        if isinstance(message, Request) and not keep_secrets:
            message = replace(message, params=tuple(clean_params(message.method, list(message.params))[0]))
    except DecodeError as error:
        if as_json:
            click.echo(json_line(refusal_to_json(error)))
        else:
            say(f"undecodable at byte {error.offset}: {printable(error.reason)}")
        sys.exit(EXIT_SOURCE)
    if as_json:
        click.echo(json_line(message_to_json(message)))
        return
    for line in tree_lines([message_node(message)]):
        click.echo(line)


def decode_input(data: bytes) -> Request | Response:
    """A body, or a whole HTTP message told by its first line. Raises DecodeError."""
    if not looks_like_http(data):
        return decode_bytes(data)
    http = parse_message(data)
    body = content_decode(http.body, http.header("content-encoding"))
    return decode_bytes(body, content_type=http.header("content-type"))


def message_node(message: Request | Response) -> Node:
    """A message alone as a tree."""
    if isinstance(message, Request):
        session = takes_session(message.name)
        children = tuple(
            value_node("session" if session and index == 0 else f"param {index + 1}", each)
            for index, each in enumerate(message.params)
        )
        return Node("request", message.protocol, printable(message.method), children)
    answer = read_envelope(message)
    label = f"{answer.outcome.sign} {answer.outcome.value}"
    if answer.fault is not None:
        text = f"{answer.fault.code} {printable(answer.fault.string)}"
        return Node("response", message.protocol, label, (Node("fault", "fault", text),))
    if answer.error is not None:
        error = tuple(value_node(str(i) if i else "code", each) for i, each in enumerate(answer.error))
        return Node("response", message.protocol, label, error)
    return Node("response", message.protocol, label, (value_node("value", answer.value),))


def _read(file: str) -> bytes:
    most = DEFAULT_LIMITS.max_bytes + 1  # a device or a pipe may have no end
    if file == "-":
        return sys.stdin.buffer.read(most)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise SourceError(
            f"cannot read {printable(file)}: {error.strerror}. Give a file with a body or an HTTP message, "
            "or - for standard input."
        ) from None
