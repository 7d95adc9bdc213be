"""A golden as text. Written by hand, so that the text does not change with the release of a YAML library:
one short line where it fits, blocks where it does not, strings quoted where any YAML reader could take
them for something else."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from xraytap.errors import SourceError
from xraytap.protocol.golden import Join, Reply, Symbol, Symbolic
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xraytap.protocol.golden import Golden, GoldenCall

_WIDTH = 108
# YAML readers look no further than 1024 characters for the colon behind a key.
_LONG_NAME = 800
_PLAIN = re.compile(r"[^\W\d](?:[\w./@+()=-]|:(?=[\w/])| (?=[\w./@+()=]))*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_PLAIN_TEXT = re.compile(r"[0-9A-Za-z](?:[\w.+-]|:(?=\w))*", re.ASCII)
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BINARY = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]")
_LONE = re.compile("[\ud800-\udfff]")
_LONG_TEXT = 80
"""Texts longer than this are folded where the line is too long."""
# A word with the blanks behind it; a line feed ends one; a very long one is cut.
_WORDS_OF = re.compile(r"[^\s]{1,80} *\n?|\s", re.DOTALL)
_LITERAL = re.compile(r"\S(?:[^\n]*\S)?(?:\n+\S(?:[^\n]*\S)?)+\n?")


class _Typed(str):
    """A `<string>` in an answer where unmarked strings are bare."""

    __slots__ = ()


def dump_golden(golden: Golden) -> str:
    """The text of `golden`. `loads_golden` of it gives `golden` again. SourceError if a value is nested too
    deeply to be read by anybody."""
    try:
        return _dump(golden)
    except RecursionError:
        raise SourceError("a value is nested too deeply to stand in a golden; leave its call out.") from None


def _dump(golden: Golden) -> str:
    out = [f"xraytap-golden: {golden.format}", f"api: {quote(golden.api)}"]
    if golden.about:
        _entry("about:", golden.about, "", out)
    if golden.recorded:
        pairs = (f"{quote(name)}: {_header(text)}" for name, text in golden.recorded.items())
        out.append("recorded: {" + ", ".join(pairs) + "}")
    for key, names in (("redacted", golden.redacted), ("volatile", golden.volatile)):
        if names:
            listed: list[Symbolic] = [*names]
            _entry(f"{key}:", listed, "", out)
    if golden.bare_strings:
        out.append("strings: bare")
    if golden.protocol != "xmlrpc":
        out.append(f"protocol: {golden.protocol}")
    out.append("calls:" if golden.calls else "calls: []")
    for call in golden.calls:
        _call(call, out, bare=golden.bare_strings)
        if call.protocol != golden.protocol:
            out.append(f"  protocol: {call.protocol}")
        if call.elapsed_ms is not None:
            out.append(f"  ms: {_float(float(call.elapsed_ms))}")
        if call.raw is not None:
            _raw("request", call.raw.request, out)
            if call.raw.response is not None:
                _raw("response", call.raw.response, out)
    return "\n".join(out) + "\n"


def quote(text: str) -> str:
    """A string as YAML, in quotes unless nobody could take it for anything but a string."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if _LONE.search(text):  # JSON can say half a character, YAML cannot
        return "!escaped " + json.dumps(json.dumps(text))
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def flow(value: Symbolic) -> str:
    """A value on one line."""
    return _FLOW[type(value)](value)


def _dict(value: dict[Any, Any]) -> str:
    if not _keys_fit(value):
        return _struct(value)
    return "{" + ", ".join(f"{flow(name)}: {flow(each)}" for name, each in value.items()) + "}"


def _struct(value: dict[Any, Any] | Struct) -> str:
    return "!struct " + flow(_pairs(value))


def _call(call: GoldenCall, out: list[str], *, bare: bool) -> None:
    method = quote(call.method)
    start = f"{method}:"
    if len(method) > _LONG_NAME:
        out.append(f"- ? {method}")
        start = ":"
        _entry("  :", list(call.params), "", out)
    else:
        _entry(f"- {start}", list(call.params), "", out, deeper="    ")
    if call.reply is Reply.HTTP:
        out.append(f"  http: {call.http_status}")
        if call.value != "":
            _entry("body:", call.value, "  ", out)
        return
    if call.reply is Reply.FAILS and call.status != "Failure":
        out.append(f"  status: {quote(call.status)}")
    styled = bare and call.reply in (Reply.ANSWER, Reply.PLAIN, Reply.FAILS)
    _entry(f"{call.reply}:", _marked(call.value) if styled else call.value, "  ", out)
    if call.http_status != 200:
        out.append(f"  http: {call.http_status}")


def _raw(key: str, message: bytes, out: list[str]) -> None:
    """A message as a text, a line of it a line, or as base64 where it is none."""
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if not text or _BINARY.search(text):
        _entry(f"{key}:", message, "  ", out)
    else:
        out.append(f'  {key}: "\\')
        out.extend(_folded(text, "    ", lines=True))


