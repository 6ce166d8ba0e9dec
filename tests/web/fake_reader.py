"""A store's reader without a store."""

from __future__ import annotations

from store.snapshot import Snapshot
from store.status import StoreStatus


class FakeReader:
    """Reads one prepared snapshot, `held`, and counts how often it is loaded. Its writer lived last at `alive_at`, else
    when the snapshot says so, else when that was written.
    """

    def __init__(self, held: Snapshot, alive_at: float | None = None) -> None:
        self.held = held
        self.loads = 0
        self._alive_at = alive_at

    def version(self) -> int:
        return self.held.version

    def snapshot(self) -> Snapshot:
        self.loads += 1
        return self.held

    def status(self) -> StoreStatus:
        meta = self.held.meta
        alive_at = self._alive_at or meta.get("collector_alive_at") or self.held.written_at
        return StoreStatus(float(alive_at), 1, str(meta.get("store_trouble") or ""))
