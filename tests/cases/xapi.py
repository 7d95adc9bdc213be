"""Conversations with an XAPI host, and the same over each of its transports, byte for byte as it writes them.

There is no recording of XAPI; these follow what is known of its bytes (docs/wire-format.md): bare strings for
strings, ints and refs, `OpaqueRef:`, dates with a Z, `<i4>` in event.from alone, JSON-RPC 1.0 and 2.0. The
writers here are apart from the product's encoder on purpose.

`conversation("xmlrpc")`, `conversation("jsonrpc 1.0")` and `conversation("jsonrpc 2.0")` have the same calls in
the same order (`STEPS`), so that whatever is found in one must be found in the others; XML-RPC has two more at
its end that JSON-RPC cannot make. `redirected()` is a client that asks a pool's member first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tests.cases.xapi_records import HOST, NEVER, NULL, Date, Wire, ref, task, uuid, vm
from tests.talk import Talk
from xraytap.protocol.call import Exchange, Message

TRANSPORTS = ("xmlrpc", "jsonrpc 1.0", "jsonrpc 2.0")
SESSION = "OpaqueRef:5e550001-7a4c-4d0f-9d7e-1f0a5c3b2e01"
POOL, WEB, DB, CLONE, DISK = ref(0x20), ref(0x31), ref(0x32), ref(0x33), ref(0x41)
STARTING, CLONING, PAUSING, FORGOTTEN = ref(0x51), ref(0x52), ref(0x53), ref(0x54)
TOKEN = "00000000000000000{:03d},00000000000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call. `error` is a failure's ErrorDescription; with `plain` the answer has no envelope."""

    method: str
    params: tuple[Any, ...]
    value: Any = ""
    error: tuple[str, ...] | None = None
    ms: float = 1.0
    plain: bool = False


def ok(method: str, *params: Wire, value: Wire = "", ms: float = 1.0) -> Step:
    """A call that succeeds."""
    return Step(method=method, params=params, value=value, ms=ms)


def refused(method: str, *params: Wire, error: tuple[str, ...]) -> Step:
    """A call that fails."""
    return Step(method=method, params=params, error=error)


def event(number: int, kind: str, operation: str, about: str, snapshot: Wire = None) -> Wire:
    """One event of event.from: the class in lower case, no snapshot for `del`."""
    told: dict[str, Wire] = {
        "id": str(number),
        "timestamp": "0.0",
        "class": kind,
        "operation": operation,
        "ref": about,
    }
    return told if snapshot is None else {**told, "snapshot": snapshot}


def batch(number: int, *events: Wire) -> Wire:
    """An answer of event.from; its counts are the only `<i4>` that XAPI writes."""
    return {
        "events": list(events),
        "valid_ref_counts": {"vm": I4(2), "task": I4(1)},
        "token": TOKEN.format(number),
    }


class I4(int):
    """`<i4>` over XML-RPC."""