def _entry(prefix: str, value: Symbolic, indent: str, out: list[str], deeper: str | None = None) -> None:
    """`prefix value`, on one line if it fits, else as a block."""
    below = indent + "  " if deeper is None else deeper
    start = f"{indent}{prefix}"
    line = f"{start} {flow(value)}"
    if not _has_literal(value) and (len(line) <= _WIDTH or not _can_be_block(value)):
        out.append(line)
    elif isinstance(value, list | Join):
        out.append(f"{start} !join" if isinstance(value, Join) else start)
        for each in value.parts if isinstance(value, Join) else value:
            _entry("-", each, below, out)
    elif isinstance(value, Struct) or (isinstance(value, dict) and not _keys_fit(value)):
        out.append(f"{start} !struct")
        for each in _pairs(value):
            _entry("-", each, below, out)
    elif isinstance(value, dict):
        out.append(start)
        for name, each in value.items():
            _entry(f"{flow(name)}:", each, below, out)
    elif isinstance(value, bytes):
        out.append(f"{start} !base64 |-")
        out.extend(below + each for each in wrap(b64encode(value).decode("ascii"), 76))
    else:
        text = str(value)
        tag = "!bare " if type(value) is Bare else "!string " if type(value) is _Typed else ""
        if _is_literal(text):
            out.append(f"{start} {tag}{'|' if text.endswith(chr(10)) else '|-'}")
            out.extend(below + each if each else "" for each in text.removesuffix("\n").split("\n"))
        else:
            out.append(f'{start} {tag}"\\')
            out.extend(_folded(text, below))


def _folded(text: str, indent: str, *, lines: bool = False) -> list[str]:
    """The lines of a long text in quotes that a backslash at the end of each holds together. A line ends behind
    a blank if it can: a blank at the beginning of one would be lost. With `lines` it ends behind line feeds, too.
    """
    folded: list[str] = []
    line = ""
    for word in _WORDS_OF.findall(text):
        piece = quote_text(word)[1:-1]
        if line and len(indent) + len(line) + len(piece) > _WIDTH - 1:
            folded.append(f"{indent}{line}\\")
            line = ""
        line += "\\" + piece if not line and piece[0] == " " else piece
        if lines and word[-1] == "\n":
            folded.append(f"{indent}{line}\\")
            line = ""
    folded.append(f'{indent}{line}"')
    return folded


def _marked(value: Symbolic) -> Symbolic:
    """Bare strings unmarked and the others marked."""
    if type(value) is Bare:
        return str(value)
    if type(value) is str:
        return _Typed(value)
    if isinstance(value, list):
        return [_marked(each) for each in value]
    if isinstance(value, dict):
        return {name: _marked(each) for name, each in value.items()}
    if isinstance(value, Struct):
        items: tuple[Any, ...] = tuple((name, _marked(each)) for name, each in value.items)
        return Struct(items)
    return value


def _can_be_block(value: Symbolic) -> bool:
    if isinstance(value, list | dict):
        return bool(value)
    if isinstance(value, str):
        return (len(value) > _LONG_TEXT and not _LONE.search(value)) or _is_literal(value)
    return isinstance(value, bytes | Struct | Join)


def _has_literal(value: Symbolic) -> bool:
    if isinstance(value, list):
        return any(map(_has_literal, value))
    if isinstance(value, dict):
        return any(map(_has_literal, value.values()))
    if isinstance(value, Struct):
        return any(_has_literal(each) for _, each in value.items)
    return _is_literal(value)


def _is_literal(value: Symbolic) -> bool:
    """A text of several lines that YAML's `|` gives back as it was."""
    if not isinstance(value, str) or "\n" not in value or _LONE.search(value):
        return False
    return value.replace("\n", "").isprintable() and _LITERAL.fullmatch(value) is not None


def _keys_fit(value: dict[Any, Any]) -> bool:
    texts = (name for name in value if isinstance(name, str))
    return not any(len(name) > _LONG_NAME // 6 or _LONE.search(name) for name in texts)


def _pairs(value: dict[Any, Any] | Struct) -> list[Symbolic]:
    items: Iterable[tuple[Any, Any]] = value.items if isinstance(value, Struct) else value.items()
    return [[name, each] for name, each in items]


def _tagged(tag: str, text: str) -> str:
    return f"{tag} {text if _PLAIN_TEXT.fullmatch(text) else quote_text(text)}"


def quote_text(text: str) -> str:
    """A text under a tag: always readable, in quotes."""
    quoted = quote(text)
    return quoted if quoted.startswith(('"', "!")) else f'"{quoted}"'


def _float(value: float) -> str:
    text = repr(value)
    if text[-3:] in ("inf", "nan"):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    return text if "." in text else text.replace("e", ".0e")


def _header(text: str) -> str:
    """A header's text; dates and versions stay unquoted, as the header holds nothing but texts."""
    return text if _PLAIN_TEXT.fullmatch(text) else quote(text)


_FLOW: dict[type, Callable[[Any], str]] = {
    Symbol: str,
    Join: lambda value: "!join " + flow(list(value.parts)),
    str: quote,
    Bare: lambda value: _tagged("!bare", str(value)),
    _Typed: lambda value: quote(str(value)) if _LONE.search(value) else _tagged("!string", str(value)),
    bool: lambda value: "true" if value else "false",
    type(None): lambda _value: "null",
    int: str,
    I4: lambda value: f"!i4 {int(value)}",
    I8: lambda value: f"!i8 {int(value)}",
    float: _float,
    bytes: lambda value: f'!base64 "{b64encode(value).decode("ascii")}"',
    DateTime: lambda value: _tagged("!dateTime", value.text),
    Extended: lambda value: _tagged(f"!ex:{value.tag}", value.text),
    list: lambda value: "[" + ", ".join(map(flow, value)) + "]",
    dict: _dict,
    Struct: _struct,
}
