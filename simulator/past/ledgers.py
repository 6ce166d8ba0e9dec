"""Pools and topics at many instants before the start: (T,) arrays, as `traffic.pools` and `traffic.pubsub` count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.past.instants import Instants, whole
from simulator.past.past import Counts, Floats
from simulator.traffic.effects import PatternEffect
from simulator.traffic.pools import REASONS, Pool, queries, waits
from simulator.traffic.pubsub import DROP_RATIO, Topic
from simulator.traffic.scenario import PatternSpec, TopicSpec

TINY = 1e-9


class PoolPast:
    """A pattern's pool."""

    def __init__(self, books: Instants, spec: PatternSpec) -> None:
        self._books, self._spec = books, spec
        good, bad = books.of_regimes(books.flows_of(spec.name))
        self._effects = [one.effects.pattern(spec.name) for one in books.past.regimes]
        self._up = np.array([one.down != spec.name for one in books.past.regimes])
        self._asked, self._failed = good + bad, bad

    @cached_property
    def acquired(self) -> Counts:
        """(T, buckets) connections acquired, by how long that took."""
        return self._timed(waits)

    @cached_property
    def queried(self) -> Counts:
        """(T, buckets) answers of the backend."""
        return self._timed(queries)

    @cached_property
    def errors(self) -> Mapping[str, Counts]:
        """(T,) by reason."""
        found = {}
        for reason in REASONS:
            ratios = np.array([effect.pool_errors.get(reason, 0.0) for effect in self._effects])
            refused = self._failed[:, ~self._up].sum(axis=1) if reason == "refused" else 0.0
            found[reason] = whole(self._asked[:, self._up] @ ratios[self._up] + refused)
        return found

    @cached_property
    def gauges(self) -> NDArray[np.int64]:
        """(T, 3): connections in use, open and idle, requests that wait."""
        found = np.zeros((len(self._books.times), 3), dtype=np.int64)
        for at, effect in enumerate(self._effects):
            pool = Pool(self._spec)
            pool.measure(effect, bool(self._up[at]), self._books.past.start)
            found[self._books.regime == at] = pool.active, pool.idle, pool.waiting
        usual = self._books.regime == 0
        return np.where(usual[:, None], self._usual(), found)

    def _usual(self) -> NDArray[np.int64]:
        """As many in use as is asked for, of those that are open."""
        spec, asked = self._spec, self._books.past.rhythm.of(self._books.times)
        most = spec.active + spec.idle
        active = np.clip(np.rint(spec.active * asked), min(1, spec.active), most).astype(np.int64)
        return np.stack([active, most - active, np.zeros_like(active)], axis=1)

    def _timed(self, shares: Callable[[PatternEffect], Floats]) -> Counts:
        table = np.array([shares(effect) for effect in self._effects])
        return whole(self._asked[:, self._up] @ table[self._up])


class TopicPast:
    """A topic's ledger: for each subscriber received + dropped + pending = published."""

    def __init__(self, books: Instants, spec: TopicSpec) -> None:
        shares = sum(topic.share for topic in books.past.scenario.topics)
        count, rate = books.published
        self._topic = Topic(spec)
        self.rate = rate * (spec.share / shares)
        self.published = whole(count * (spec.share / shares))
        lags = np.array([lag for _, lag in spec.subscribers])
        self.pending = whole(self.rate[:, None] * lags)
        """(T, subscribers): what is on its way, also when it is held up."""
        dropped = whole(self.published * DROP_RATIO)
        self.dropped = np.repeat(dropped[:, None], len(lags), axis=1)
        self.received = self.published[:, None] - self.dropped - self.pending

    @cached_property
    def lag_seconds(self) -> Floats:
        """(T, subscribers)."""
        return np.asarray(self.pending / np.maximum(self.rate, TINY)[:, None])

    @cached_property
    def delivery(self) -> Counts:
        """(T, buckets) deliveries by how long they took."""
        return whole(self.received.sum(axis=1)[:, None] * self._topic.usual_shares)
