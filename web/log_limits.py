"""Bounds of the log: whoever sends nonsense decides neither how long its lines are nor how many."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

MOST_CHARACTERS = 2000
"""Of a message, and of a traceback's end."""
MOST_LINES, WINDOW_SECONDS = 20, 10.0
"""As many of one kind (the line of code that writes them) in as long; how many were left out is said with the next."""
MOST_KINDS = 256


class Limits(logging.Filter):
    """For a handler: shortens records, and leaves out those that come too often."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int], list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for one line too many."""
        left_out = self._left_out((record.pathname, record.lineno))
        if left_out is None:
            return False
        said = _short(record.getMessage())
        record.msg, record.args = said + (f" ({left_out} more like this were left out)" if left_out else ""), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text and len(record.exc_text) > MOST_CHARACTERS:
            record.exc_text = "…" + record.exc_text[-MOST_CHARACTERS:]
        return True

    def _left_out(self, kind: tuple[str, int]) -> int | None:
        """How many of its kind were left out before this one; None when it is left out itself."""
        now = self._clock()
        began, count = self._kinds.pop(kind, [now, 0])
        missed = 0
        if now - began >= WINDOW_SECONDS:
            missed, began, count = max(0, int(count) - MOST_LINES), now, 0
        self._kinds[kind] = [began, count + 1]
        if len(self._kinds) > MOST_KINDS:
            del self._kinds[next(iter(self._kinds))]
        return None if count >= MOST_LINES else missed


def _short(text: str) -> str:
    """One line of bounded length."""
    line = text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + f"… ({len(text)} characters)"
    return line.replace("\r", "\\r").replace("\n", "\\n")


def bound(*loggers: logging.Logger) -> None:
    """Bound every handler of these loggers."""
    for logger in loggers:
        for handler in logger.handlers:
            handler.addFilter(Limits())
