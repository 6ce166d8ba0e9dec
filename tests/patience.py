"""How much longer than promised a test may wait on a machine that is busy with other things."""

from __future__ import annotations

import os


def patience() -> float:
    """1 on a machine with time to spare; on a crowded one as many times more as there are tasks per processor."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
