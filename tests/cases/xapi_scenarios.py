"""Three short stories with an XAPI host, for goldens that ship: a session, tasks, events. As `xapi.STEPS` they
follow what is known of its bytes; nobody recorded them."""

from __future__ import annotations

from tests.cases.xapi import DB, POOL, SESSION, TOKEN, WEB, Step, batch, event, ok, refused
from tests.cases.xapi_records import HOST, NEVER, ref, task, uuid, vm

STARTING, CLONING, PAUSING, CLONE = ref(0x51), ref(0x52), ref(0x53), ref(0x33)
_LOGIN = ("root", "<redacted>", "1.0", "xraytap-example")
_FROM = ["vm", "task"]

SESSION_STEPS: tuple[Step, ...] = (
    ok("session.login_with_password", *_LOGIN, value=SESSION, ms=41),
    ok("pool.get_all", SESSION, value=[POOL]),
    ok("pool.get_master", SESSION, POOL, value=HOST),
    ok("host.get_name_label", SESSION, HOST, value="xcp-1"),
    ok("host.get_API_version_major", SESSION, HOST, value=2),
    ok("host.get_API_version_minor", SESSION, HOST, value=21),
    ok("VM.get_all_records", SESSION, value={WEB: vm(0x31, "web"), DB: vm(0x32, "db", "Running")}, ms=12),
    ok("VM.get_by_name_label", SESSION, "web", value=[WEB]),
    ok("VM.get_uuid", SESSION, WEB, value=uuid(0x31)),
    ok("VM.get_by_uuid", SESSION, uuid(0x31), value=WEB),
    ok("VM.get_power_state", SESSION, WEB, value="Halted"),
    ok("VM.get_memory_static_max", SESSION, WEB, value=4294967296),
    ok("VM.get_snapshot_time", SESSION, WEB, value=NEVER),
    ok("VM.set_name_description", SESSION, WEB, "the <front> end & nothing else", value=""),
    ok("VM.add_to_other_config", SESSION, WEB, "owner", "café"),
    refused("VM.add_to_other_config", SESSION, WEB, "owner", "me",
            error=("MAP_DUPLICATE_KEY", "VM", "other_config", WEB, "owner")),
    ok("VM.start", SESSION, WEB, False, False, ms=2_300),
    ok("VM.get_power_state", SESSION, WEB, value="Running"),
    refused("VM.start", SESSION, WEB, False, False, error=("VM_BAD_POWER_STATE", WEB, "halted", "running")),
    refused("VM.get_record", SESSION, ref(0xDEAD), error=("HANDLE_INVALID", "VM", ref(0xDEAD))),
    refused("VM.no_such_call", SESSION, error=("MESSAGE_METHOD_UNKNOWN", "VM.no_such_call")),
    ok("session.logout", SESSION),
    refused("VM.get_all", SESSION, error=("SESSION_INVALID", SESSION)),
)  # fmt: skip
"""Log in, look around, start a guest, be refused in the usual ways, log out, and ask once more."""

TASK_STEPS: tuple[Step, ...] = (
    ok("session.login_with_password", *_LOGIN, value=SESSION, ms=41),
    ok("VM.get_by_name_label", SESSION, "web", value=[WEB]),
    ok("Async.VM.start", SESSION, WEB, False, False, value=STARTING, ms=6),
    ok("task.get_record", SESSION, STARTING, value=task(0x51, "Async.VM.start", progress=0.0)),
    ok("task.get_status", SESSION, STARTING, value="pending"),
    ok("task.get_progress", SESSION, STARTING, value=0.4),
    ok("task.get_status", SESSION, STARTING, value="success"),
    ok("task.get_result", SESSION, STARTING, value=""),
    ok("VM.get_power_state", SESSION, WEB, value="Running"),
    ok("task.destroy", SESSION, STARTING),
    ok("Async.VM.clone", SESSION, WEB, "web <copy>", value=CLONING, ms=5),
    ok("task.get_status", SESSION, CLONING, value="pending"),
    ok("task.get_record", SESSION, CLONING, value=task(
        0x52, "Async.VM.clone", "success", result=f"<value>{CLONE}</value>")),
    ok("VM.get_name_label", SESSION, CLONE, value="web <copy>"),
    ok("task.destroy", SESSION, CLONING),
    ok("Async.VM.pause", SESSION, CLONE, value=PAUSING, ms=5),
    ok("task.get_status", SESSION, PAUSING, value="pending"),
    ok("task.get_status", SESSION, PAUSING, value="failure"),
    ok("task.get_error_info", SESSION, PAUSING, value=["VM_BAD_POWER_STATE", CLONE, "running", "halted"]),
    ok("task.destroy", SESSION, PAUSING),
    refused("task.get_status", SESSION, PAUSING, error=("HANDLE_INVALID", "task", PAUSING)),
    refused("Async.VM.start", SESSION, ref(0xDEAD), False, False, error=("HANDLE_INVALID", "VM", ref(0xDEAD))),
    ok("session.logout", SESSION),
)  # fmt: skip
"""Three Async calls with their polls: one succeeds, one has a result, one fails; and one that gets no task."""

EVENT_STEPS: tuple[Step, ...] = (
    ok("session.login_with_password", *_LOGIN, value=SESSION, ms=41),
    ok("event.from", SESSION, _FROM, "", 30.0, value=batch(
        11, event(1, "vm", "add", WEB, vm(0x31, "web")), event(2, "vm", "add", DB, vm(0x32, "db", "Running"))), ms=4),
    ok("Async.VM.start", SESSION, WEB, False, False, value=STARTING, ms=6),
    ok("event.from", SESSION, _FROM, TOKEN.format(11), 30.0, value=batch(
        14, event(3, "task", "add", STARTING, task(0x51, "Async.VM.start", progress=0.0))), ms=35),
    ok("event.from", SESSION, _FROM, TOKEN.format(14), 30.0, value=batch(
        19, event(4, "task", "mod", STARTING, task(0x51, "Async.VM.start", "success")),
        event(5, "vm", "mod", WEB, vm(0x31, "web", "Running"))), ms=2_400),
    ok("task.destroy", SESSION, STARTING),
    ok("event.from", SESSION, _FROM, TOKEN.format(19), 30.0, value=batch(21, event(6, "task", "del", STARTING)), ms=2),
    ok("event.from", SESSION, _FROM, TOKEN.format(21), 30.0, value=batch(21), ms=30_000),
    refused("event.from", SESSION, _FROM, "no token", 30.0, error=("EVENT_FROM_TOKEN_PARSE_FAILURE", "no token")),
    refused("event.next", SESSION, error=("SESSION_NOT_REGISTERED", SESSION)),
    ok("event.register", SESSION, ["VM"]),
    ok("event.next", SESSION, value=[
        {"id": "22", "timestamp": "1700000000.", "class": "vm", "operation": "mod", "ref": DB,
         "snapshot": vm(0x32, "db", "Paused")}], ms=900),
    refused("event.next", SESSION, error=("EVENTS_LOST",)),
    ok("event.unregister", SESSION, ["VM"]),
    ok("session.logout", SESSION),
)  # fmt: skip
"""A start followed by event.from, a batch that stays empty for its 30 seconds, and the older event.next."""