STEPS: tuple[Step, ...] = (
    ok("session.login_with_password", "root", "<redacted>", "1.0", "made-up-client", value=SESSION, ms=40),
    ok("pool.get_all", SESSION, value=[POOL]),
    ok("host.get_all", SESSION, value=[HOST]),
    ok("host.get_name_label", SESSION, HOST, value="xcp-1"),
    ok("VM.get_all_records", SESSION, value={WEB: vm(0x31, "web"), DB: vm(0x32, "db", "Running")}, ms=12),
    ok("VM.get_by_name_label", SESSION, "web", value=[WEB]),
    ok("VM.get_by_uuid", SESSION, uuid(0x32), value=DB),
    ok("VM.get_uuid", SESSION, WEB, value=uuid(0x31)),
    ok("VM.get_record", SESSION, DB, value=vm(0x32, "db", "Running"), ms=3),
    ok("VM.get_memory_static_max", SESSION, WEB, value=4294967296),
    ok("VM.get_HVM_shadow_multiplier", SESSION, WEB, value=1.0),
    ok("VM.get_snapshot_time", SESSION, WEB, value=NEVER),
    refused("VM.start", SESSION, DB, False, False, error=("VM_BAD_POWER_STATE", DB, "halted", "running")),
    refused("VM.get_record", SESSION, ref(0xDEAD), error=("HANDLE_INVALID", "VM", ref(0xDEAD))),
    ok("Async.VM.start", SESSION, WEB, False, False, value=STARTING, ms=6),
    ok("task.get_status", SESSION, STARTING, value="pending"),
    ok("task.get_progress", SESSION, STARTING, value=0.25),
    ok("event.from", SESSION, ["task/" + STARTING, "VM"], "", 30.0, value=batch(
        11, event(1, "task", "add", STARTING, task(0x51, "Async.VM.start")),
        event(2, "vm", "mod", WEB, vm(0x31, "web"))), ms=4),
    ok("event.from", SESSION, ["task/" + STARTING, "VM"], TOKEN.format(11), 30.0, value=batch(11), ms=30_000),
    ok("event.from", SESSION, ["task/" + STARTING, "VM"], TOKEN.format(11), 30.0, value=batch(
        15, event(3, "task", "mod", STARTING, task(0x51, "Async.VM.start", "success")),
        event(4, "vm", "mod", WEB, vm(0x31, "web", "Running"))), ms=2_400),
    ok("task.destroy", SESSION, STARTING),
    ok("Async.VM.clone", SESSION, DB, "db <copy>", value=CLONING, ms=5),
    ok("task.get_record", SESSION, CLONING, value=task(0x52, "Async.VM.clone")),
    ok("task.get_record", SESSION, CLONING, value=task(
        0x52, "Async.VM.clone", "success", result=f"<value>{CLONE}</value>")),
    ok("VM.get_name_label", SESSION, CLONE, value="db <copy>"),
    ok("Async.VM.pause", SESSION, CLONE, value=PAUSING, ms=5),
    ok("task.get_status", SESSION, PAUSING, value="pending"),
    ok("task.get_status", SESSION, PAUSING, value="failure"),
    ok("task.get_error_info", SESSION, PAUSING, value=["VM_BAD_POWER_STATE", CLONE, "running", "halted"]),
    ok("Async.VM.snapshot", SESSION, DB, "before", [], value=FORGOTTEN, ms=5),
    ok("VM.set_name_label", SESSION, CLONE, "standby"),
    ok("VM.set_tags", SESSION, CLONE, ["café", "a&b"]),
    ok("VDI.create", SESSION, {
        "name_label": "disk", "name_description": "", "SR": ref(0x61), "virtual_size": 1073741824, "type": "user",
        "sharable": False, "read_only": False, "other_config": {}}, value=DISK, ms=80),
    refused("VM.no_such_call", SESSION, error=("MESSAGE_METHOD_UNKNOWN", "VM.no_such_call")),
    refused("VM.get_uuid", SESSION, error=("MESSAGE_PARAMETER_COUNT_MISMATCH", "VM.get_uuid", "1", "0")),
    ok("event.register", SESSION, ["VM"]),
    ok("event.next", SESSION, value=[
        {"id": "5", "timestamp": "1700000000.", "class": "vm", "operation": "mod", "ref": DB,
         "snapshot": vm(0x32, "db", "Running")}], ms=900),
    refused("event.next", SESSION, error=("EVENTS_LOST",)),
    ok("session.logout", SESSION),
    refused("VM.get_all", SESSION, error=("SESSION_INVALID", SESSION)),
)  # fmt: skip
"""A client's whole session: login to logout, and one call too many."""

XML_ONLY: tuple[Step, ...] = (
    Step(method="system.listMethods", params=(), value=["VM.start", "VM.clone"], plain=True),
    refused("VM.get_name_label", SESSION, WEB, error=("SESSION_INVALID", SESSION)),
)


def conversation(transport: str = "xmlrpc") -> Talk:
    """The client's session over a transport: `xmlrpc`, `jsonrpc 1.0`, `jsonrpc 2.0`."""
    return talk_of((*STEPS, *XML_ONLY) if transport == "xmlrpc" else STEPS, transport)


def redirected(transport: str = "xmlrpc") -> Talk:
    """A login at a pool's member, which names the coordinator, and the login there."""
    login = ("session.login_with_password", "root", "<redacted>", "1.0", "made-up-client")
    return talk_of(
        (
            refused(*login, error=("HOST_IS_SLAVE", "10.0.0.2")),
            ok(*login, value=SESSION),
            ok("pool.get_master", SESSION, POOL, value=HOST),
            ok("session.logout", SESSION),
        ),
        transport,
    )


