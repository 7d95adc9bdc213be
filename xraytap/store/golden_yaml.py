"""Text to a golden: nodes to values, of known tags only, with the line in every refusal."""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, NoReturn, cast

from xraytap.errors import SourceError
from xraytap.protocol.golden import (
    FORMAT,
    SYMBOL_KINDS,
    Golden,
    GoldenCall,
    Join,
    Raw,
    Reply,
    Symbol,
    Symbolic,
)
from xraytap.protocol.printable import printable
from xraytap.protocol.values import I4, I8, Bare, DateTime, Extended, Struct
from xraytap.store.golden_nodes import MAX_DEPTH, Node, compose

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.values import Value

    Pairs = list[tuple[Node, Node]]

_SCALARS = ("str", "int", "float", "bool", "null")
_NAME = re.compile(r"[\w.-]{1,200}")
_HEADER = (
    "xraytap-golden",
    "api",
    "about",
    "recorded",
    "redacted",
    "volatile",
    "strings",
    "protocol",
    "calls",
)
_CALL = (*Reply, "status", "body", "protocol", "ms", "request", "response")
_PROTOCOLS = ("xmlrpc", "jsonrpc")
_KNOWN = (
    " ".join(f"!{kind}" for kind in SYMBOL_KINDS)
    + " !i4 !i8 !double !dateTime !base64 !struct !join !bare !string !ex:TYPE"
)


def loads_golden(text: str, where: str = "golden") -> Golden:
    """The golden that `text` is. `where` names it in messages. Raises SourceError with the line."""
    node = compose(text, where)
    if node is None:
        raise SourceError(f"{where}: it is empty; a golden begins with 'xraytap-golden: {FORMAT}'.")
    return _Reader(where).golden(node)


