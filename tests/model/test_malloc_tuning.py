"""What is done for the memory of processes does what it says, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
BLOCKS, BYTES = 4000, 600
"""Half of them are given back, each beside one that is not: holes that nothing can join."""


def test_holes_between_blocks_are_filled() -> None:
    script = (
        "import ctypes, json\n"
        "from model.process.malloc_tuning import fill_holes\n"
        "library = ctypes.CDLL(None)\n"
        "library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]\n"
        f"blocks = [library.malloc({BYTES}) for _ in range({BLOCKS})]\n"
        "for block in blocks[::2]: library.free(block)\n"
        "taken = fill_holes()\n"
        f"new = [library.malloc({BYTES}) for _ in range({BLOCKS // 2})]\n"
        "among = sum(blocks[0] <= one <= blocks[-1] for one in new)\n"
        "print(json.dumps([hasattr(library, 'malloc_trim'), taken, among]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    glibc, taken, among = json.loads(done.stdout)
    if glibc:
        assert taken >= 0.9 * BLOCKS // 2 * BYTES
        assert among <= 0.01 * BLOCKS, "what comes later lies elsewhere"
    else:
        assert taken == 0
