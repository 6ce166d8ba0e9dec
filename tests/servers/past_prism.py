"""A proxy with a long past: what it exposes at any instant, through restarts and a time when it was down."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import floor

HOUR, DAY = 3600.0, 86400.0
SCRAPE_SECONDS = 15.0
RESTARTS_HOURS = (20.0, 13.0, 4.5)
"""How long before the end it began to count from 0 again."""
DOWN_HOURS = (13.5, 13.0)
FAST, SLOW = (0.6, 0.9, 0.98, 1.0, 1.0), (0.2, 0.5, 0.9, 1.0, 1.0)
EDGES = ("0.001", "0.01", "0.1", "1", "+Inf")
SECONDS_EACH = 0.01
RATES = {"success": 3.0, "error": 0.05}


class PastPrism:
    """Every lap between restarts has rates of its own; in every other one it is slow."""

    def __init__(self, end: float, job: str, instance: str) -> None:
        self._laps = [end - 10 * DAY, *(end - HOUR * hours for hours in RESTARTS_HOURS)]
        self._down = [end - HOUR * hours for hours in DOWN_HOURS]
        self._end = end
        self._target = f'job="{job}",instance="{instance}"'

    def exposed(self, at: float) -> list[tuple[str, str, float]]:
        """(name, labels, value) of what it says at an instant after its past, or within it."""
        if self._down[0] <= at < self._down[1]:
            at = self._down[0]
        lap = sum(1 for start in self._laps if start <= at) - 1
        lived, pace = at - self._laps[lap], 1.0 + 0.25 * lap
        found = [
            ("prism_requests_total", f'namespace="past",operation="Get",status="{status}"', floor(lived * rate * pace))
            for status, rate in RATES.items()
        ]
        count = floor(lived * pace * sum(RATES.values()))
        shares = SLOW if lap % 2 else FAST
        name, labels = "prism_request_duration_seconds", 'namespace="past"'
        found += [
            (f"{name}_bucket", f'{labels},le="{edge}"', floor(count * share))
            for edge, share in zip(EDGES, shares, strict=True)
        ]
        return [*found, (f"{name}_sum", labels, SECONDS_EACH * count), (f"{name}_count", labels, count)]

    def text(self, at: float) -> bytes:
        """What it answers to a scrape."""
        return "".join(f"{name}{{{labels}}} {value}\n" for name, labels, value in self.exposed(at)).encode()

    def grown(self, name: str, start: float, end: float) -> float:
        """By how much its counters of this name really grew, in all."""
        turns = [start, *(turn for turn in self._laps if start < turn < end), end]
        total = 0.0
        for first, last in pairwise(turns):
            total += self._sum(name, last - 0.001) - self._sum(name, first)
        return total

    def past(self, hours: float, unit: float = 1.0) -> str:
        """Its scrapes before the end, as OpenMetrics; `unit` is 1000 for times in milliseconds."""
        count = int(hours * HOUR / SCRAPE_SECONDS)
        scrapes = (self._end - SCRAPE_SECONDS * number for number in range(count, 0, -1))
        return "\n".join(line for at in scrapes for line in self._scraped(at, f"{unit * at:.3f}")) + "\n# EOF\n"

    def _scraped(self, at: float, when: str) -> Iterable[str]:
        down = self._down[0] <= at < self._down[1]
        yield f"up{{{self._target}}} {0 if down else 1} {when}"
        yield f"scrape_duration_seconds{{{self._target}}} 0.01 {when}"
        for name, labels, value in () if down else self.exposed(at):
            yield f"{name}{{{self._target},{labels}}} {value} {when}"

    def _sum(self, name: str, at: float) -> float:
        return sum(value for one, _, value in self.exposed(at) if one == name)
