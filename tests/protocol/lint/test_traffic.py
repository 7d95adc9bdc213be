"""What lint says of recorded and made-up traffic: each line was read and is true, and nothing else is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.xapi import TRANSPORTS, conversation, redirected
from tests.protocol.lint.test_rules import lint
from tests.recorded import EVERY, FOLDERS, exchanges
from tests.talk import Talk
from xraytap.errors import UsageError
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.datamodel import APIS, load
from xraytap.protocol.lint import RULES, Linter, choose, find_rule, lint_call
from xraytap.protocol.lint import memory as memory_module
from xraytap.protocol.lint.rule import Needs
from xraytap.protocol.summary import full_row

if TYPE_CHECKING:
    from xraytap.protocol.lint import Finding
    from xraytap.protocol.values import Value

REF = "00000001-216f-fa85-9cae-615e954dbbe7"
RECORDED: dict[str, list[tuple[int, str, str]]] = {
    "http10-example-session": [],
    "py27-example-session": [],
    "py27-unix-socket": [],
    "py27-legacy": [(11, "unknown-method", "error")],
    "py27-survey": [
        (10, "host-deviation", "note"),  # records of VIFs that the stand-in hypervisor lacks: nil
        (10, "host-deviation", "note"),
        (13, "host-deviation", "note"),  # SR.get_all: a struct
        (22, "host-deviation", "note"),
        (22, "host-deviation", "note"),
        (32, "unknown-method", "error"),
        *((seq, "unimplemented", "warning") for seq in (44, 53, 55, 72, 81, 83)),
        (106, "wrong-arity", "error"),
        (1, "session-leak", "warning"),
    ],
    "py3-xenapi": [
        (1, "wrong-arity", "error"),
        (12, "wrong-arity", "error"),
        (13, "unknown-method", "error"),
        (14, "unknown-method", "error"),
    ],
    "raw-requests": [
        (1, "unknown-session", "error"),
        (2, "unknown-session", "error"),
        *((seq, "undecodable", "error") for seq in (3, 4, 5)),
        (6, "http-method", "warning"),
        *((seq, "undecodable", "error") for seq in (7, 9)),
    ],
}
XAPI = [
    (34, "unknown-method", "error"),
    (35, "wrong-arity", "error"),
    (36, "deprecated", "warning"),
    (37, "deprecated", "warning"),
    (38, "deprecated", "warning"),
    (40, "use-after-logout", "error"),
]


def told(found: list[Finding]) -> list[tuple[int, str, str]]:
    return [(each.seq, each.rule, each.severity.value) for each in found]


def recorded(folder: str) -> Talk:
    talk = Talk()
    talk.exchanges = exchanges(folder)
    return talk


@pytest.mark.parametrize("folder", FOLDERS)
def test_recorded_traffic_of_xend_gives_the_findings_that_are_true(folder: str) -> None:
    assert told(lint(recorded(folder), "xend")) == RECORDED[folder]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_xapi_gives_the_same_findings_over_every_transport(transport: str) -> None:
    more = [(42, "use-after-logout", "error")] if transport == "xmlrpc" else []
    assert told(lint(conversation(transport), "xapi")) == XAPI + more
    assert lint(redirected(transport), "xapi") == []


def test_a_finding_says_what_was_found_what_is_due_and_where() -> None:
    found = {each.seq: each for each in lint(recorded("py3-xenapi"), "xend")}
    assert (found[12].where, found[12].message) == (
        "parameters",
        "4 parameters where 3 are due (session, vm, start_paused)",
    )
    assert (
        found[14].message
        == "xend has no pool.get_all; it is a call of XAPI, and this host is read as xend (--api)"
    )


@pytest.mark.parametrize("url", ["https://xenhost", "http://127.0.0.1:9363", "http://localhost", ""])
def test_a_password_is_no_secret_in_clear_where_nobody_can_listen(url: str) -> None:
    assert "secret-in-clear" not in {
        each.rule for each in lint(recorded("py27-example-session"), "xend", url)
    }


def test_a_secret_in_clear_is_told_once_for_each_call() -> None:
    talk = recorded("py3-xenapi")
    rules = [each for each in lint(talk, "xend", "http://xenhost:9363") if each.rule == "secret-in-clear"]
    assert [(each.seq, each.message) for each in rules] == [(1, "pwd in clear to http://xenhost:9363")]


def test_one_call_by_itself_is_told_what_needs_no_other_call() -> None:
    alone = {each.id for each in RULES if each.needs is Needs.CALL}
    for folder in FOLDERS:
        talk = recorded(folder)
        for seq, exchange in enumerate(talk.exchanges, 1):
            expected = [each for each in RECORDED[folder] if each[0] == seq and each[1] in alone]
            assert told(lint_call(talk.row(seq), exchange, load("xend"))) == expected


def test_rules_are_chosen_by_name_and_pattern() -> None:
    assert choose() == list(RULES)
    assert [each.id for each in choose(["json-*"], ["json-id", "json-shape"])] == [
        "json-batch",
        "json-version",
        "json-id-mismatch",
    ]
    assert find_rule("fault").id == "fault"
    with pytest.raises(UsageError, match=r"no lint rule 'sesion-leak'. Nearest: session-leak"):
        choose(disable=["sesion-leak"])


def test_what_falls_out_of_memory_is_never_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [f"{number:08x}-216f-fa85-9cae-615e954dbbe7" for number in range(40)]
    talk = Talk()
    talk.login("A")
    talk.call("VM.get_all", "A", value=list(refs))
    talk.login("B")
    for ref in refs:
        talk.call("VM.get_power_state", "B", ref, value="Halted")
    talk.call("session.logout", "A")
    talk.call("session.logout", "B")
    assert {each.rule for each in lint(talk, "xend")} == {"ref-across-sessions"}
    assert len(lint(talk, "xend")) == 40
    monkeypatch.setattr(memory_module, "REFS_KEPT", 10)
    linter = Linter(load("xend"))
    found = [
        each for seq, exchange in enumerate(talk.exchanges, 1) for each in linter.add(talk.row(seq), exchange)
    ]
    assert len(linter._memory.refs) == 10
    assert len(found) == 10


def test_of_a_reference_that_many_sessions_got_nothing_is_said() -> None:
    talk = Talk()
    for number in range(12):
        talk.login(f"S{number}")
        talk.call("VM.get_all", f"S{number}", value=[REF])
        talk.call("session.logout", f"S{number}")
    talk.login("last")
    talk.call("VM.get_power_state", "last", REF, value="Halted")
    talk.call("session.logout", "last")
    assert lint(talk, "xend") == []


def test_an_empty_capture_has_no_findings() -> None:
    assert Linter(load("xend")).finish() == []


BROKEN = st.tuples(st.integers(0, len(EVERY) - 1), st.integers(0, 400), st.binary(max_size=12), st.booleans())


@given(BROKEN, st.sampled_from(APIS))
def test_whatever_the_bytes_lint_only_finds(broken: tuple[int, int, bytes, bool], api: str) -> None:
    index, at, junk, in_head = broken
    exchange = EVERY[index][2]

    def spoilt(message: Message) -> Message:
        head, body = message.head, message.body
        if in_head:
            return Message(head=head[:at] + junk + head[at:], body=body, size=len(body))
        return Message(head=head, body=body[:at] + junk + body[at + len(junk) :], size=message.size)

    mixed = Exchange(
        started_at_us=1,
        elapsed_us=1,
        client="127.0.0.1:1",
        connection=1,
        request=spoilt(exchange.request),
        response=None if exchange.response is None else spoilt(exchange.response),
    )
    row = full_row(mixed, capture="x", seq=1)
    for finding in Linter(load(api), host="http://x").add(row, mixed):
        assert finding.message
        assert len(finding.message) <= 400


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ((["*"], "", 30.0), []),
        ((["*"], "", 30), []),
        ((["*"], "", "30"), []),
        ((["*"], "", "soon"), ["param-type"]),
        ((["*"], "", True), ["param-type"]),
    ],
)
def test_what_xapi_is_known_to_read_is_no_finding(params: tuple[Value, ...], expected: list[str]) -> None:
    talk = Talk()
    talk.login("S")
    talk.refused("event.from", "S", *params, error=["INTERNAL_ERROR", "x"])
    talk.call("session.logout", "S")
    assert [each.rule for each in lint(talk, "xapi")] == expected


def test_what_the_host_took_all_the_same_is_milder() -> None:
    talk = Talk()
    talk.login("S")
    talk.call("VM.start", "S", "vm", "yes")
    talk.refused("VM.start", "S", "vm", "yes", error=["INTERNAL_ERROR", "x"])
    talk.call("session.logout", "S")
    assert told(lint(talk, "xend")) == [(2, "param-type", "warning"), (3, "param-type", "error")]


def two_sessions() -> Talk:
    """Of which the first was given a reference that the second uses at last; to be told something in between."""
    talk = Talk()
    talk.login("A")
    talk.call("VM.get_all", "A", value=[REF])
    talk.call("session.logout", "A")
    talk.login("B")
    return talk


def used(talk: Talk) -> list[Finding]:
    talk.call("VM.get_power_state", "B", REF, value="Halted")
    talk.call("session.logout", "B")
    return lint(talk, "xend")


def test_a_reference_that_only_another_session_was_given_is_told() -> None:
    assert told(used(two_sessions())) == [(5, "ref-across-sessions", "warning")]


def test_of_a_session_whose_answers_were_not_kept_whole_no_reference_is_called_foreign() -> None:
    talk = two_sessions()
    talk.call("VM.get_all", "B", value=[REF])
    whole = talk.exchanges[4].response
    assert whole is not None
    cut = Message(head=whole.head, body=whole.body[:100], size=whole.size, cut=True)
    talk.exchanges[4] = replace(talk.exchanges[4], response=cut)
    assert used(talk) == []


def test_a_reference_in_an_error_counts_as_given() -> None:
    talk = two_sessions()
    talk.refused("VM.start", "B", "x", False, error=["VM_BAD_POWER_STATE", REF, "Halted", "Running"])
    assert used(talk) == []


def test_a_call_that_says_it_is_something_else_is_told_although_it_was_not_decoded() -> None:
    talk = Talk()
    talk.login("S")
    talk.call("session.logout", "S")
    plain = talk.exchanges[1].request
    head = plain.head.replace(b"text/xml", b"text/plain")
    talk.exchanges.append(replace(talk.exchanges[1], request=replace(plain, head=head)))
    assert talk.row(3).protocol == "http"
    assert told(lint(talk, "xend")) == [(3, "http-content-type", "warning")]


def test_what_a_playback_host_says_of_itself_is_no_error_of_the_api() -> None:
    talk = Talk()
    talk.login("S")
    talk.refused("VM.get_all", "S", error=["XRAYTAP_NO_MATCH", "VM.get_all", "the golden has none"])
    talk.call("session.logout", "S")
    assert lint(talk, "xend") == []


def test_a_stand_in_host_that_gives_one_token_again_and_again_breaks_no_rule() -> None:
    talk = Talk()
    for _ in range(3):
        talk.login("T")
        talk.refused("VM.start", "T", "vm", False, error=["HANDLE_INVALID", "VM", "vm"])
        talk.call("session.logout", "T")
    assert lint(talk, "xend") == []


def test_a_change_beside_the_same_that_is_still_under_way_is_no_retry() -> None:
    talk = Talk()
    talk.login("S")
    talk.unanswered("VM.set_name_label", "S", "vm", "web")
    talk.call("VM.set_name_label", "S", "vm", "web")
    talk.call("VM.set_name_label", "S", "vm", "web")  # with an answer in between it is no retry
    talk.call("session.logout", "S")
    assert told(lint(talk, "xend")) == [(3, "retried-change", "warning")]
    first = talk.exchanges[1]
    talk.exchanges[1] = replace(first, elapsed_us=60_000_000)  # it failed after the second was made
    assert lint(talk, "xend") == []
    talk.exchanges[1] = replace(first, error=None)  # its answer may yet come
    assert lint(talk, "xend") == []


@pytest.mark.parametrize("api", APIS)
def test_every_error_that_a_document_has_is_no_finding(api: str) -> None:
    model = load(api)
    talk = Talk()
    talk.login("S")
    method = "VM.pause"
    codes = [each for each in model.errors() if each != "SESSION_INVALID"]
    for code in codes:
        talk.refused(method, "S", "vm", error=[code, *(model.error(code) or ())])
    talk.call("session.logout", "S")
    found = {each.seq: (each.rule, each.severity.value) for each in lint(talk, api)}
    known = {
        seq: ("undocumented-error", "note") for seq, code in enumerate(codes, 2) if model.undocumented(code)
    }
    assert found == known
