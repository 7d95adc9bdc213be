"""A comparison as JSON Lines (docs/json.md): an object for each call that differs, the counts at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xraytap.protocol.diff import Missing
from xraytap.protocol.diff.align import Verdict
from xraytap.protocol.golden import Join, Symbol, Symbolic
from xraytap.protocol.jsonform import json_line, value_to_json
from xraytap.protocol.values import Struct

if TYPE_CHECKING:
    from xraytap.cli.frozen import Taken
    from xraytap.protocol.diff import Change
    from xraytap.protocol.diff.align import Comparison
    from xraytap.protocol.golden import GoldenCall


def print_json(left: Taken, right: Taken, comparison: Comparison) -> None:
    """Print every call that differs, and the counts."""
    for pair in comparison.pairs:
        if pair.verdict is Verdict.SAME:
            continue
        document = {
            "verdict": pair.verdict.value,
            "left": None if pair.left is None else _call(left, pair.left),
            "right": None if pair.right is None else _call(right, pair.right),
            "params": [_change(each) for each in pair.params],
            "answer": [_change(each) for each in pair.answer],
            "outcome_differs": pair.outcome,
            "moved": pair.moved,
        }
        click.echo(json_line(document))
    counts = comparison.count()
    click.echo(json_line({"summary": {verdict.value: counts[verdict] for verdict in Verdict}}))


def symbolic_to_json(value: Symbolic) -> Any:  # noqa: ANN401  JSON
    """As `value_to_json`; a symbol is `{"$symbol": "!ref VM.1"}`, a text with symbols inside `{"$join": [...]}`.
    A struct that has symbols for names is a `$struct`."""
    if isinstance(value, Symbol):
        return {"$symbol": str(value)}
    if isinstance(value, Join):
        return {"$join": [symbolic_to_json(each) for each in value.parts]}
    if isinstance(value, list):
        return [symbolic_to_json(each) for each in value]
    if isinstance(value, dict | Struct):
        items = [*value.items()] if isinstance(value, dict) else [*value.items]
        if isinstance(value, dict) and not any(
            isinstance(name, Symbol) or name.startswith("$") for name, _ in items
        ):
            return {str(name): symbolic_to_json(each) for name, each in items}
        return {"$struct": [[symbolic_to_json(name), symbolic_to_json(each)] for name, each in items]}
    return value_to_json(value)


def _call(taken: Taken, index: int) -> dict[str, Any]:
    call: GoldenCall = taken.golden.calls[index]
    return {
        "seq": taken.seqs[index],
        "method": call.method,
        "params": [symbolic_to_json(each) for each in call.params],
        "reply": call.reply.value,
        "value": symbolic_to_json(call.value),
        "http_status": call.http_status,
    }


def _change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {"path": list(change.path), "kind": change.kind.value}
    if not isinstance(change.left, Missing):
        document["left"] = symbolic_to_json(change.left)
    if not isinstance(change.right, Missing):
        document["right"] = symbolic_to_json(change.right)
    return document
