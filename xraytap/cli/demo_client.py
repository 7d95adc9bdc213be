"""The demo's client: the documented example session as a user of Python's `xmlrpc.client` writes it."""

from __future__ import annotations

from typing import Any
from xmlrpc.client import ServerProxy


def run_example_session(url: str) -> None:
    """Log in, look at the guest, pause and unpause it, try to start it (refused: it runs), log out."""
    with ServerProxy(url) as host:
        session = _value(host.session.login_with_password("", ""))
        _value(host.VM.get_all(session))
        guest = _value(host.VM.get_all(session))[-1]
        _value(host.VM.get_name_label(session, guest))
        _value(host.VM.get_actions_after_reboot(session, guest))
        metrics = _value(host.VM.get_metrics(session, guest))
        _value(host.VM_metrics.get_memory_actual(session, metrics))
        _value(host.VM_metrics.get_VCPUs_utilisation(session, metrics))
        _value(host.VM.pause(session, guest))
        _value(host.VM.unpause(session, guest))
        host.VM.start(session, guest, False)  # the documented refusal: VM_BAD_POWER_STATE
        _value(host.session.logout(session))


def _value(answer: Any) -> Any:  # noqa: ANN401  what xmlrpc.client hands over
    if answer["Status"] != "Success":
        raise RuntimeError(f"the demo host refused: {answer['ErrorDescription']}")
    return answer["Value"]
