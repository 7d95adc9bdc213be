"""Which class a reference is of, by the name of the field, parameter or error argument that holds it: for
places whose type the data model does not tell."""

from __future__ import annotations

import re

CLASS = re.compile(r"[A-Za-z_]\w*", re.ASCII)
"""What a class may be called, in a symbol too."""

# Fields whose name does not tell the class that they refer to. `*` stands for the class they are in.
_FIELDS = {
    "metrics": "*_metrics",
    "guest_metrics": "*_guest_metrics",
    "resident_on": "host",
    "affinity": "host",
    "this_host": "host",
    "host_CPUs": "host_cpu",
    "suspend_VDI": "VDI",
    "suspend_SR": "SR",
    "snapshot_of": "*",
    "snapshots": "*",
    "parent": "*",
    "children": "*",
    "master": "host",
    "default_SR": "SR",
    "this_user": "user",
    "session": "session",
    "uuid": "*",
    "ref": "*",
    "obj_uuid": "*",
    "by_uuid": "*",
    "by_name_label": "*",
    "all": "*",
    "record": "*",
    "all_records": "*",
    "all_records_where": "*",
    "current_operations": "task",
}
# Heads of xend's s-expressions.
_EXPRESSIONS = {"domain": "VM", "vbd": "VBD", "tap": "VBD", "vif": "VIF", "vtpm": "VTPM", "host": "host"}


def field_class(class_name: str | None, field: str) -> str | None:
    """The class that a field or getter of `class_name` refers to, as far as its name tells.

    `VM`, `VBDs` -> `VBD`; `VM`, `metrics` -> `VM_metrics`; `VIF`, `network` -> `network`.
    """
    known = _FIELDS.get(field)
    if known is not None:
        return known.replace("*", class_name) if class_name else None
    if not CLASS.fullmatch(field):
        return None
    return field[:-1] if len(field) > 2 and field.endswith("s") and not field.endswith("ss") else field


def expression_class(class_name: str | None, head: str) -> str | None:
    """The class of what an s-expression `[head, ...]` holds, within one of `class_name`."""
    known = _EXPRESSIONS.get(head)
    if known is not None:
        return known
    return class_name if _FIELDS.get(head) == "*" else None
