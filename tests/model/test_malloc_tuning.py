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


def test_threads_share_the_one_heap() -> None:
    script = (
        "import ctypes, json, threading\n"
        "from model.process.malloc_tuning import bound_heaps\n"
        "bound_heaps()\n"
        "library = ctypes.CDLL(None)\n"
        "library.malloc.restype = ctypes.c_void_p\n"
        "taken, meet = [], threading.Barrier(4)\n"
        "def take():\n"
        "    meet.wait()\n"
        f"    taken.extend(library.malloc({BYTES}) for _ in range({BLOCKS}))\n"
        "threads = [threading.Thread(target=take) for _ in range(4)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
        "heap = next(line.split()[0] for line in open('/proc/self/maps') if line.endswith('[heap]\\n'))\n"
        "begin, end = (int(one, 16) for one in heap.split('-'))\n"
        "print(json.dumps([hasattr(library, 'mallopt'), sum(begin <= one < end for one in taken)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    glibc, within = json.loads(done.stdout)
    assert within == 4 * BLOCKS or not glibc
