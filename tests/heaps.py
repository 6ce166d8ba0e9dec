"""How many heaps a process has, as /proc shows them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

HEAP_BYTES = 64 * 1024 * 1024
"""How glibc aligns a heap that is not the first one, and how much it reserves for it."""


def heaps(pid: int) -> int:
    """How many heaps threads have of their own: what is in use, and behind it what glibc keeps for them.

    One in some thousand mappings of something else begins where a heap would.
    """
    lines = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    spans = [([int(end, 16) for end in span.split("-")], rights, len(rest)) for span, rights, *rest in lines]
    return sum(
        start % HEAP_BYTES == 0 and end == reserved and kept == start + HEAP_BYTES
        for ((start, end), used, of_file), ((reserved, kept), spare, _) in pairwise(spans)
        if (used, spare, of_file) == ("rw-p", "---p", 3)
    )