def talk_of(steps: tuple[Step, ...], transport: str) -> Talk:
    """Any steps over a transport, on the clock of `Talk`."""
    talk = Talk()
    for number, step in enumerate(steps, 1):
        talk.exchanges.append(exchange_of(step, transport, number, talk.now_us))
        talk.now_us += int(step.ms * 1000) + 2_000
    return talk


def exchange_of(step: Step, transport: str, number: int = 1, started_at_us: int = 0) -> Exchange:
    """One call over a transport."""
    request, answer = _bodies(step, transport, number)
    kind, path = ("text/xml", "/") if transport == "xmlrpc" else ("application/json", "/jsonrpc")
    return Exchange(
        started_at_us=started_at_us,
        elapsed_us=int(step.ms * 1000),
        client="10.0.0.7:50412",
        connection=1,
        request=_message(
            f"POST {path} HTTP/1.1\r\nHost: xcp-1\r\nAccept-Encoding: gzip\r\nContent-Type: {kind}\r\n"
            "User-Agent: Python-xmlrpc/3.12",
            request,
        ),
        response=_message(
            f"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n"
            f"content-type: {kind}",
            answer,
        ),
    )


def _message(start: str, body: bytes) -> Message:
    head = f"{start}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    return Message(head=head, body=body, size=len(body))


def _bodies(step: Step, transport: str, number: int) -> tuple[bytes, bytes]:
    if transport == "xmlrpc":
        return _xml_request(step), _xml_answer(step)
    second = transport.endswith("2.0")
    mark = {"jsonrpc": "2.0"} if second else {}
    request = {**mark, "method": step.method, "params": [_plain(each) for each in step.params], "id": number}
    if step.error is None:
        result = {"result": _plain(step.value)}
        answer = {**mark, **result, **({} if second else {"error": None}), "id": number}
    elif second:
        error = {"code": 1, "message": step.error[0], "data": list(step.error[1:])}
        answer = {**mark, "error": error, "id": number}
    else:
        answer = {"result": None, "error": list(step.error), "id": number}
    return json.dumps(request).encode(), json.dumps(answer, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """As JSON-RPC has it: dates are strings, ints are numbers."""
    if isinstance(value, Date):
        return value.text
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _xml_request(step: Step) -> bytes:
    """As Python's xmlrpc.client writes it."""
    params = "".join(f"<param>\n{_xml(each, string='string')}\n</param>\n" for each in step.params)
    return (
        f"<?xml version='1.0'?>\n<methodCall>\n<methodName>{step.method}</methodName>\n"
        f"<params>\n{params}</params>\n</methodCall>\n"
    ).encode()


def _xml_answer(step: Step) -> bytes:
    """As XAPI writes it, on one line."""
    if step.plain:
        inner = _xml(step.value)
    elif step.error is None:
        inner = _xml({"Status": "Success", "Value": step.value})
    else:
        inner = _xml({"Status": "Failure", "ErrorDescription": list(step.error)})
    return f'<?xml version="1.0"?><methodResponse><params><param>{inner}</param></params></methodResponse>'.encode()


def _xml(value: Any, string: str = "") -> str:
    if isinstance(value, bool):
        inner = f"<boolean>{value:d}</boolean>"
    elif isinstance(value, I4):
        inner = f"<i4>{int(value)}</i4>"
    elif isinstance(value, float):
        # Python writes repr, XAPI %.16g.
        inner = f"<double>{value!r}</double>" if string else f"<double>{value:.16g}</double>"
    elif isinstance(value, Date):
        inner = f"<dateTime.iso8601>{value.text}</dateTime.iso8601>"
    elif isinstance(value, list):
        inner = "<array><data>" + "".join(_xml(each, string) for each in value) + "</data></array>"
    elif isinstance(value, dict):
        parts = (
            f"<member><name>{escape(name)}</name>{_xml(each, string)}</member>"
            for name, each in value.items()
        )
        inner = f"<struct>{''.join(parts)}</struct>"
    elif string:
        inner = f"<{string}>{escape(str(value))}</{string}>"
    else:
        inner = escape(str(value))
    return f"<value>{inner}</value>"


__all__ = ["HOST", "NULL", "SESSION", "STEPS", "TRANSPORTS", "conversation", "redirected"]
