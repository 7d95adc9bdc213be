"""The fields of filter expressions: one table for the parser, for completion and for docs/filter.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    type Kind = Literal["glob", "word", "flag", "number", "time"]

OUTCOMES = tuple(each.value for each in Outcome)
PROTOCOLS = ("xmlrpc", "jsonrpc", "http", "tcp")


@dataclass(frozen=True, slots=True)
class Field:
    """`words` are all the values that a word field takes; empty for the other kinds."""

    kind: Kind
    description: str
    example: str
    words: tuple[str, ...] = ()


FIELDS: Mapping[str, Field] = {
    "method": Field("glob", "the method called", "method:VM.get_*"),
    "class": Field("glob", "what stands before the method's last dot", "class:VM"),
    "message": Field("glob", "what stands after the method's last dot", "message:start"),
    "outcome": Field("word", "how the call ended", "outcome:failure,fault", OUTCOMES),
    "error": Field("glob", "the error code of a failure or the number of a fault", "error:VM_BAD*"),
    "session": Field("glob", "the session the call was made in", "session:68e3*"),
    "ref": Field(
        "glob",
        "an object by reference, uuid or name, or a text as a whole, anywhere in parameters or answer",
        "ref:b28e*",
    ),
    "ms": Field("number", "milliseconds until the answer; also us, s, min", "ms:>500"),
    "bytes": Field("number", "bytes of both bodies together; also k M G, Ki Mi Gi", "bytes:>1M"),
    "seq": Field("number", "the call's number in its capture", "seq:10..20"),
    "after": Field("time", "began at this time or later", "after:09:30"),
    "before": Field("time", "began earlier than this time", "before:2026-11-24T09:30"),
    "client": Field("glob", "the client's address, with or without its port", "client:10.0.0.*"),
    "status": Field("number", "the HTTP status; also 4xx", "status:500"),
    "async": Field("flag", "called with Async. before the method", "async:yes"),
    "protocol": Field("word", "what was spoken", "protocol:jsonrpc", PROTOCOLS),
    "redacted": Field("flag", "a secret was replaced in it", "redacted:yes"),
    "connection": Field("number", "the number of the client's connection", "connection:3"),
}
