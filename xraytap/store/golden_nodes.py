"""YAML text to nodes that know their line. PyYAML scans the text; everything above its events is done here:
its own composer recurses in C, so that a file of brackets would end the process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from xraytap.errors import SourceError
from xraytap.protocol.printable import printable

MAX_DEPTH = 200
"""Values within values; as deep as the decoder goes."""
_DEEPEST = 2 * MAX_DEPTH + 6  # a !struct takes two lists a level; the call and its list lie around a value

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONG = "tag:yaml.org,2002:"
# YAML 1.2's plain scalars: `yes` and `010` are what they look like, and dates are texts.
_PLAIN = re.compile(
    r"(?P<int>[-+]?[0-9]+)|(?P<float>[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.inf)|\.nan)"
    r"|(?P<bool>true|false)|(?P<null>null|~|)",
    re.ASCII,
)


@dataclass(slots=True)
class Node:
    """`tag` is `str int float bool null` on a scalar (`value` its text), `seq` on a list (of Nodes), `map` on a
    mapping (of pairs), or the tag as written, with its `!`. `kind` is `scalar`, `list` or `mapping`."""

    kind: str
    tag: str
    value: Any
    line: int

    @property
    def what(self) -> str:
        """What stands there, in a few words."""
        if self.kind == "scalar":
            return f"'{self.value[:40]}...'" if len(self.value) > 40 else f"'{self.value}'"
        return f"a {self.kind}" if self.value else f"an empty {self.kind}"


def compose(text: str, where: str) -> Node | None:
    """The one document in `text`; None if there is none. Raises SourceError with `where` and the line."""
    try:
        loader = _Loader(text)
        try:
            return _document(loader, where)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = "" if mark is None else f", line {mark.line + 1}"
        raise SourceError(f"{where}{at}: this is no YAML: {printable(str(error.problem))}.") from None
    except (yaml.YAMLError, UnicodeError) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"{where}: this is no YAML: {printable(reason)}.") from None


def _document(loader: Any, where: str) -> Node | None:  # noqa: ANN401  one of PyYAML's loaders
    top: list[Node] = []
    levels = [top]
    while loader.check_event():
        event = loader.get_event()
        kind = type(event)
        if kind is yaml.ScalarEvent:
            levels[-1].append(_scalar(event))
        elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
            if len(levels) > _DEEPEST:
                raise _refusal(where, event, f"nested too deeply; at most {MAX_DEPTH} levels")
            name, tag = ("list", "seq") if kind is yaml.SequenceStartEvent else ("mapping", "map")
            node = Node(name, _short(event.tag) or tag, [], event.start_mark.line + 1)
            levels[-1].append(node)
            levels.append(node.value)
        elif kind is yaml.SequenceEndEvent:
            levels.pop()
        elif kind is yaml.MappingEndEvent:
            flat = levels.pop()
            levels[-1][-1].value = list(zip(flat[::2], flat[1::2], strict=True))
        if getattr(event, "anchor", None) is not None:
            raise _refusal(
                where,
                event,
                "an anchor or alias (& or *); a golden has none: write the value out, or put a text that "
                "begins with & or * in quotes",
            )
        if len(top) > 1:
            raise _refusal(where, event, "this is no YAML: a second document begins; a golden is one")
    return top[0] if top else None


def _scalar(event: Any) -> Node:  # noqa: ANN401  an event
    tag, text = event.tag, event.value
    if tag is None or tag == "!":
        tag = "str"
        if event.implicit[0]:
            found = _PLAIN.fullmatch(text)
            if found is not None:
                tag = found.lastgroup or "str"
    else:
        tag = _short(tag)
    return Node("scalar", tag, text, event.start_mark.line + 1)


def _short(tag: str | None) -> str | None:
    return tag.removeprefix(_LONG) if tag is not None and tag != "!" else None


def _refusal(where: str, event: Any, reason: str) -> SourceError:  # noqa: ANN401  an event
    return SourceError(f"{where}, line {event.start_mark.line + 1}: {reason}.")
