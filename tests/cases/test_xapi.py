"""The made-up XAPI conversations are what they claim: they decode, and say the same over every transport."""

from __future__ import annotations

import pytest

from tests.cases.xapi import STEPS, TRANSPORTS, conversation, redirected
from xraytap.protocol.call import Outcome


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_call_decodes_to_its_step(transport: str) -> None:
    talk = conversation(transport)
    for seq, step in enumerate(STEPS, 1):
        row = talk.row(seq)
        assert ("Async." * row.is_async + str(row.method), row.outcome) == (
            step.method,
            Outcome.FAILURE if step.error else Outcome.SUCCESS,
        )
        assert row.error_code == (step.error[0] if step.error else None)
        assert row.protocol == transport.split(maxsplit=1)[0]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_member_names_the_coordinator(transport: str) -> None:
    answer = redirected(transport).decode(1).answer
    assert answer is not None
    assert answer.error == ("HOST_IS_SLAVE", "10.0.0.2")
