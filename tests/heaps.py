"""How many heaps a process has, as /proc shows them."""

from __future__ import annotations

from pathlib import Path

HEAP_BYTES = 64 * 1024 * 1024
"""How glibc aligns a heap that is not the first one."""


def heaps(pid: int) -> int:
    """How many heaps threads have of their own."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    private = (line.split() for line in lines if len(line.split()) == 5)  # of no file
    starts = [int(span.partition("-")[0], 16) for span, rights, *_ in private if rights == "rw-p"]
    return sum(start % HEAP_BYTES == 0 for start in starts)
