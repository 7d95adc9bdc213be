"""The `Status` / `Value` / `ErrorDescription` struct around an answer, and what it says of the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xraytap.protocol.call import Outcome
from xraytap.protocol.values import members

if TYPE_CHECKING:
    from xraytap.protocol.messages import Fault, Response
    from xraytap.protocol.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a response means.

    `value` is the content of `Value` (of the whole answer where there is no envelope: legacy `xend.*`,
    `system.*`). `error` is the whole ErrorDescription of a failure. `enveloped` tells the two kinds apart.
    `status` is `Success`, `Failure`, or xend's third one, `Error` (its calls that were never written).
    """

    outcome: Outcome
    value: Value = None
    error: tuple[Value, ...] | None = None
    fault: Fault | None = None
    enveloped: bool = False
    status: str | None = None


def read_envelope(response: Response) -> Answer:
    """The answer in `response`.

    A struct is an envelope only if it has Status and the member that belongs to it: a legacy answer may
    well be a struct with a member of that name.
    """
    if response.fault is not None:
        return Answer(outcome=Outcome.FAULT, fault=response.fault)
    if response.error is not None:
        return Answer(
            outcome=Outcome.FAILURE,
            value=response.value,
            error=response.error,
            enveloped=True,
            status="Failure",
        )
    parts = members(response.value)
    if parts is None:
        return Answer(outcome=Outcome.SUCCESS, value=response.value)
    found = dict(reversed(parts))  # of a repeated member the first counts, as in the scan
    status = found.get("Status")
    if status == "Success" and "Value" in found:
        return Answer(outcome=Outcome.SUCCESS, value=found["Value"], enveloped=True, status="Success")
    if isinstance(status, str) and status != "Success":
        description = found.get("ErrorDescription")
        if isinstance(description, list):
            return Answer(
                outcome=Outcome.FAILURE, error=tuple(description), enveloped=True, status=str(status)
            )
    return Answer(outcome=Outcome.SUCCESS, value=response.value)
