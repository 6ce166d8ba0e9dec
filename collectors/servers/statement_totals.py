"""Sums over pg_stat_statements that never fall although the view forgets statements to make room for others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MAX_KNOWN = 20_000


class Statement(NamedTuple):
    """One statement as the view has it: how often it was called and the time spent in it, in seconds."""

    key: str
    calls: float
    seconds: float


class StatementTotals:
    """Calls and seconds of all statements since the first look, which only says where to count from.

    `whole`: a look sees every statement. Else one that is new in a later look may be as old as the server, and what
    was called before it came into sight is not counted.
    """

    def __init__(self, whole: bool = True) -> None:
        self._whole = whole
        self._known: dict[str, Statement] | None = None
        self.calls = 0.0
        self.seconds = 0.0

    def lose_track(self) -> None:
        """The view could not be seen whole: the next look only says where to count from."""
        self._known = None

    def add(self, seen: Iterable[Statement]) -> None:
        """A look at the view. One that is new since the last, or was reset, counts whole."""
        found = {one.key: one for one in seen}
        known = found if self._known is None else self._known
        for key, one in found.items():
            before = known.get(key)
            if before is None and not self._whole:
                before = one
            elif before is None or one.calls < before.calls:
                before = Statement(key, 0.0, 0.0)
            self.calls += one.calls - before.calls
            self.seconds += max(0.0, one.seconds - before.seconds)
        self._known = found if self._whole or len(known) > MAX_KNOWN else known | found
