"""Topics: every published message is delivered, dropped or pending for each subscriber, and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.traffic.effects import TopicEffect
from simulator.traffic.latency import MIDDLES, bucket_shares
from simulator.traffic.scenario import TopicSpec

DROP_RATIO = 0.0001
_SMOOTHING_SECONDS = 5.0
HEALTHY = TopicEffect()


class Topic:
    """One topic's ledger. For each subscriber: received + dropped + pending = published."""

    def __init__(self, spec: TopicSpec) -> None:
        count = len(spec.subscribers)
        self.spec = spec
        self.published = 0
        self.received: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self.dropped: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self.pending: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self.lag_seconds: NDArray[np.float64] = np.zeros(count)
        self.delivery: NDArray[np.int64] = np.zeros(len(MIDDLES), dtype=np.int64)
        self.delivery_seconds = 0.0
        self._lags = np.array([lag for _, lag in spec.subscribers], dtype=np.float64)
        self.usual_shares = bucket_shares(spec.median, 0.01)
        self._rate = 0.0

    def go_on(
        self,
        published: int,
        received: NDArray[np.int64],
        dropped: NDArray[np.int64],
        delivery: NDArray[np.int64],
        rate: float,
    ) -> None:
        """Begin with this many counted, at `rate` messages a second; what is neither received nor dropped waits."""
        self.published, self.received, self.dropped = published, received, dropped
        self.pending = published - received - dropped
        self.delivery, self.delivery_seconds = delivery, float(delivery @ MIDDLES)
        self._rate = rate
        self.lag_seconds = self.pending / rate if rate > 0 else np.zeros(len(received))

    def draw(
        self,
        rng: np.random.Generator,
        published: int,
        seconds: float,
        up: bool,
        slowness: float,
        effect: TopicEffect = HEALTHY,
    ) -> None:
        """Book one step: `published` messages in `seconds`. While the pattern is down nothing is delivered."""
        self.published += published
        weight = min(1.0, seconds / _SMOOTHING_SECONDS) if self._rate else 1.0
        self._rate += weight * (published / seconds - self._rate) if seconds > 0 else 0.0
        if not published and not self.pending.any():
            self.lag_seconds = np.zeros(len(self.pending))
            return
        due = self.pending + published
        if not up or effect.stalled:
            self.pending = due
            self.lag_seconds = np.where(due > 0, self.lag_seconds + seconds, self.lag_seconds)
            return
        dropped = rng.binomial(due, max(DROP_RATIO, effect.drop_ratio))
        behind = np.minimum(due - dropped, rng.poisson(self._rate * self._lags))
        if effect.shares:
            taken = np.array([effect.shares.get(name, 1.0) for name, _ in self.spec.subscribers])
            left = np.clip(due - dropped - rng.binomial(published, taken), 0, due - dropped)
            behind = np.where(taken < 1.0, left, behind)
        delivered = due - dropped - behind
        self.received += delivered
        self.dropped += dropped
        self.pending = behind
        self.lag_seconds = behind / self._rate if self._rate > 0 else np.zeros(len(behind))
        counts = rng.multinomial(int(delivered.sum()), self._delivery_shares(slowness * effect.slowness))
        self.delivery += counts
        self.delivery_seconds += float(counts @ MIDDLES)

    def _delivery_shares(self, slowness: float) -> NDArray[np.float64]:
        return self.usual_shares if slowness == 1.0 else bucket_shares(self.spec.median * slowness, 0.01)
