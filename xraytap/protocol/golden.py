"""What a golden is, as values: calls whose run-specific texts are symbols (docs/goldens.md).

`xraytap.protocol.symbols` makes one of decoded calls, `xraytap.store.golden` writes and reads it as text,
`xraytap.playback` answers from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from xraytap.protocol.messages import Fault, Response
from xraytap.protocol.values import Bare, DateTime, Struct, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMAT = 2
"""The newest format that this release reads, and the one that it writes (docs/goldens.md tells what each has)."""

SYMBOL_KINDS = ("ref", "uuid", "session", "task", "token", "time", "secret")


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A text that differs from run to run: `Symbol("ref", "VM.1")` is the first VM that the recording shows.

    `kind` is one of SYMBOL_KINDS. A `secret` was taken out for good; its name says which it was. A `time` is a
    date that says when the recording was made, its name the field that held it: it is another one each time.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"!{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Join:
    """A text with symbols inside, such as the path `/vm/` and a reference; `parts` in order."""

    parts: tuple[str | Symbol, ...]

    def __str__(self) -> str:
        return "".join(f"{{{each}}}" if isinstance(each, Symbol) else each for each in self.parts)


type Symbolic = Value | Symbol | Join | list[Symbolic] | dict[str, Symbolic] | dict[str | Symbol, Symbolic]
"""A wire value that may hold symbols: inside a `Struct` as well, and as names of members, since XAPI and
xend answer with maps by reference."""


class Reply(StrEnum):
    """How a recorded call was answered; the values are the keys of the file.

    ANSWER: Status Success with a Value. PLAIN: a value without an envelope. FAILS: a Status other than
    Success. FAULT: an XML-RPC fault. HTTP: an HTTP error page instead of an RPC answer. NO_ANSWER: the host
    closed the connection.
    """

    ANSWER = "answer"
    PLAIN = "plain"
    FAILS = "fails"
    FAULT = "fault"
    HTTP = "http"
    NO_ANSWER = "no-answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The two HTTP messages of a call byte for byte, head and body, but for secrets; symbols are none here.
    `response` is None where none came."""

    request: bytes
    response: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCall:
    """One call. `method` is as on the wire, `Async.` included; `params` include the session.

    `value` goes with `reply`: the value of ANSWER and PLAIN, the ErrorDescription (a list) of FAILS,
    `[code, text]` of FAULT, the page's text of HTTP, the reason (for people only) of NO_ANSWER.
    `status` is the envelope's Status where the call FAILS: `Failure`, or xend's `Error`.
    `protocol` is `xmlrpc` or `jsonrpc`: how it was recorded, and so what the types of its values mean.
    `elapsed_ms` is how long the host took; None where the recording does not keep it. `raw` is there in a
    literal golden.
    """

    method: str
    params: tuple[Symbolic, ...]
    reply: Reply = Reply.ANSWER
    value: Symbolic = None
    status: str = "Failure"
    http_status: int = 200
    protocol: str = "xmlrpc"
    elapsed_ms: float | None = None
    raw: Raw | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A whole golden. `api` names the API and its release (`xend 1.0`); `recorded` holds `from`, `at`, `with`.

    `redacted` and `volatile` are names (`Class.message` or `Class.message.param`). `bare_strings` says that
    the host writes strings without a type element, as XAPI does: so it writes Status and symbols, and the
    file marks the strings in answers that are not (`!string`) instead of those that are (`!bare`).
    `protocol` is that of the calls which say nothing else in the file.
    """

    api: str
    calls: tuple[GoldenCall, ...]
    about: str = ""
    recorded: Mapping[str, str] = field(default_factory=dict)
    redacted: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    bare_strings: bool = False
    protocol: str = "xmlrpc"
    format: int = FORMAT


def substitute(
    value: Symbolic, text: Callable[[Symbol], str], *, style: type[str] = str, protocol: str = "xmlrpc"
) -> Value:
    """`value` with each symbol replaced by its `text`. What holds no symbol is not copied needlessly.

    A symbol in the place of a value becomes a string of the `style` that the peer writes; a time in XML-RPC
    becomes a date.
    """

    def fill(value: Symbolic) -> Value:
        if isinstance(value, Symbol):
            found = text(value)
            return DateTime(found) if value.kind == "time" and protocol == "xmlrpc" else style(found)
        if isinstance(value, list):
            return [fill(each) for each in value]
        if isinstance(value, dict):
            return {_name(name, text): fill(each) for name, each in value.items()}
        if isinstance(value, Struct):
            return Struct(tuple((_name(name, text), fill(each)) for name, each in value.items))
        if isinstance(value, Join):
            return style("".join(_name(each, text) for each in value.parts))
        return value

    return fill(value)


def _name(name: str | Symbol, text: Callable[[Symbol], str]) -> str:
    return text(name) if isinstance(name, Symbol) else name


def rename(value: Symbolic, name: Callable[[Symbol], Symbol]) -> Symbolic:
    """`value` with each symbol replaced by what `name` gives."""

    def made(value: Any) -> Any:  # noqa: ANN401  a Symbolic, or a member's name
        if isinstance(value, Symbol):
            return name(value)
        if isinstance(value, list):
            return [made(each) for each in value]
        if isinstance(value, dict):
            return {made(key): made(each) for key, each in value.items()}
        if isinstance(value, Struct):
            return Struct(tuple((made(key), made(each)) for key, each in value.items))
        return Join(tuple(made(each) for each in value.parts)) if isinstance(value, Join) else value

    renamed: Symbolic = made(value)
    return renamed


def leaves(value: Symbolic) -> Iterator[Symbolic]:
    """What `value` holds that holds nothing itself, names of members included, in order."""
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, dict | Struct):
        for name, each in value.items() if isinstance(value, dict) else value.items:
            yield name
            yield from leaves(each)
    else:
        yield value


def symbols_in(value: Symbolic) -> Iterator[Symbol]:
    """The symbols in `value`, in order, with repetitions."""
    for leaf in leaves(value):
        if isinstance(leaf, Symbol):
            yield leaf
        elif isinstance(leaf, Join):
            yield from (each for each in leaf.parts if isinstance(each, Symbol))


def response_of(call: GoldenCall, text: Callable[[Symbol], str], *, bare: bool = False) -> Response | None:
    """The answer as a host gives it; None for HTTP and NO_ANSWER, which are no RPC answers."""
    if call.reply in (Reply.HTTP, Reply.NO_ANSWER):
        return None
    # What the golden does not keep the type of, Status and symbols, is in the host's style.
    style = Bare if bare else str
    value = substitute(call.value, text, style=style, protocol=call.protocol)
    if call.reply is Reply.FAULT:
        code, string = cast("list[Value]", value)
        return Response(fault=Fault(code=cast("int", code), string=str(string)))
    if call.reply is Reply.ANSWER:
        value = {"Status": style("Success"), "Value": value}
    elif call.reply is Reply.FAILS:
        value = {"Status": style(call.status), "ErrorDescription": value}
    return Response(value=value)
