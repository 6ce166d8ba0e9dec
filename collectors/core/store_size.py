"""How much room the store takes on disk, looked at now and then."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 30.0


class StoreSize:
    """Bytes of all files below a directory; measured anew at most every 30 s."""

    def __init__(self, directory: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._monotonic = monotonic
        self._looked = float("-inf")
        self._size = 0.0

    def __call__(self) -> float:
        """The size, at most 30 s old."""
        if self._monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = self._monotonic()
            self._size = float(_size(self._directory))
        return self._size


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
