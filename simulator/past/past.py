"""The traffic before the start as curves: what was asked until any instant follows from a few of them.

All flows share three waves and a day's rhythm, and in each regime (nothing wrong, or one incident) fixed shares of them
succeed and fail in each latency bucket. So a counter is a sum of products of curves and shares, for any instants.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.past.incidents import incidents
from simulator.past.rhythm import Rhythm
from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.requests import Traffic
from simulator.traffic.scenario import Scenario

Floats = NDArray[np.floating[Any]]
Counts = NDArray[np.int64]
GRID_SECONDS = 5.0
"""Between two points of a curve; every incident begins and ends at one."""
UP_SECONDS = 4 * 86400.0 + 3 * 3600.0
"""How long the proxy has run when the scenario begins: its counters are so old."""
NOISE, NOISE_SECONDS = 0.3, 60.0
"""How much more or less fails in one minute than in another."""
ALMOST = 1e-6
"""Added before counts are cut to whole ones: sums of products are not exact."""


class _Stood(NamedTuple):
    effect: PatternEffect
    up: bool


class Regime(NamedTuple):
    """How it was while an incident lasted, or while none did (`name` '')."""

    name: str
    effects: Effects
    down: str = ""
    """The pattern that had no process."""


class Past:
    """`hours` before `now` (seconds since 1970), of the same scenario and seed always the same."""

    def __init__(self, scenario: Scenario, traffic: Traffic, seed: int, now: float, hours: float) -> None:
        self.scenario, self.start, self.rhythm = scenario, now, Rhythm(now)
        steps = max(1, round(hours * 3600.0 / GRID_SECONDS))
        self.begin = now - steps * GRID_SECONDS
        self.proxy_started = min(now - UP_SECONDS, self.begin)
        self.incidents = tuple(one for one in incidents(scenario, now) if one.start >= self.begin)
        found = {one.name: Regime(one.name, one.effects, one.pattern if one.down else "") for one in self.incidents}
        self.regimes = (Regime("", Effects()), *found.values())
        self._good, self._bad = self._curves(traffic, seed, steps)
        self.weights = traffic.weights
        self.good_shares, self.bad_shares = self._shares(traffic, [spec.name for spec in scenario.patterns])

    @property
    def cells(self) -> int:
        """Flows times buckets: what is worked out for each instant."""
        return int(self.good_shares[0].size)

    def regime_at(self, times: Floats) -> NDArray[np.intp]:
        """(T,) which regime held."""
        names = [one.name for one in self.regimes]
        found = np.zeros(len(times), dtype=np.intp)
        for one in self.incidents:
            found[(times >= one.start) & (times < one.end)] = names.index(one.name)
        return found

    def curves(self, times: Floats) -> tuple[Floats, Floats]:
        """(T, regimes, 3) each: what multiplies a flow's weights and its shares that succeed, and those that fail."""
        at = np.clip((times - self.begin) / GRID_SECONDS, 0.0, self._good.shape[0] - 1.0)
        low = np.minimum(at.astype(np.intp), self._good.shape[0] - 2)
        within = (at - low)[:, None, None]
        good, bad = (one[low] * (1.0 - within) + one[low + 1] * within for one in (self._good, self._bad))
        return good, bad

    def rate(self, traffic: Traffic, at: float) -> Floats:
        """(flows,) requests per second at an instant, without incidents."""
        return traffic.rates(at - self.proxy_started, Effects()) * self.rhythm(at)

    def _curves(self, traffic: Traffic, seed: int, steps: int) -> tuple[Floats, Floats]:
        """Two of (grid, regimes, 3), summed up since the proxy's start."""
        middles = self.begin + (np.arange(steps) + 0.5) * GRID_SECONDS
        waves = (traffic.waves(middles - self.proxy_started) * self.rhythm.of(middles)).T * GRID_SECONDS
        rng = np.random.default_rng([seed, steps])
        each = round(NOISE_SECONDS / GRID_SECONDS)
        noise = np.repeat(1.0 + NOISE * rng.uniform(-1.0, 1.0, -(-steps // each)), each)[:steps]
        held = self.regime_at(middles)[:, None] == np.arange(len(self.regimes))
        before = (self.begin - self.proxy_started) * self.rhythm.mean

        def summed(each: Floats) -> Floats:
            curves = np.zeros((steps + 1, len(self.regimes), 3))
            curves[1:] = np.cumsum(held[:, :, None] * each[:, None, :], axis=0)
            curves[:, 0, 0] += before
            return curves

        return summed(waves), summed(waves * noise[:, None])

    def _shares(self, traffic: Traffic, patterns: Iterable[str]) -> tuple[Floats, Floats]:
        """(regimes, flows, buckets) of one request that succeed and that fail."""
        good, bad, names = [], [], tuple(patterns)
        for regime in self.regimes:
            stood = {name: _Stood(regime.effects.pattern(name), name != regime.down) for name in names}
            shares = traffic.shares(regime.effects, stood)
            good.append(shares[0])
            bad.append(shares[1])
        return np.array(good), np.array(bad)
