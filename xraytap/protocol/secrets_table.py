"""Which parameters and results are secret, by method. Made by docs/tools/make_secrets.py: do not edit.

`PARAMETERS`: method -> (position on the wire, name, member of that struct or "" for the whole value).
`RESULTS`: method -> names of secret members at any depth of the answer, "" for the whole value.
`OPEN_RESULTS`: methods whose answer may hold a map with keys that no data model knows.
"""

from __future__ import annotations

PARAMETERS: dict[str, tuple[tuple[int, str, str], ...]] = {
    "DR_task.create": ((2, "device_config", ""),),
    "PBD.create": ((1, "args", "device_config"),),
    "PBD.set_device_config": ((2, "value", ""),),
    "SR.create": ((2, "device_config", ""),),
    "SR.make": ((2, "device_config", ""),),
    "SR.probe": ((2, "device_config", ""),),
    "SR.probe_ext": ((2, "device_config", ""),),
    "VM.add_to_platform": ((3, "value", ""),),
    "VM.assert_can_migrate": ((2, "dest", ""),),
    "VM.assert_can_migrate_sender": ((2, "dest", ""),),
    "VM.call_host_plugin": ((4, "args", ""),),
    "VM.call_plugin": ((4, "args", ""),),
    "VM.create": ((1, "args", "platform"),),
    "VM.import_convert": (
        (3, "password", ""),
        (5, "remote_config", ""),
    ),
    "VM.migrate_send": ((2, "dest", ""),),
    "VM.set_platform": ((2, "value", ""),),
    "VM.sysprep": ((2, "unattend", ""),),
    "VMPP.add_to_archive_target_config": ((3, "value", ""),),
    "VMPP.create": ((1, "args", "archive_target_config"),),
    "VMPP.set_archive_target_config": ((2, "value", ""),),
    "VTPM.set_contents": ((2, "contents", ""),),
    "console.add_to_other_config": ((3, "value", ""),),
    "console.create": ((1, "args", "other_config"),),
    "console.set_other_config": ((2, "value", ""),),
    "host.bugreport_upload": (
        (2, "url", ""),
        (3, "options", ""),
    ),
    "host.call_extension": ((2, "call", ""),),
    "host.call_plugin": ((4, "args", ""),),
    "host.cleanup_pool_secret": (
        (2, "old_ps", ""),
        (3, "new_ps", ""),
    ),
    "host.disable_external_auth": ((2, "config", ""),),
    "host.enable_external_auth": ((2, "config", ""),),
    "host.install_server_certificate": ((3, "private_key", ""),),
    "host.notify_accept_new_pool_secret": (
        (2, "old_ps", ""),
        (3, "new_ps", ""),
    ),
    "host.notify_send_new_pool_secret": (
        (2, "old_ps", ""),
        (3, "new_ps", ""),
    ),
    "host.set_power_on_mode": ((3, "power_on_config", ""),),
    "host.update_pool_secret": ((2, "pool_secret", ""),),
    "host_crashdump.upload": (
        (2, "url", ""),
        (3, "options", ""),
    ),
    "pool.configure_repository_proxy": ((4, "password", ""),),
    "pool.disable_external_auth": ((2, "config", ""),),
    "pool.enable_external_auth": ((2, "config", ""),),
    "pool.initialize_wlb": (
        (3, "wlb_password", ""),
        (5, "xenserver_password", ""),
    ),
    "pool.join": ((3, "master_password", ""),),
    "pool.join_force": ((3, "master_password", ""),),
    "pool.sync_updates": (
        (3, "token", ""),
        (6, "password", ""),
    ),
    "pool.test_archive_target": ((2, "config", ""),),
    "secret.create": ((1, "args", "value"),),
    "secret.introduce": ((2, "value", ""),),
    "secret.set_value": ((2, "value", ""),),
    "session.change_password": (
        (1, "old_pwd", ""),
        (2, "new_pwd", ""),
    ),
    "session.login_with_password": ((1, "pwd", ""),),
    "session.slave_local_login": ((0, "psecret", ""),),
    "session.slave_local_login_with_password": ((1, "pwd", ""),),
    "session.slave_login": ((1, "psecret", ""),),
    "xend.cpu_pool.create": ((0, "config", ""),),
    "xend.cpu_pool.new": ((0, "config", ""),),
    "xend.domain.configure": ((0, "config", ""),),
    "xend.domain.create": ((0, "config", ""),),
    "xend.domain.create_from_dict": ((0, "config_dict", ""),),
    "xend.domain.device_configure": ((1, "dev_sxp", ""),),
    "xend.domain.device_create": ((1, "dev_config", ""),),
    "xend.domain.new": ((0, "config", ""),),
}

