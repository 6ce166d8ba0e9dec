"""How the collector process gets its turn to write, and how it gives it up."""

from __future__ import annotations

import logging
import os
import sys
import threading

from store.errors import StoreFull
from store.storage import Storage
from store.writer import Writer

ROOM_SECONDS = 1.0
"""Between two looks whether there is room."""

log = logging.getLogger("hud")


def once_more() -> int:
    """Begin anew in this process's place, and wait for the next turn: what was not written yet is another's now."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def opened(storage: Storage, wait: bool, stop: threading.Event) -> Writer:
    """The writer, once there is room to begin a store. Raises StoreError."""
    said = False
    while True:
        try:
            return Writer.open(storage, wait, stop=stop)
        except StoreFull as error:
            if not said:
                log.error("%s; it begins when there is room", error)
            said = True
            if stop.wait(ROOM_SECONDS):
                raise


def watch_stdin(stop: threading.Event) -> None:
    """The parent holds the other end: when it dies, so do we."""
    while os.read(0, 4096):
        pass
    stop.set()
