"""Steps in traffic: when requests per second went from one level to another, well beyond their noise, and stayed.

Requests are counted in slots. A step has a level before and a level after it that both hold; the slots in which it
happened belong to neither, so that no rate is said that is a blend of both. What goes up and down over a day never
gets from one level to another within that time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from aggregators.requests.attribution import ALL, NAMESPACE
from aggregators.requests.labels import REQUESTS
from aggregators.series.counters import edges
from aggregators.series.grouping import Floats, group_codes
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
from store.snapshot import Snapshot

SLOT_SECONDS = 10.0
AFTER, LEAST_BEFORE, MOST_BEFORE = 3, 9, 24
"""Slots of the level after, and of the level before a step."""
BETWEEN = (1, 2, 3)
"""So many slots it may take."""
SLOTS = MOST_BEFORE + AFTER + max(BETWEEN)
SPREADS, RATIO, LEAST_RATE = 5.0, 1.5, 1.0
"""Well beyond the noise: in deviations of a slot, as a ratio of the levels, in requests per second."""
STILL = 0.25
"""A level holds while it moves by no more than this part of the step."""
ALIKE = 1.3
"""Who moves along with everybody by a like ratio has made no step of their own."""
MOST_FOLLOWED = 5_000


class Step(NamedTuple):
    """From `before` to `after`, in requests per second, at `at` (seconds since 1970)."""

    at: float
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """How many times as many as before; of a tenth of a request per second at the least."""
        return max(self.after, 0.1) / max(self.before, 0.1)


def step_in(rates: Floats, ended: float) -> Step | None:
    """The step that the newest of these slots complete; `ended` is when the last one did. NaN is not known."""
    after = rates[-AFTER:]
    for between in BETWEEN:
        before = rates[: len(rates) - AFTER - between]
        if len(before) < LEAST_BEFORE or np.isnan(rates).any():
            return None
        level, height = float(np.median(before)), float(after[1:].mean())  # the first may hold the end of the step
        rise = height - level
        if _far(before, after, level, rise) and _holds(before, after, level, rise):
            during = rates[len(before) : len(rates) - AFTER + 1]
            already = SLOT_SECONDS * float(np.clip((during - level) / rise, 0.0, 1.0).sum())
            return Step(ended - SLOT_SECONDS * (AFTER - 1) - already, level, height)
    return None


def _far(before: Floats, after: Floats, level: float, rise: float) -> bool:
    """Beyond the noise of a slot, and beyond all that was before."""
    chance = np.sqrt(max(level, 0.1) / SLOT_SECONDS)
    noise = max(1.4826 * float(np.median(np.abs(before - level))), float(chance))
    high, low = max(level + rise, 0.1), max(level, 0.1)
    beyond = after.min() > before.max() if rise > 0 else after.max() < before.min()
    return bool(beyond and abs(rise) >= max(SPREADS * noise, LEAST_RATE) and max(high / low, low / high) >= RATIO)


def _holds(before: Floats, after: Floats, level: float, rise: float) -> bool:
    """Both levels are levels: the last slot before is still at the one, the slots after do not go on."""
    bound = STILL * abs(rise)
    apart = float(after.max() - after.min())
    chance = 4.0 * np.sqrt(max(float(after.mean()), 0.1) / SLOT_SECONDS)
    return bool(abs(before[-1] - level) <= bound and apart <= max(bound, chance))


@dataclass(slots=True)
class TrafficSteps:
    """Remembers the last minutes of all requests, of each pattern and of each namespace."""

    _slots: dict[str, deque[float]] = field(default_factory=dict)
    _at: float = 0.0
    _by: frozenset[str] = frozenset()

    def step(self, snapshot: Snapshot, now: float) -> dict[str, Step]:
        """The steps that were completed since it was last asked, by component; at most every SLOT_SECONDS."""
        if 0.0 <= now - self._at < SLOT_SECONDS:
            return {}
        late, self._at = now - self._at > 2 * SLOT_SECONDS, now
        by = frozenset(one.key for one in of_kind(snapshot, "proxy") if not one.is_stale(now))
        if late or by != self._by:  # other proxies than before count other requests
            self._slots.clear()
        self._by = by
        rates = _rates(snapshot, now) if by else None
        if rates is None:
            self._slots.clear()
            return {}
        self._keep(rates)
        return dict(self._found(now))

    def _keep(self, rates: dict[str, float]) -> None:
        known = max((len(one) for one in self._slots.values()), default=0)
        for name in rates.keys() - self._slots.keys():
            if len(self._slots) < MOST_FOLLOWED:
                self._slots[name] = deque([0.0] * min(known, SLOTS - 1) if name != ALL else [], SLOTS)
        for name, slots in self._slots.items():
            slots.append(rates.get(name, 0.0))

    def _found(self, now: float) -> Iterator[tuple[str, Step]]:
        for name, slots in self._slots.items():
            if len(slots) < LEAST_BEFORE + AFTER + min(BETWEEN):
                continue
            found = step_in(np.array(slots), now)
            if found is not None:
                for _ in range(len(slots) - AFTER):
                    slots.popleft()
                yield name, found


def _rates(snapshot: Snapshot, now: float) -> dict[str, float] | None:
    """Requests per second in the last slot by component; None while they are not counted."""
    window = Window.of(snapshot, now, REQUESTS, SLOT_SECONDS)
    found: dict[str, float] = {}
    for counter in window.counters:
        rows = edges(counter.times, now - SLOT_SECONDS, now)
        if rows is None:
            continue
        codes, groups = group_codes(counter.labels, ("pattern", "namespace"))
        grown = counter.totals[rows[1]] - counter.totals[rows[0]]
        sums = np.bincount(codes, weights=grown, minlength=len(groups))
        seconds = float(counter.times[rows[1]] - counter.times[rows[0]])
        for (pattern, namespace), value in zip(groups, (sums / seconds).tolist(), strict=True):
            for name in (ALL, pattern, f"{NAMESPACE}{namespace}" if namespace else ""):
                if name:
                    found[name] = found.get(name, 0.0) + value
    return found or None
