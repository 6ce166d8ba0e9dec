"""Keeps a process small: its threads allocate little, and share one heap."""

from __future__ import annotations

import ctypes
import gc
from functools import cache

_M_ARENA_MAX = -8
_M_TRIM_THRESHOLD = -1
ARENAS = 1
TRIM_BYTES = 256 * 1024
HOLES = (65536, 16384, 4096, 2048, 1024, *range(1000, 16, -16))
"""Sizes of blocks, in bytes, by which holes of every size are filled."""


def bound_heaps() -> None:
    """Call once, before there are threads. A C library without `mallopt` is left as it is.

    glibc gives each thread a heap of its own and keeps what was freed there: a page of 6 MB, written by a thread for
    each connection, made 320 MB of 130 MB. One heap more than the first one was 3 MB more of a web worker after a
    minute, and no less processor time: Python's threads allocate one after another.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_TRIM_THRESHOLD, TRIM_BYTES)


def settle() -> None:
    """Bound the heaps, and keep the collector of garbage away from what is there: call when everything is imported."""
    bound_heaps()
    gc.collect()
    gc.freeze()


def trim() -> None:
    """Give back to the system what a piece of work took that is done now."""
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)


@cache
def fill_holes() -> int:
    """Call before the first fork: take what is free between blocks in use, so that a child's own blocks lie elsewhere.

    Each that it put into a hole would copy a page of what is shared: 4 MB in each child. Little is lost, these pages
    are resident already. Gives the number of bytes, 0 where the C library has no heap like glibc's; done once.
    """
    trim()
    library = ctypes.CDLL(None)
    if not hasattr(library, "sbrk") or not hasattr(library, "malloc_trim"):
        return 0
    for name in ("malloc", "sbrk"):
        getattr(library, name).restype = ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]
    end, taken = library.sbrk(0), 0
    for size in HOLES:
        while (block := library.malloc(size)) + size <= end:
            taken += size
        library.free(block)
    return taken
