"""Keeps the collector process small: its threads allocate little, and need no heap each."""

from __future__ import annotations

import ctypes
import gc

_M_ARENA_MAX = -8
_M_TRIM_THRESHOLD = -1
ARENAS = 2
TRIM_BYTES = 256 * 1024


def settle() -> None:
    """Call once, after everything is imported. On a C library without `mallopt` nothing but the collector's part."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_TRIM_THRESHOLD, TRIM_BYTES)
    gc.collect()
    gc.freeze()