RESULTS: dict[str, tuple[str, ...]] = {
    "Cluster.get_all_records": ("cluster_token",),
    "Cluster.get_all_records_where": ("cluster_token",),
    "Cluster.get_cluster_token": ("",),
    "Cluster.get_record": ("cluster_token",),
    "PBD.get_all_records": ("device_config",),
    "PBD.get_all_records_where": ("device_config",),
    "PBD.get_device_config": ("",),
    "PBD.get_record": ("device_config",),
    "VDI.get_nbd_info": ("",),
    "VDI.open_database": ("",),
    "VM.get_all_records": ("platform",),
    "VM.get_platform": ("",),
    "VM.get_record": ("platform",),
    "VMPP.get_all_records": ("archive_target_config",),
    "VMPP.get_all_records_where": ("archive_target_config",),
    "VMPP.get_archive_target_config": ("",),
    "VMPP.get_record": ("archive_target_config",),
    "VTPM.get_contents": ("",),
    "console.get_all_records": ("other_config",),
    "console.get_other_config": ("",),
    "console.get_record": ("other_config",),
    "event.from": (
        "archive_target_config",
        "cluster_token",
        "device_config",
        "external_auth_configuration",
        "platform",
        "power_on_config",
    ),
    "event.next": (
        "archive_target_config",
        "cluster_token",
        "device_config",
        "external_auth_configuration",
        "platform",
        "power_on_config",
    ),
    "host.get_all_records": (
        "external_auth_configuration",
        "power_on_config",
    ),
    "host.get_all_records_where": (
        "external_auth_configuration",
        "power_on_config",
    ),
    "host.get_external_auth_configuration": ("",),
    "host.get_power_on_config": ("",),
    "host.get_record": (
        "external_auth_configuration",
        "power_on_config",
    ),
    "host.migrate_receive": ("",),
    "pool.initial_auth": ("",),
    "secret.get_all_records": ("value",),
    "secret.get_all_records_where": ("value",),
    "secret.get_record": ("value",),
    "secret.get_value": ("",),
}

