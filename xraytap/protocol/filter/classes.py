"""The classes of the data models as fields of a filter: `vm:guest002` asks for calls about that VM."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from xraytap.protocol.filter.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def class_fields() -> Mapping[str, str]:
    """The class that a field in lower case means, of xend and of XAPI. `session` and `message` are fields of
    their own. Loads both data models (milliseconds), so ask only for what is no other field."""
    from xraytap.protocol.datamodel import APIS, load

    classes = sorted({each for api in APIS for each in load(api).classes()})
    return {each.lower(): each for each in classes if each.lower() not in FIELDS}
