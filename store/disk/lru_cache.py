"""What a reader keeps in memory: least-recently-used values up to a number of bytes, shared by its snapshots."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class LruCache:
    """A bounded cache. Safe to use from several threads; sizes are bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def get(self, key: Hashable) -> Any:
        """The value, None when it is not held."""
        with self._lock:
            if key not in self._items:
                return None
            self._items.move_to_end(key)
            return self._items[key][0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Hold a value; the least used ones make room. One larger than the whole shelf is not held."""
        with self._lock:
            if key in self._items:
                self.size -= self._items.pop(key)[1]
            if size > self._limit:
                return
            self._items[key] = value, size
            self.size += size
            while self.size > self._limit:
                _, (_, freed) = self._items.popitem(last=False)
                self.size -= freed

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._items.clear()
            self.size = 0
