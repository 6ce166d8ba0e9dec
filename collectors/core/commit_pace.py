"""How often is committed: at once where few sources are read; with hundreds several reads share a commit.

A commit costs the same whatever is in it: a transaction, a manifest, a row of the HUD's own that has six series for
each source, and a look of every reader. With 200 patterns read each second that came to 100 commits a second, half a
core, and 60 MB for a minute of own rows.
"""

from __future__ import annotations

from collections.abc import Callable

PER_SECOND = 20.0
"""So many in the long run. What waits for the next is seen 50 ms later at most."""
AT_ONCE = 10
"""So many of them are not held back, so that a site with few sources never waits."""


class CommitPace:
    """Says how long the next commit may wait for more to come."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._booked_until = float("-inf")

    def delay(self) -> float:
        """Seconds to wait before the next commit; 0 while there were few lately."""
        return max(0.0, self._booked_until - AT_ONCE / PER_SECOND - self._monotonic())

    def committed(self) -> None:
        """Book one."""
        self._booked_until = max(self._booked_until, self._monotonic()) + 1.0 / PER_SECOND
