"""The judgement of the whole and of each proxy alone, worked out once for all who ask in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Any, NamedTuple

from aggregators.overview.overall import Judgement
from pages.shared.judges import Judges
from store.snapshot import Snapshot

SHELL_SECONDS = 1.0
"""Ages advance, so what surrounds a page is worked out again after this long even when nothing is new."""
QUICK_SECONDS, REST = 0.1, 2.0
"""A judgement that took longer than the first is not begun again before REST times as long has passed."""
KEPT_PARTS = 32
"""Proxies that are looked at one by one."""


class Judged(NamedTuple):
    """A judgement, of which version and instant it is, when it was done and how much processor time that took."""

    version: int
    at: float
    judgement: Judgement
    done_tick: float
    cost_seconds: float

    def rests(self, tick: float) -> bool:
        """True while it is too soon to work so hard again."""
        return self.cost_seconds > QUICK_SECONDS and tick - self.done_tick < REST * self.cost_seconds

    def fresh(self, snapshot: Snapshot, now: float, renew: str) -> bool:
        """True for the same version in the same second; for a view that is due only at the same instant."""
        same = self.version == snapshot.version and 0.0 <= now - self.at < SHELL_SECONDS
        return same and (not renew or self.at == now)


class Judgements:
    """Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._judges: dict[frozenset[str], Judges] = {}
        self._kept: dict[frozenset[str], Judged] = {}

    def of(self, snapshot: Snapshot, now: float, renew: str = "") -> Judgement:
        """How everything stands, worked out once for all who ask: per version and second, the view `renew` at once.

        A site so large that judging it takes long is not judged all the time: the last judgement stands for REST times
        as long, whatever comes.
        """
        with self._lock:
            kept = self._kept.get(snapshot.left_out)
            if kept is None or not (kept.rests(time.monotonic()) or kept.fresh(snapshot, now, renew)):
                began = time.thread_time()  # a crowded machine does not make a site large
                found = self._judges.setdefault(snapshot.left_out, Judges()).judgement(snapshot, now, renew)
                cost = time.thread_time() - began
                kept = Judged(snapshot.version, now, found, time.monotonic(), cost)
                keep(self._kept, snapshot.left_out, kept)
                self._judges = {part: judges for part, judges in self._judges.items() if part in self._kept}
            return kept.judgement


def keep(into: dict[Any, Any], key: Hashable, value: object) -> None:
    """The newest last; the oldest goes when there are too many."""
    into.pop(key, None)
    into[key] = value
    while len(into) > KEPT_PARTS:
        del into[next(iter(into))]
