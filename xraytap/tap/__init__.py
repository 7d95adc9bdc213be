"""The tap: the proxy between client and host, and the recorder in it.

Only this package imports mitmproxy, and it does so in a process of its own (`worker`). Who starts a tap
uses `xraytap.tap.process`, which does not import mitmproxy.
"""
