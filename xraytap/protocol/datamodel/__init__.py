"""What the Xen-API says about itself: classes, messages, parameter names and types, errors, of xend and XAPI.

Loaded on first use, each API by itself, in milliseconds; nothing on the tap's way needs it.
"""

from xraytap.protocol.datamodel.model import APIS, MessageFacts, Model, Param, load
from xraytap.protocol.datamodel.types import Type, parse_type

__all__ = ["APIS", "MessageFacts", "Model", "Param", "Type", "load", "parse_type"]
