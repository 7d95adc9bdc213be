"""xraytap: see, keep and replay what goes over the wire between a client and a Xen host."""

__version__ = "0.1.0"