class _Reader:
    """Nodes to values, with the line in every refusal."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._bare = False
        self._protocol = "xmlrpc"
        self._style: type[str] = str

    def fail(self, node: Node, found: str, expected: str) -> NoReturn:
        raise SourceError(f"{self._where}, line {node.line}: {printable(found)}; expected {expected}.")

    def golden(self, node: Node) -> Golden:
        first = f"a golden, which begins with 'xraytap-golden: {FORMAT}'"
        if node.kind != "mapping":
            self.fail(node, f"found {node.what}", first)
        found = self._keys(node.value, _HEADER)
        version = found.get("xraytap-golden")
        if version is None:
            self.fail(node, "no key 'xraytap-golden'", first)
        number = self._value(version, 0)
        if type(number) is not int or number < 1:
            self.fail(version, f"'xraytap-golden' is {version.what}", f"a format number, 1 to {FORMAT}")
        if number > FORMAT:
            raise SourceError(
                f"{self._where}: golden format {number}; this xraytap reads formats up to {FORMAT}. "
                "Use a newer xraytap, or write the golden again with this one."
            )
        for key in ("api", "calls"):
            if key not in found:
                self.fail(node, f"no key '{key}'", f"the keys {', '.join(_HEADER)}")
        self._bare = self._one_of(found, "strings", ("typed", "bare")) == "bare"
        self._protocol = self._one_of(found, "protocol", _PROTOCOLS)
        calls = self._seq(found["calls"], "a list of calls")
        return Golden(
            format=number,
            api=self._text(found["api"]),
            about=self._text(found["about"]) if "about" in found else "",
            recorded=self._texts(found["recorded"]) if "recorded" in found else {},
            redacted=self._names(found.get("redacted")),
            volatile=self._names(found.get("volatile")),
            bare_strings=self._bare,
            protocol=self._protocol,
            calls=tuple(map(self._call, calls)),
        )

    def _call(self, node: Node) -> GoldenCall:
        expected = "a call, such as '- VM.get_all: [!session s1]'"
        if node.kind != "mapping" or not node.value:
            self.fail(node, f"found {node.what}", expected)
        (name, params), *rest = node.value
        method = self._text(name)
        if not method:
            self.fail(name, "an empty method name", expected)
        arguments = tuple(self._value(each, 0) for each in self._seq(params, "the list of parameters"))
        found = self._keys(rest, _CALL)
        http = 200
        if "http" in found:
            number = self._value(found["http"], 0)
            if type(number) is not int or not 100 <= number <= 599:
                self.fail(found["http"], f"http: {found['http'].what}", "an HTTP status, 100 to 599")
            http = number
        replies = [each for each in Reply if each in found and each is not Reply.HTTP]
        if len(replies) > 1:
            self.fail(node, f"{method} has {' and '.join(replies)}", "one of them")
        if not replies and "http" not in found:
            self.fail(node, f"{method} has no answer", f"one of {', '.join(Reply)}")
        reply = replies[0] if replies else Reply.HTTP
        if "body" in found and reply is not Reply.HTTP:
            self.fail(found["body"], f"a body beside {reply}", "a body beside http alone")
        if "status" in found and reply is not Reply.FAILS:
            self.fail(found["status"], f"a status beside {reply}", "a status beside fails")
        return GoldenCall(
            method=method,
            params=arguments,
            reply=reply,
            value=self._reply_value(reply, found, method),
            status=self._text(found["status"]) if "status" in found else "Failure",
            http_status=http,
            protocol=self._one_of(found, "protocol", _PROTOCOLS) if "protocol" in found else self._protocol,
            elapsed_ms=self._milliseconds(found["ms"]) if "ms" in found else None,
            raw=self._raw(found),
        )

    def _raw(self, found: dict[str, Node]) -> Raw | None:
        messages: dict[str, bytes] = {}
        for key in ("request", "response"):
            if key in found:
                value = self._value(found[key], 0)
                if not isinstance(value, str | bytes):
                    self.fail(found[key], f"{key}: {found[key].what}", "a message, as a text or !base64")
                messages[key] = value if isinstance(value, bytes) else value.encode("utf-8")
        if "response" in messages and "request" not in messages:
            self.fail(found["response"], "a response without a request", "both, or the request alone")
        return Raw(request=messages["request"], response=messages.get("response")) if messages else None

    def _one_of(self, found: dict[str, Node], key: str, words: tuple[str, ...]) -> str:
        """The word under `key`; the first of `words` where the key is not there."""
        if key not in found:
            return words[0]
        word = self._text(found[key])
        if word not in words:
            self.fail(found[key], f"{key}: {word}", " or ".join(words))
        return word

    def _milliseconds(self, node: Node) -> float:
        number = self._value(node, 0)
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < math.inf:
            self.fail(node, f"ms: {node.what}", "a number of milliseconds, 0 or more")
        return float(number)

    def _reply_value(self, reply: Reply, found: dict[str, Node], method: str) -> Symbolic:
        if reply is Reply.HTTP:
            return self._text(found["body"]) if "body" in found else ""
        node = found[reply]
        if reply is Reply.NO_ANSWER:
            return self._text(node)
        self._style = Bare if self._bare and reply is not Reply.FAULT else str
        value = self._value(node, 0)
        self._style = str
        if reply is Reply.FAILS and not isinstance(value, list):
            self.fail(node, f"{method} fails with {node.what}", "the list of the ErrorDescription")
        if reply is Reply.FAULT and not (
            isinstance(value, list)
            and len(value) == 2
            and type(value[0]) is int
            and isinstance(value[1], str)
        ):
            self.fail(node, f"{method} has the fault {node.what}", "[code, text]")
        return value

    def _keys(self, pairs: Pairs, known: tuple[str, ...]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in pairs:
            name = self._text(key)
            if name not in known:
                self.fail(key, f"the key '{name}'", f"one of {', '.join(known)}")
            if name in found:
                self.fail(key, f"the key '{name}' a second time", "each key once")
            found[name] = value
        return found

    def _seq(self, node: Node, expected: str) -> list[Node]:
        if node.kind != "list" or node.tag != "seq":
            self.fail(node, f"found {node.what}", expected)
        return cast("list[Node]", node.value)

    def _text(self, node: Node) -> str:
        """A text of the header, or a name: whatever stands there, no type asked."""
        if node.kind == "scalar" and node.tag == "!escaped":
            return self._escaped(node)
        if node.kind != "scalar" or node.tag not in _SCALARS:
            self.fail(node, f"found {node.what}", "a text")
        return cast("str", node.value)

    def _member(self, node: Node) -> str | Symbol:
        if node.tag[1:] in SYMBOL_KINDS:
            return cast("Symbol", self._scalar(node))
        return self._text(node)

    def _texts(self, node: Node) -> dict[str, str]:
        if node.kind != "mapping":
            self.fail(node, f"found {node.what}", "names with texts, such as {from: URL, at: DATE}")
        return {self._text(name): self._text(text) for name, text in node.value}

    def _names(self, node: Node | None) -> tuple[str, ...]:
        return () if node is None else tuple(map(self._text, self._seq(node, "a list of names")))

    def _value(self, node: Node, depth: int) -> Symbolic:
        if depth > MAX_DEPTH:
            self.fail(node, "nested too deeply", f"at most {MAX_DEPTH} levels")
        tag = node.tag
        if node.kind == "list":
            if tag == "!struct":
                return self._struct(node, depth)
            if tag == "!join":
                return self._join(node)
            if tag == "seq":
                return [self._value(each, depth + 1) for each in node.value]
        elif node.kind == "mapping":
            if tag == "map":
                return self._members(node, depth)
        else:
            return self._style(node.value) if tag == "str" else self._scalar(node)
        return self.fail(node, f"the tag {tag} on {node.what}", f"one of {_KNOWN}, each on its own form")

    def _members(self, node: Node, depth: int) -> Symbolic:
        members: dict[str | Symbol, Symbolic] = {}
        for key, each in node.value:
            name = self._member(key)
            if name in members:
                self.fail(key, f"the member '{name}' a second time", "!struct [[name, value], ...]")
            members[name] = self._value(each, depth + 1)
        return members

    def _struct(self, node: Node, depth: int) -> Symbolic:
        items: list[tuple[str | Symbol, Symbolic]] = []
        for pair in node.value:
            if pair.kind != "list" or len(pair.value) != 2:
                self.fail(pair, f"found {pair.what} in a !struct", "[name, value]")
            items.append((self._member(pair.value[0]), self._value(pair.value[1], depth + 1)))
        unique = dict(items)
        if len(unique) == len(items):
            return unique
        return Struct(cast("tuple[tuple[str, Value], ...]", tuple(items)))

    def _join(self, node: Node) -> Join:
        parts: list[str | Symbol] = []
        for part in node.value:
            if part.kind != "scalar":
                self.fail(part, f"found {part.what} in a !join", "texts and symbols")
            parts.append(self._member(part))
        return Join(tuple(parts))

    def _scalar(self, node: Node) -> Symbolic:
        tag, text = node.tag, cast("str", node.value)
        if tag == "!escaped":
            return self._escaped(node)
        if tag[1:] in SYMBOL_KINDS and tag[0] == "!":
            if not _NAME.fullmatch(text):
                self.fail(node, f"the symbol {tag} '{text}'", "a name of letters, digits, '_', '.' and '-'")
            return Symbol(tag[1:], text)
        if tag.startswith("!ex:"):
            return Extended(tag[4:], text)
        maker = _MAKERS.get(tag)
        if maker is None:
            self.fail(node, f"the unknown tag {tag}", f"one of {_KNOWN}")
        try:
            return maker(text)
        except (ValueError, KeyError, Base64Error):
            self.fail(node, f"'{text[:60]}', which is no {tag.lstrip('!')}", "one")

    def _escaped(self, node: Node) -> str:
        try:
            text = json.loads(node.value)
        except (ValueError, RecursionError):
            text = None
        if not isinstance(text, str):
            self.fail(node, f"!escaped '{node.value[:60]}'", "a JSON string inside the quotes")
        return text


def _float(text: str) -> float:
    named = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "nan": math.nan}
    plain = text.lower().replace(".inf", "inf").replace(".nan", "nan")
    return named[plain] if plain in named else float(text)


_MAKERS: dict[str, Callable[[str], Symbolic]] = {
    "int": int,
    "float": _float,
    "bool": {"true": True, "false": False}.__getitem__,
    "null": lambda _text: None,
    "!string": str,
    "!bare": Bare,
    "!int": int,
    "!i4": lambda text: I4(int(text)),
    "!i8": lambda text: I8(int(text)),
    "!double": _float,
    "!boolean": {"true": True, "false": False, "1": True, "0": False}.__getitem__,
    "!dateTime": DateTime,
    "!base64": lambda text: b64decode("".join(text.split()), validate=True),
}
