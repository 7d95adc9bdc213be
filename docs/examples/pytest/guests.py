"""The program under test: starts a guest, waits until it runs, and says what it has done."""

import time


class StartError(Exception):
    """The host did not start the guest; the text is its error."""


def start_guest(session, name, poll_s=1.0):
    """Start the guest called `name` and wait for it. `session` is a XenAPI.Session that has logged in."""
    found = session.xenapi.VM.get_by_name_label(name)
    if not found:
        raise StartError(f"there is no guest {name}")
    task = session.xenapi.Async.VM.start(found[0], False, False)
    try:
        while session.xenapi.task.get_status(task) == "pending":
            time.sleep(poll_s)
        if session.xenapi.task.get_status(task) != "success":
            raise StartError(" ".join(session.xenapi.task.get_error_info(task)))
    finally:
        session.xenapi.task.destroy(task)
    return session.xenapi.VM.get_power_state(found[0])
