"""Connection pools: what is in use, who waits, how long it takes to get a connection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.status import Status
from simulator.traffic.effects import PatternEffect
from simulator.traffic.latency import MIDDLES, bucket_shares
from simulator.traffic.scenario import PatternSpec

REASONS = ("refused", "timeout", "reset")
WAITING_PER_SECOND = 6.0
WAITING_LIMIT = 400
WAIT_SECONDS, QUERY_SECONDS = 0.00009, 0.00024
_EASY = bucket_shares(WAIT_SECONDS, 0.01, 0.6)
_FULL = bucket_shares(0.18, 0.05, 0.7)
_QUERY = bucket_shares(QUERY_SECONDS, 0.01, 0.6)
QUERIED = frozenset({"postgres"})


class Pool:
    """A pattern's pool. `acquired` counts acquisitions per latency bucket: one for each request that reached it."""

    def __init__(self, spec: PatternSpec) -> None:
        self.spec = spec
        self.acquired: NDArray[np.int64] = np.zeros(len(MIDDLES), dtype=np.int64)
        self.acquire_seconds = 0.0
        self.queried: NDArray[np.int64] = np.zeros(len(MIDDLES), dtype=np.int64)
        self.query_seconds = 0.0
        self.errors = dict.fromkeys(REASONS, 0)
        self.active, self.idle, self.maximum = spec.active, spec.idle, spec.maximum
        self.waiting = 0
        self.reconnects = 0

    @property
    def strained(self) -> bool:
        """At 90 % of its limit, by the rule of the real drivers; idle connections of redis count as used."""
        if self.maximum <= 1:
            return False
        used = self.active + self.idle if self.spec.driver == "redis" else self.active
        return used >= self.maximum * 90 // 100

    @property
    def reports_queries(self) -> bool:
        """True for a backend whose driver times its queries: one for each acquisition."""
        return self.spec.driver in QUERIED

    def measure(self, effect: PatternEffect, up: bool, now: float) -> None:
        """Set the gauges for `now`."""
        spec = self.spec
        self.waiting = 0
        if not up:
            self.active = self.idle = 0
        elif effect.full_since is not None:
            self.active, self.idle = self.maximum, 0
            self.waiting = min(WAITING_LIMIT, 1 + int((now - effect.full_since) * WAITING_PER_SECOND))
        elif effect.active is not None:
            self.active = effect.active
            spare = max(0, self.maximum - self.active)
            self.idle = min(spec.idle, spare) if spec.driver != "postgres" else spare
            self.idle -= 1 if spec.driver == "redis" and self.idle and spare <= 2 else 0
        else:
            self.active, self.idle = spec.active, spec.idle
        if effect.pool_wait > 1.0 and up and not self.waiting:
            self.waiting = int(effect.pool_wait**0.5)

    def draw(
        self, rng: np.random.Generator, requests: int, failed: int, seconds: float, effect: PatternEffect, up: bool
    ) -> None:
        """Book one step's requests, of which `failed` failed."""
        if effect.reconnects_per_second:
            self.reconnects += int(rng.poisson(effect.reconnects_per_second * seconds))
        if not up:
            self.errors["refused"] += failed
            return
        counts = rng.multinomial(requests, waits(effect))
        self.acquired += counts
        self.acquire_seconds += float(counts @ MIDDLES)
        if self.reports_queries:
            asked = rng.multinomial(requests, queries(effect))
            self.queried += asked
            self.query_seconds += float(asked @ MIDDLES)
        for reason, ratio in effect.pool_errors.items():
            self.errors[reason] += int(rng.binomial(requests, ratio))
        if effect.full_since is not None:
            self.errors["timeout"] += failed
        elif effect.status is Status.UNHEALTHY:
            self.errors["reset"] += failed


def waits(effect: PatternEffect) -> NDArray[np.float64]:
    """How long acquiring a connection takes, by bucket."""
    if effect.full_since is not None:
        return _FULL
    return _EASY if effect.pool_wait == 1.0 else bucket_shares(WAIT_SECONDS * effect.pool_wait, 0.01, 0.6)


def queries(effect: PatternEffect) -> NDArray[np.float64]:
    """How long the backend's answers take, by bucket."""
    slow = effect.slow_queries
    return _QUERY if slow == 1.0 else bucket_shares(QUERY_SECONDS * slow, 0.01, 0.6)