_OPEN = """
Bond.get_all_records Bond.get_all_records_where Bond.get_other_config Bond.get_properties Bond.get_record
Cluster.get_all_records Cluster.get_all_records_where Cluster.get_cluster_config Cluster.get_other_config
Cluster.get_record Cluster_host.get_all_records Cluster_host.get_all_records_where
Cluster_host.get_other_config Cluster_host.get_record DR_task.get_all_records DR_task.get_all_records_where
DR_task.get_record DSCSI.get_all_records DSCSI.get_record DSCSI.get_runtime_properties Diagnostics.db_stats
Diagnostics.gc_stats GPU_group.get_all_records GPU_group.get_all_records_where GPU_group.get_other_config
GPU_group.get_record Observer.get_all_records Observer.get_all_records_where Observer.get_attributes
Observer.get_record PBD.get_all_records PBD.get_all_records_where PBD.get_device_config PBD.get_other_config
PBD.get_record PCI.get_all_records PCI.get_all_records_where PCI.get_other_config PCI.get_record
PGPU.get_all_records PGPU.get_all_records_where PGPU.get_compatibility_metadata PGPU.get_other_config
PGPU.get_record PIF.get_all_records PIF.get_all_records_where PIF.get_other_config PIF.get_properties
PIF.get_record PIF_metrics.get_all_records PIF_metrics.get_all_records_where PIF_metrics.get_other_config
PIF_metrics.get_record PUSB.get_all_records PUSB.get_all_records_where PUSB.get_other_config PUSB.get_record
SM.get_all_records SM.get_all_records_where SM.get_configuration SM.get_other_config SM.get_record
SR.get_all_records SR.get_all_records_where SR.get_other_config SR.get_record SR.get_sm_config SR.probe_ext
USB_group.get_all_records USB_group.get_all_records_where USB_group.get_other_config USB_group.get_record
VBD.get_all_records VBD.get_all_records_where VBD.get_other_config VBD.get_qos_algorithm_params VBD.get_record
VBD.get_runtime_properties VBD_metrics.get_all_records VBD_metrics.get_all_records_where
VBD_metrics.get_other_config VBD_metrics.get_record VDI.get_all_records VDI.get_all_records_where
VDI.get_other_config VDI.get_record VDI.get_sm_config VDI.get_xenstore_data VGPU.get_all_records
VGPU.get_all_records_where VGPU.get_compatibility_metadata VGPU.get_other_config VGPU.get_record
VIF.get_all_records VIF.get_all_records_where VIF.get_other_config VIF.get_qos_algorithm_params VIF.get_record
VIF.get_runtime_properties VIF_metrics.get_all_records VIF_metrics.get_all_records_where
VIF_metrics.get_other_config VIF_metrics.get_record VLAN.get_all_records VLAN.get_all_records_where
VLAN.get_other_config VLAN.get_record VM.get_HVM_boot_params VM.get_NVRAM VM.get_VCPUs_params
VM.get_all_records VM.get_all_records_where VM.get_bios_strings VM.get_boot_record VM.get_last_boot_CPU_flags
VM.get_other_config VM.get_platform VM.get_record VM.get_snapshot_info VM.get_tools_version
VM.get_xenstore_data VM.query_services VMPP.get_alarm_config VMPP.get_all_records VMPP.get_all_records_where
VMPP.get_archive_schedule VMPP.get_archive_target_config VMPP.get_backup_schedule VMPP.get_record
VMSS.get_all_records VMSS.get_all_records_where VMSS.get_record VMSS.get_schedule
VM_guest_metrics.get_PV_drivers_version VM_guest_metrics.get_all_records
VM_guest_metrics.get_all_records_where VM_guest_metrics.get_disks VM_guest_metrics.get_memory
VM_guest_metrics.get_netbios_name VM_guest_metrics.get_networks VM_guest_metrics.get_os_version
VM_guest_metrics.get_other VM_guest_metrics.get_other_config VM_guest_metrics.get_record
VM_guest_metrics.get_services VM_metrics.get_VCPUs_params VM_metrics.get_all_records
VM_metrics.get_all_records_where VM_metrics.get_other_config VM_metrics.get_record VTPM.get_other_config
VTPM.get_record VTPM.get_runtime_properties VUSB.get_all_records VUSB.get_all_records_where
VUSB.get_other_config VUSB.get_record XSPolicy.get_labeled_resources
auth.get_subject_information_from_identifier console.get_all_records console.get_all_records_where
console.get_other_config console.get_record cpu_pool.get_all_records cpu_pool.get_other_config
cpu_pool.get_record crashdump.get_all_records crashdump.get_all_records_where crashdump.get_other_config
crashdump.get_record event.from event.next host.get_API_version_vendor_implementation host.get_all_records
host.get_all_records_where host.get_bios_strings host.get_chipset_info host.get_cpu_configuration
host.get_cpu_info host.get_diagnostic_timing_stats host.get_external_auth_configuration
host.get_guest_VCPUs_params host.get_license_params host.get_license_server host.get_logging
host.get_ntp_servers_status host.get_other_config host.get_power_on_config host.get_record
host.get_software_version host.get_tracked_user_agents host.migrate_receive host.tickle_heartbeat
host_cpu.get_all_records host_cpu.get_all_records_where host_cpu.get_other_config host_cpu.get_record
host_crashdump.get_all_records host_crashdump.get_all_records_where host_crashdump.get_other_config
host_crashdump.get_record host_metrics.get_all_records host_metrics.get_all_records_where
host_metrics.get_other_config host_metrics.get_record host_patch.get_all_records
host_patch.get_all_records_where host_patch.get_other_config host_patch.get_record network.get_all_records
network.get_all_records_where network.get_other_config network.get_record
pool.exchange_ca_certificates_on_join pool.exchange_certificates_on_join pool.exchange_crls_on_join
pool.get_all_records pool.get_all_records_where pool.get_cpu_info pool.get_guest_agent_config
pool.get_gui_config pool.get_ha_configuration pool.get_health_check_config pool.get_license_server
pool.get_license_state pool.get_other_config pool.get_recommendations pool.get_record pool.get_restrictions
pool.ha_compute_vm_failover_plan pool.retrieve_wlb_configuration pool_patch.get_all_records
pool_patch.get_all_records_where pool_patch.get_other_config pool_patch.get_record pool_update.get_all_records
pool_update.get_all_records_where pool_update.get_other_config pool_update.get_record secret.get_all_records
secret.get_all_records_where secret.get_other_config secret.get_record session.get_other_config
session.get_record subject.get_all_records subject.get_all_records_where subject.get_other_config
subject.get_record task.get_all_records task.get_all_records_where task.get_other_config task.get_record
tunnel.get_all_records tunnel.get_all_records_where tunnel.get_other_config tunnel.get_record
tunnel.get_status user.get_other_config user.get_record
"""
OPEN_RESULTS = frozenset(_OPEN.split())
