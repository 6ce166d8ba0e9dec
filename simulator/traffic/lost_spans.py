"""Spans that were never made, because what should have made them was down."""

from __future__ import annotations

from collections import deque

UNREACHED = ""


class LostSpans:
    """Requests whose trace lacks a part: (seconds since 1970, how many, which part).

    The part UNREACHED is that of a pattern that was down: the request never reached it.
    """

    def __init__(self) -> None:
        self._lost: deque[tuple[float, int, str]] = deque(maxlen=10_000)

    def note(self, at: float, count: int, part: str = UNREACHED) -> None:
        """Book one step's."""
        if count:
            self._lost.append((at, count, part))

    def within(self, start: float, end: float, part: str = UNREACHED) -> int:
        """All of [start, end)."""
        return sum(count for at, count, lacking in self._lost if lacking == part and start <= at < end)
