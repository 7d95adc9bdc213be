"""For every lint rule a conversation that breaks it, and nothing else, and one beside it that breaks none.

Each conversation is a login, the steps, and a logout, unless `whole` says that the steps are all. S is the
session, the references are uuids on xend and OpaqueRefs on XAPI.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.talk import Talk
from xraytap.protocol.call import Exchange, Message
from xraytap.protocol.values import Struct
from xraytap.protocol.xmlrpc_encode import encode_request, encode_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from xraytap.protocol.values import Value

type Step = Callable[[Talk], object]

S, S2 = "5e550001-0249-725b-246b-7fc43cf4f154", "5e550002-0249-725b-246b-7fc43cf4f154"
VM, VBD, HOST = (f"0000000{n}-216f-fa85-9cae-615e954dbbe7" for n in (1, 2, 3))
XVM, XVBD, XTASK, NULL = f"OpaqueRef:{VM}", f"OpaqueRef:{VBD}", f"OpaqueRef:{HOST}", "OpaqueRef:NULL"
FAILED: list[Value] = ["INTERNAL_ERROR", "what a host says"]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One rule's two conversations. `url` is the host's."""

    rule: str
    bad: tuple[Step, ...]
    good: tuple[Step, ...]
    api: str = "xend"
    url: str = ""
    whole: bool = False

    def talk(self, steps: tuple[Step, ...]) -> Talk:
        """A conversation of these steps."""
        talk = Talk()
        frame: tuple[Step, ...] = () if self.whole else (login(),)
        end: tuple[Step, ...] = () if self.whole else (ok("session.logout", S),)
        for step in (*frame, *steps, *end):
            step(talk)
        return talk


def login(token: str = S) -> Step:
    return lambda talk: talk.login(token)


def ok(method: str, *params: Value, value: Value = "") -> Step:
    return lambda talk: talk.call(method, *params, value=value)


def no(method: str, *params: Value, error: list[Value] | None = None) -> Step:
    return lambda talk: talk.refused(method, *params, error=error or FAILED)


def lost(method: str, *params: Value) -> Step:
    return lambda talk: talk.unanswered(method, *params)


def http(
    request: bytes = b"",
    answer: bytes | None = b"",
    *,
    start: str = "POST /RPC2 HTTP/1.1",
    host: str = "Host: xenhost\r\n",
    heads: str = "Content-Type: text/xml\r\n",
    length: str | None = None,
    status: str = "200 OK",
    answer_heads: str = "Content-Type: text/xml\r\n",
) -> Step:
    """A call as bytes; by default `VM.get_all` and its answer."""
    body = GET_ALL if request == b"" else request
    reply = FOUND if answer == b"" else answer

    def step(talk: Talk) -> None:
        said = f"Content-Length: {len(body)}\r\n" if length is None else length
        response = None
        if reply is not None:
            head = f"HTTP/1.1 {status}\r\n{answer_heads}Content-Length: {len(reply)}\r\n\r\n".encode()
            response = Message(head=head, body=reply, size=len(reply))
        talk.exchanges.append(
            Exchange(
                started_at_us=talk.now_us,
                elapsed_us=1000,
                client=talk.client,
                connection=1,
                request=Message(
                    head=f"{start}\r\n{host}{heads}{said}\r\n".encode(), body=body, size=len(body)
                ),
                response=response,
                error=None if reply is not None else "the host closed the connection",
            )
        )

    return step


def js(request: Any, answer: Any) -> Step:
    """A call as JSON documents."""
    kind = "Content-Type: application/json\r\n"
    return http(
        json.dumps(request).encode(),
        json.dumps(answer).encode(),
        start="POST /jsonrpc HTTP/1.1",
        heads=kind,
        answer_heads=kind,
    )


def answered(value: Value) -> Step:
    """VM.get_power_state answered with this in place of an envelope."""
    return http(encode_request("VM.get_power_state", [S, VM]), encode_response(value))


GET_ALL = encode_request("VM.get_all", [S])
FOUND = encode_response({"Status": "Success", "Value": [VM]})
JS = {"jsonrpc": "2.0", "method": "VM.get_all", "params": [S], "id": 1}
JS_OK = {"jsonrpc": "2.0", "result": [XVM], "id": 1}
JS1 = {"method": "VM.get_all", "params": [S], "id": 1}
JS1_OK = {"result": [XVM], "error": None, "id": 1}
UMLAUT = (
    "<?xml version='1.0' encoding='{}'?><methodCall><methodName>VM.get_by_name_label</methodName>"
    f"<params><param><value>{S}</value></param><param><value>café</value></param></params></methodCall>"
)
VBD_RECORD: dict[str, Value] = {
    "VM": XVM, "VDI": NULL, "userdevice": "0", "bootable": False, "mode": "RO", "type": "CD", "empty": True,
    "other_config": {}, "qos_algorithm_type": "", "qos_algorithm_params": {},
}  # fmt: skip


