"""Sums over pg_stat_statements that never fall although the view forgets statements to make room for others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Statement(NamedTuple):
    """One statement as the view has it: how often it was called and the time spent in it, in seconds."""

    key: str
    calls: float
    seconds: float


class StatementTotals:
    """Calls and seconds of all statements since the first look, which only says where to count from."""

    def __init__(self) -> None:
        self._known: dict[str, Statement] | None = None
        self.calls = 0.0
        self.seconds = 0.0

    def add(self, seen: Iterable[Statement]) -> None:
        """A look at the view. One that is new since the last, or was reset, counts whole."""
        found = {one.key: one for one in seen}
        known = found if self._known is None else self._known
        for key, one in found.items():
            before = known.get(key)
            if before is None or one.calls < before.calls:
                before = Statement(key, 0.0, 0.0)
            self.calls += one.calls - before.calls
            self.seconds += max(0.0, one.seconds - before.seconds)
        self._known = found
