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
_EASY = bucket_shares(0.00009, 0.01, 0.6)
_FULL = bucket_shares(0.18, 0.05, 0.7)
_QUERY = bucket_shares(0.00024, 0.01, 0.6)
_QUERIED = frozenset({"postgres"})


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
        return self.spec.driver in _QUERIED

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

    def draw(self, rng: np.random.Generator, requests: int, failed: int, effect: PatternEffect, up: bool) -> None:
        """Book one step's requests, of which `failed` failed."""
        if not up:
            self.errors["refused"] += failed
            return
        counts = rng.multinomial(requests, _FULL if effect.full_since is not None else _EASY)
        self.acquired += counts
        self.acquire_seconds += float(counts @ MIDDLES)
        if self.reports_queries:
            asked = rng.multinomial(requests, _QUERY)
            self.queried += asked
            self.query_seconds += float(asked @ MIDDLES)
        if effect.full_since is not None:
            self.errors["timeout"] += failed
        elif effect.status is Status.UNHEALTHY:
            self.errors["reset"] += failed
