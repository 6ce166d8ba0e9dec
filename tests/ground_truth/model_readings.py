"""The simulator's own books over time, read several times a second: any window of the past can be worked out."""

from __future__ import annotations

import json
import threading
import urllib.request
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.patience import until

TrafficModel = Mapping[str, Any]
READ_SECONDS = 0.4


class ModelReadings:
    """Reads /books of a running simulator on a thread of its own until it is closed."""

    def __init__(self, control: str) -> None:
        self._address = f"{control}/books"
        self._ended = threading.Event()
        self._read: list[TrafficModel] = [self._ask()]
        self._thread = threading.Thread(target=self._watch, name="ledger", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Read no more."""
        self._ended.set()
        self._thread.join(10)

    def _ask(self) -> TrafficModel:
        with urllib.request.urlopen(self._address, timeout=10) as answer:
            reported: TrafficModel = json.load(answer)
        return reported

    def _watch(self) -> None:
        while not self._ended.wait(READ_SECONDS):
            self._read.append(self._ask())

    @property
    def seconds(self) -> float:
        """How much of the past it holds."""
        return float(self._read[-1]["now"] - self._read[0]["now"])

    def wait_until(self, at: float) -> None:
        """Until it has read the books of `at`, with one reading to spare."""
        until(lambda: self._read[-1]["now"] >= at + READ_SECONDS, lambda: "the simulator answers no more")

    def at(self, since: float, until: float) -> Sequence[TrafficModel]:
        """The books of that time, with one reading more on either side."""
        known = list(self._read)
        first = bisect_left(known, since, key=_now)
        last = bisect_right(known, until, key=_now)
        return known[max(0, first - 1) : last + 1]


def _now(model: TrafficModel) -> float:
    return float(model["now"])


Window = tuple[TrafficModel, TrafficModel]
Of = Callable[[Window], float]


@dataclass(frozen=True)
class Moving:
    """A figure that between two readings of the books may be more, or less, than at either of them, as a quantile is.

    `edges` is the least and the greatest that it can have been, for two neighbouring readings at a window's beginning
    and two at its end: counts only grow, so at any instant each of them lies between what it was at the two.
    """

    at: Of
    edges: Callable[[Window, Window], tuple[float, float]]

    def __call__(self, window: Window) -> float:
        return self.at(window)


class Read:
    """What could have been read: the books at the ends of each window that a figure may have been worked out of.

    `watched` is the time within which the dashboard read its source for the first time.
    """

    def __init__(self, readings: ModelReadings, watched: tuple[float, float], since: float, until: float) -> None:
        self._readings, self._watched, self._since, self._until = readings, watched, since, until

    def windows(self, seconds: float, slack: float) -> Iterator[Window]:
        """Every window of so many seconds that ended in the time; no window begins before the first reading.

        `slack` is by how much its beginning may have been off: sources are read once in a while, not at the instant.
        """
        for end in self._readings.at(self._since, self._until):
            start = end["now"] - seconds
            if start >= self._watched[1]:
                yield from ((begin, end) for begin in self._readings.at(start - slack, start + slack))
            else:
                earliest = max(self._watched[0], start - slack)
                yield from ((begin, end) for begin in self._readings.at(earliest, self._watched[1]))

    def between(self, of: Of, seconds: float, slack: float) -> tuple[float, float]:
        """The least and the greatest that `of` comes to over all of these windows."""
        found = [of(window) for window in self.windows(seconds, slack)]
        if isinstance(of, Moving):
            found += [edge for begins, ends in self._gaps(seconds, slack) for edge in of.edges(begins, ends)]
        return min(found), max(found)

    def _gaps(self, seconds: float, slack: float) -> Iterator[tuple[Window, Window]]:
        """The same windows, each end anywhere between two neighbouring readings."""
        for ends in pairwise(self._readings.at(self._since, self._until)):
            first, last = (end["now"] - seconds for end in ends)
            if first >= self._watched[1]:
                begins = self._readings.at(first - slack, last + slack)
            else:
                latest = last + slack if last >= self._watched[1] else self._watched[1]
                begins = self._readings.at(max(self._watched[0], first - slack), latest)
            yield from ((pair, ends) for pair in pairwise(begins))