def without(record: dict[str, Value], name: str) -> dict[str, Value]:
    return {key: value for key, value in record.items() if key != name}


EXAMPLES: tuple[Example, ...] = (
    Example(
        rule="unknown-method",
        bad=(no("VM.strat", S, VM, False, error=["MESSAGE_METHOD_UNKNOWN", "VM.strat"]),),
        good=(ok("VM.start", S, VM, False),),
    ),
    Example(
        rule="wrong-arity",
        bad=(no("VM.start", S, VM, error=["MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.start", "3", "2"]),),
        good=(ok("VM.start", S, VM, True),),
    ),
    Example(
        rule="no-async",
        bad=(no("Async.VM.get_name_label", S, VM),),
        good=(ok("VM.get_name_label", S, VM, value="guest002"),),
    ),
    Example(
        rule="internal-call",
        api="xapi",
        bad=(no("pool.ha_schedule_plan_recomputation", S),),
        good=(ok("pool.ha_failover_plan_exists", S, "1", value=True),),
    ),
    Example(
        rule="unimplemented",
        bad=(no("VM.get_suspend_VDI", S, VM, error=["MESSAGE_METHOD_UNKNOWN", "VM.get_suspend_VDI"]),),
        good=(ok("VM.get_uuid", S, VM, value=VM),),
    ),
    Example(
        rule="deprecated",
        api="xapi",
        bad=(ok("event.register", S, ["vm"]),),
        good=(
            ok(
                "event.from",
                S,
                ["vm"],
                "",
                30.0,
                value={"events": [], "valid_ref_counts": {}, "token": "1,1"},
            ),
        ),
    ),
    Example(
        rule="removed",
        api="xapi",
        bad=(no("pool.enable_ssl_legacy", S, f"OpaqueRef:{HOST}", error=["MESSAGE_REMOVED"]),),
        good=(ok("pool.get_uuid", S, f"OpaqueRef:{HOST}", value=HOST),),
    ),
    Example(
        rule="prototyped",
        api="xapi",
        bad=(ok("VM.set_uefi_mode", S, XVM, "user", value=""),),
        good=(ok("VM.get_platform", S, XVM, value={}),),
    ),
    Example(
        rule="param-type",
        bad=(no("VM.start", S, VM, "yes"),),
        good=(ok("VM.start", S, VM, False),),
    ),
    Example(
        rule="native-int",
        bad=(ok("VM.set_memory_dynamic_max_live", S, VM, 268435456),),
        good=(ok("VM.set_memory_dynamic_max_live", S, VM, "268435456"),),
    ),
    Example(
        rule="param-word",
        bad=(ok("VM.set_actions_after_crash", S, VM, "Restart"),),
        good=(ok("VM.set_actions_after_crash", S, VM, "restart"),),
    ),
    Example(
        rule="unknown-member",
        bad=(ok("VM.create", S, {"name_lable": "guest003"}, value=VM),),
        good=(ok("VM.create", S, {"name_label": "guest003"}, value=VM),),
    ),
    Example(
        rule="missing-member",
        api="xapi",
        bad=(no("VBD.create", S, without(VBD_RECORD, "userdevice")),),
        good=(ok("VBD.create", S, VBD_RECORD, value=XVBD),),
    ),
    Example(
        rule="duplicate-member",
        bad=(ok("VM.create", S, Struct((("name_label", "a"), ("name_label", "b"))), value=VM),),
        good=(ok("VM.create", S, Struct((("name_label", "a"), ("memory_static_max", "1"))), value=VM),),
    ),
    Example(
        rule="result-type",
        bad=(ok("VM.get_memory_static_max", S, VM, value="plenty"),),
        good=(ok("VM.get_memory_static_max", S, VM, value="268435456"),),
    ),
    Example(
        rule="result-word",
        bad=(ok("VM.get_power_state", S, VM, value="Dozing"),),
        good=(ok("VM.get_power_state", S, VM, value="Halted"),),
    ),
    Example(
        rule="host-deviation",
        bad=(ok("VIF.get_all_records", S, value={VM: None}),),
        good=(ok("VIF.get_all_records", S, value={VM: {"MAC": "aa:00:00:50:02:f0"}}),),
    ),
    Example(
        rule="missing-session",
        bad=(no("VM.get_all", error=["MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.get_all", "1", "0"]),),
        good=(ok("VM.get_all", S, value=[VM]),),
    ),
    Example(
        rule="unknown-session",
        bad=(no("VM.get_all", "stale", error=["SESSION_INVALID", "stale"]),),
        good=(ok("VM.get_all", "from-before", value=[VM]),),
    ),
    Example(
        rule="session-expired",
        whole=True,
        bad=(login(), ok("VM.get_all", S, value=[VM]), no("VM.get_all", S, error=["SESSION_INVALID", S])),
        good=(login(), ok("VM.get_all", S, value=[VM]), ok("session.logout", S)),
    ),
    Example(
        rule="use-after-logout",
        whole=True,
        bad=(login(), ok("session.logout", S), no("VM.get_all", S, error=["SESSION_INVALID", S])),
        good=(
            login(),
            ok("session.logout", S),
            login(S2),
            ok("VM.get_all", S2, value=[VM]),
            ok("session.logout", S2),
        ),
    ),
    Example(
        rule="session-leak",
        whole=True,
        bad=(login(), ok("VM.get_all", S, value=[VM])),
        good=(login(), ok("VM.get_all", S, value=[VM]), ok("session.logout", S)),
    ),
    Example(
        rule="ref-across-sessions",
        bad=(
            ok("VM.get_all", S, value=[VM]),
            login(S2),
            ok("VM.get_power_state", S2, VM, value="Running"),
            ok("VM.get_power_state", S2, VM, value="Running"),
            ok("session.logout", S2),
        ),
        good=(
            ok("VM.get_all", S, value=[VM]),
            login(S2),
            ok("VM.get_by_uuid", S2, VM, value=VM),
            ok("VM.get_power_state", S2, VM, value="Running"),
            ok("session.logout", S2),
        ),
    ),
    Example(
        rule="ref-of-wrong-class",
        bad=(
            ok("VBD.get_all", S, value=[VBD]),
            no("VM.start", S, VBD, False, error=["HANDLE_INVALID", "VM", VBD]),
        ),
        good=(ok("VBD.get_all", S, value=[VBD]), ok("VBD_metrics.get_io_read_kbs", S, VBD, value=0.5)),
    ),
    Example(
        rule="null-ref",
        api="xapi",
        bad=(
            ok("VM.get_guest_metrics", S, XVM, value=NULL),
            no(
                "VM_guest_metrics.get_os_version", S, NULL, error=["HANDLE_INVALID", "VM_guest_metrics", NULL]
            ),
        ),
        good=(ok("VM.get_guest_metrics", S, XVM, value=NULL), ok("VM.set_affinity", S, XVM, NULL)),
    ),
    Example(
        rule="ref-or-uuid",
        api="xapi",
        bad=(no("VM.get_power_state", S, VM, error=["HANDLE_INVALID", "VM", VM]),),
        good=(ok("VM.get_by_uuid", S, VM, value=XVM), ok("VM.get_power_state", S, XVM, value="Halted")),
    ),
    Example(
        rule="undecodable",
        bad=(http(GET_ALL[:-9], None),),
        good=(http(GET_ALL),),
    ),
    Example(
        rule="no-envelope",
        bad=(answered("Halted"),),
        good=(answered({"Status": "Success", "Value": "Halted"}),),
    ),
    Example(
        rule="unknown-status",
        bad=(answered({"Status": "failure", "ErrorDescription": FAILED}),),
        good=(answered({"Status": "Failure", "ErrorDescription": FAILED}),),
    ),
    Example(
        rule="bad-error",
        bad=(answered({"Status": "Failure", "ErrorDescription": ["HANDLE_INVALID", "VM", 7]}),),
        good=(answered({"Status": "Failure", "ErrorDescription": ["HANDLE_INVALID", "VM", "7"]}),),
    ),
    Example(
        rule="fault",
        bad=(
            http(
                GET_ALL,
                b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value>"
                b"</member><member><name>faultString</name><value><string>oops</string></value></member></struct>"
                b"</value></fault></methodResponse>",
            ),
        ),
        good=(no("VM.get_all", S),),
    ),
    Example(
        rule="undocumented-error",
        bad=(no("VM.start", S, VM, False, error=["VM_BAD_POWERSTATE", VM, "Halted", "Running"]),),
        good=(no("VM.start", S, VM, False, error=["VM_BAD_POWER_STATE", VM, "Halted", "Running"]),),
    ),
    Example(
        rule="http-method",
        bad=(
            http(
                b"\0"[:0] or b" ",
                b"<html/>",
                start="GET /RPC2 HTTP/1.1",
                heads="",
                status="501 Not Implemented",
            ),
        ),
        good=(http(b" ", b"<html/>", start="GET /export?ref=x HTTP/1.1", heads="", answer_heads=""),),
    ),
    Example(
        rule="http-path",
        api="xapi",
        bad=(http(start="POST /jsonrpc HTTP/1.1"),),
        good=(http(start="POST / HTTP/1.1"),),
    ),
    Example(
        rule="http-content-type",
        bad=(http(heads="Content-Type: application/json\r\n"),),
        good=(http(heads="Content-Type: application/xml; charset=utf-8\r\n"),),
    ),
    Example(
        rule="http-length",
        bad=(http(length="Content-Length: 7\r\n"),),
        good=(http(length="Transfer-Encoding: chunked\r\n"),),
    ),
    Example(
        rule="http-host",
        bad=(http(host=""),),
        good=(http(host="", start="POST /RPC2 HTTP/1.0"),),
    ),
    Example(
        rule="http-status",
        bad=(http(status="500 Internal Server Error"),),
        good=(
            http(
                GET_ALL,
                b"<html/>",
                status="500 Internal Server Error",
                answer_heads="Content-Type: text/html\r\n",
            ),
        ),
    ),
    Example(
        rule="http-coding",
        bad=(
            http(
                GET_ALL,
                gzip.compress(FOUND),
                answer_heads="Content-Type: text/xml\r\nContent-Encoding: gzip\r\n",
            ),
        ),
        good=(
            http(
                GET_ALL,
                gzip.compress(FOUND),
                heads="Content-Type: text/xml\r\nAccept-Encoding: gzip\r\n",
                answer_heads="Content-Type: text/xml\r\nContent-Encoding: gzip\r\n",
            ),
        ),
    ),
    Example(
        rule="charset",
        bad=(
            http(
                UMLAUT.format("iso-8859-1").encode("latin-1"),
                heads="Content-Type: text/xml; charset=utf-8\r\n",
            ),
        ),
        good=(http(UMLAUT.format("utf-8").encode(), heads="Content-Type: text/xml; charset=UTF8\r\n"),),
    ),
    Example(
        rule="secret-in-clear",
        url="http://xenhost:9363",
        whole=True,
        bad=(login(), ok("session.logout", S)),
        good=(ok("VM.get_all", S, value=[VM]),),
    ),
    Example(
        rule="json-id",
        api="xapi",
        bad=(js({**JS, "id": None}, {**JS_OK, "id": None}),),
        good=(js({**JS, "id": "a"}, {**JS_OK, "id": "a"}),),
    ),
    Example(
        rule="json-batch",
        api="xapi",
        bad=(js([JS, {**JS, "id": 2}], [JS_OK, {**JS_OK, "id": 2}]),),
        good=(js(JS, JS_OK), js({**JS, "id": 2}, {**JS_OK, "id": 2})),
    ),
    Example(
        rule="json-version",
        api="xapi",
        bad=(js(JS, JS1_OK),),
        good=(js(JS1, JS1_OK), js(JS, JS_OK)),
    ),
    Example(
        rule="json-id-mismatch",
        api="xapi",
        bad=(js(JS, {**JS_OK, "id": "1"}),),
        good=(js(JS, JS_OK),),
    ),
    Example(
        rule="json-shape",
        api="xapi",
        bad=(js(JS1, {"result": [XVM], "error": ["INTERNAL_ERROR", "x"], "id": 1}),),
        good=(js(JS1, {"result": None, "error": ["INTERNAL_ERROR", "x"], "id": 1}),),
    ),
    Example(
        rule="retried-change",
        bad=(lost("VM.set_name_label", S, VM, "web"), ok("VM.set_name_label", S, VM, "web")),
        good=(lost("VM.set_name_label", S, VM, "web"), ok("VM.get_name_label", S, VM, value="web")),
    ),
    Example(
        rule="task-abandoned",
        bad=(ok("Async.VM.pause", S, VM, value=HOST),),
        good=(ok("Async.VM.pause", S, VM, value=HOST), ok("task.get_status", S, HOST, value="success")),
    ),
)
