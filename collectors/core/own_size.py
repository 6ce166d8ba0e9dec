"""What the collector process itself takes: of the disk that holds its store, and of memory once what it needs no
more has been given back; looked at now and then.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from model.process.malloc_tuning import trim
from store.process_memory import proportional_bytes, resident_bytes

LOOK_SECONDS, TRIM_SECONDS = 30.0, 5.0


class OwnSize:
    """The families of the catalogue by name, in bytes; measured anew at most every 30 s.

    `directory` is None for a store that lies on another host.
    """

    def __init__(self, directory: Path | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._looked = self._trimmed = float("-inf")
        self._sizes: Mapping[str, float] = {}

    def __call__(self) -> Mapping[str, float]:
        """The sizes, at most 30 s old; without what this machine does not say."""
        if self._monotonic() - self._trimmed >= TRIM_SECONDS:
            self._trimmed = self._monotonic()
            trim()  # 2 ms, and of a collector that has just loaded a day 25 of 165 MB
        if self._monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = self._monotonic()
            measured = {
                "hud_store_bytes": None if self._directory is None else float(_size(self._directory)),
                "hud_disk_free_bytes": None if self._directory is None else _free(self._directory),
                "hud_resident_memory_bytes": resident_bytes(),
                "hud_memory_bytes": proportional_bytes(),
            }
            self._sizes = {name: value for name, value in measured.items() if value is not None}
        return self._sizes


def _free(directory: Path) -> float | None:
    try:
        return float(shutil.disk_usage(directory).free)
    except OSError:
        return None


def _size(directory: Path) -> int:
    """Files that go away meanwhile are left out."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size  # noqa: PTH116, PTH118 (a Path for each is slower)
            except OSError:
                continue
    return total
