"""Floor 1: where captures live. SQLite; one writer, many readers; knows nothing of proxies or screens."""

from xraytap.store.reader import CaptureInfo, Store, open_store
from xraytap.store.source import CaptureSource

__all__ = ["CaptureInfo", "CaptureSource", "Store", "open_store"]
