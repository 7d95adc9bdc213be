"""Floor 1: where captures live. SQLite; one writer, many readers; knows nothing of proxies or screens."""

from xraytap.store.reader import CaptureInfo, Store, open_store

__all__ = ["CaptureInfo", "Store", "open_store"]
