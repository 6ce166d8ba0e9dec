"""What the running process takes of memory, as the kernel says."""

from __future__ import annotations

import os
from pathlib import Path

KIB = 1024.0


def resident_bytes() -> float | None:
    """All that is mapped in; None where the kernel keeps no such file."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return None
    return float(pages) * os.sysconf("SC_PAGE_SIZE")


def proportional_bytes() -> float | None:
    """The same with what is shared counted by share, so that the sum over processes is what they take together."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return resident_bytes()
    sizes = [float(line.split()[1]) * KIB for line in lines if line.startswith("Pss:")]
    return sizes[0] if sizes else resident_bytes()
