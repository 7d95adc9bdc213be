import pytest
from guests import StartError, start_guest


def test_a_guest_is_started_and_waited_for(session, xen_host):
    assert start_guest(session, "web", poll_s=0) == "Running"
    xen_host.assert_called_once("Async.VM.start", start_paused=False, force=False)
    xen_host.assert_order("Async.VM.start", "task.get_status", "task.destroy", "VM.get_power_state")


@pytest.mark.xen_golden(unused="fail")
def test_a_task_that_fails_is_told_and_cleared_away(session, xen_host):
    with pytest.raises(StartError, match=r"VM_BAD_POWER_STATE .* halted running"):
        start_guest(session, "web", poll_s=0)
    xen_host.assert_called_once("task.destroy")


def test_a_guest_that_is_not_there_is_told(session, xen_host):
    with pytest.raises(StartError, match="there is no guest nosuch"):
        start_guest(session, "nosuch", poll_s=0)
    xen_host.assert_not_called("*VM.start")


@pytest.mark.xen_golden("shipped:xapi-session")
def test_what_comes_with_xraytap_will_do_for_a_start(session):
    assert len(session.xenapi.VM.get_all_records()) == 2
