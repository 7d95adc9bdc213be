"""Records as XAPI writes them, every field of the release in its order of the data model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xraytap.protocol.values import Value


@dataclass(frozen=True, slots=True)
class Date:
    """A date: `<dateTime.iso8601>` over XML-RPC, a string over JSON-RPC."""

    text: str


NULL = "OpaqueRef:NULL"
NEVER = Date("19700101T00:00:00Z")

type Wire = "Value | Date | list[Wire] | dict[str, Wire]"


def ref(number: int) -> str:
    """A reference of the made-up pool."""
    return f"OpaqueRef:{number:08x}-7a4c-4d0f-9d7e-1f0a5c3b2e{number % 256:02x}"


def uuid(number: int) -> str:
    """A uuid of the made-up pool; never the one in the object's reference."""
    return f"{number:08x}-11d2-4f3a-8c55-90aa0b1c2d{number % 256:02x}"


def vm(number: int, name: str, power_state: str = "Halted", **changes: Wire) -> dict[str, Wire]:
    """VM.get_record."""
    running = power_state == "Running"
    return {
        "uuid": uuid(number),
        "allowed_operations": ["clean_shutdown", "pause"] if running else ["start", "clone", "destroy"],
        "current_operations": {},
        "name_label": name,
        "name_description": "made up <for> tests & nothing else",
        "power_state": power_state,
        "user_version": 1,
        "is_a_template": False,
        "is_default_template": False,
        "suspend_VDI": NULL,
        "resident_on": HOST if running else NULL,
        "scheduled_to_be_resident_on": NULL,
        "affinity": NULL,
        "memory_overhead": 11534336,
        "memory_target": 0,
        "memory_static_max": 4294967296,
        "memory_dynamic_max": 4294967296,
        "memory_dynamic_min": 4294967296,
        "memory_static_min": 536870912,
        "VCPUs_params": {},
        "VCPUs_max": 2,
        "VCPUs_at_startup": 2,
        "actions_after_softreboot": "soft_reboot",
        "actions_after_shutdown": "destroy",
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "consoles": [],
        "VIFs": [ref(number + 0x100)],
        "VBDs": [ref(number + 0x200)],
        "VUSBs": [],
        "crash_dumps": [],
        "VTPMs": [],
        "PV_bootloader": "",
        "PV_kernel": "",
        "PV_ramdisk": "",
        "PV_args": "",
        "PV_bootloader_args": "",
        "PV_legacy_args": "",
        "HVM_boot_policy": "BIOS order",
        "HVM_boot_params": {"order": "cdn", "firmware": "uefi"},
        "HVM_shadow_multiplier": 1.0,
        "platform": {"nx": "true", "acpi": "1", "viridian": "false"},
        "PCI_bus": "",
        "other_config": {"base_template_name": "Debian 12", "folder/x": "a&b"},
        "domid": 7 if running else -1,
        "domarch": "",
        "last_boot_CPU_flags": {},
        "is_control_domain": False,
        "metrics": ref(number + 0x300),
        "guest_metrics": NULL,
        "last_booted_record": "",
        "recommendations": "<restrictions></restrictions>",
        "xenstore_data": {},
        "ha_always_run": False,
        "ha_restart_priority": "",
        "is_a_snapshot": False,
        "snapshot_of": NULL,
        "snapshots": [],
        "snapshot_time": NEVER,
        "transportable_snapshot_id": "",
        "blobs": {},
        "tags": [],
        "blocked_operations": {},
        "snapshot_info": {},
        "snapshot_metadata": "",
        "parent": NULL,
        "children": [],
        "bios_strings": {},
        "protection_policy": NULL,
        "is_snapshot_from_vmpp": False,
        "snapshot_schedule": NULL,
        "is_vmss_snapshot": False,
        "appliance": NULL,
        "start_delay": 0,
        "shutdown_delay": 0,
        "order": 0,
        "VGPUs": [],
        "attached_PCIs": [],
        "suspend_SR": NULL,
        "version": 0,
        "generation_id": "0:0",
        "hardware_platform_version": 0,
        "has_vendor_device": False,
        "requires_reboot": False,
        "reference_label": "debian-12",
        "domain_type": "hvm",
        "NVRAM": {},
        "pending_guidances": [],
        "pending_guidances_recommended": [],
        "pending_guidances_full": [],
        "groups": [],
        "secureboot_certificates_state": "ok",
        **changes,
    }


def task(number: int, label: str, status: str = "pending", **changes: Wire) -> dict[str, Wire]:
    """task.get_record."""
    ended = status not in ("pending", "cancelling")
    return {
        "uuid": uuid(number),
        "name_label": label,
        "name_description": "",
        "allowed_operations": [] if ended else ["cancel"],
        "current_operations": {},
        "created": Date("20261124T09:01:30Z"),
        "finished": Date("20261124T09:01:33Z") if ended else NEVER,
        "status": status,
        "resident_on": HOST,
        "progress": 1.0 if ended else 0.25,
        "type": "<none/>",
        "result": "",
        "error_info": [],
        "other_config": {},
        "subtask_of": NULL,
        "subtasks": [],
        "backtrace": "()",
        **changes,
    }


HOST = ref(0x10)
