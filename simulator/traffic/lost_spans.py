"""Spans that were never made, because what should have made them was down."""

from __future__ import annotations

from collections import deque


class LostSpans:
    """Requests that never reached their pattern because it was down: (seconds since 1970, how many)."""

    def __init__(self) -> None:
        self._lost: deque[tuple[float, int]] = deque(maxlen=10_000)

    def note(self, at: float, count: int) -> None:
        """Book one step's."""
        if count:
            self._lost.append((at, count))

    def within(self, start: float, end: float) -> int:
        """All of [start, end)."""
        return sum(count for at, count in self._lost if start <= at < end)
