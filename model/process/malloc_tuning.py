"""Keeps a process small: its threads allocate little, and need no heap each."""

from __future__ import annotations

import ctypes
import gc

_M_ARENA_MAX = -8
_M_TRIM_THRESHOLD = -1
ARENAS = 2
TRIM_BYTES = 256 * 1024


def bound_heaps() -> None:
    """Call once, before there are threads. A C library without `mallopt` is left as it is.

    glibc gives each thread a heap of its own and keeps what was freed there: a page of 6 MB, written by a thread for
    each connection, made 320 MB of 130 MB.
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
