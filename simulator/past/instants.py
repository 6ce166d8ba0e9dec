"""The books at many instants before the start at once: an array over them for everything that the model counts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.past.past import ALMOST, Counts, Floats, Past
from simulator.traffic.pipeline import FAILED_RATIO
from simulator.traffic.scenario import (
    AUTH_FAILURE_RATIO,
    AUTH_FAILURE_REASONS,
    AUTHZ_DENIED_RATIO,
    AUTHZ_DENIED_REASONS,
    JWKS_MISS_RATIO,
    POINTS_PER_SECOND,
    RESTS_PER_SECOND,
    PatternSpec,
)

PUBLISH = "PubSub.Publish"
PER_SECOND = {"metric_points": POINTS_PER_SECOND, "log_records": RESTS_PER_SECOND["log records"]}
"""What the OTel collector takes in, apart from two spans of each request."""


def whole(amount: Floats) -> Counts:
    """Amounts, none below 0, as counts, which never fall where these do not."""
    return np.asarray((amount + ALMOST).astype(np.int64))


class Instants:
    """`times`: (T,) seconds since 1970, ascending. Everything is worked out when it is asked for, and kept."""

    def __init__(self, past: Past, times: Floats) -> None:
        self.past, self.times = past, times
        self._good, self._bad = past.curves(times)
        self.regime = past.regime_at(times)
        self.up_seconds = times - past.proxy_started

    @cached_property
    def succeeded(self) -> Counts:
        """(T, flows, buckets)."""
        return whole(self._spread(self._good, self.past.good_shares))

    @cached_property
    def failed(self) -> Counts:
        """(T, flows, buckets)."""
        return whole(self._spread(self._bad, self.past.bad_shares))

    @cached_property
    def total(self) -> Counts:
        """(T, flows, buckets)."""
        return np.asarray(self.succeeded + self.failed)

    @cached_property
    def requests(self) -> Counts:
        """(T,) of all flows."""
        return np.asarray(self.total.sum(axis=(1, 2)))

    def of_regimes(self, flows: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """(T, regimes) requests of these flows that succeeded and that failed while each regime held."""
        weights = self.past.weights[flows]
        good, bad = (
            np.einsum("trk,fk,rf->tr", curve, weights, shares[:, flows].sum(axis=2))
            for curve, shares in ((self._good, self.past.good_shares), (self._bad, self.past.bad_shares))
        )
        return good, bad

    def lately(self, seconds: float) -> tuple[Floats, Floats]:
        """(T, buckets) requests of the last `seconds` that succeeded and that failed."""
        ends, begins = (self.past.curves(at) for at in (self.times, self.times - seconds))
        good, bad = (
            np.einsum("trk,fk,rfb->tb", end - begin, self.past.weights, shares, optimize=True)
            for end, begin, shares in zip(ends, begins, (self.past.good_shares, self.past.bad_shares), strict=True)
        )
        return good, bad

    def flows_of(self, pattern: str) -> NDArray[np.bool_]:
        """Which flows ask this pattern."""
        return np.array([flow.pattern == pattern for flow in self.past.scenario.flows])

    def up(self, pattern: str) -> NDArray[np.bool_]:
        """(T,) whether its process ran."""
        down = [at for at, one in enumerate(self.past.regimes) if one.down == pattern]
        return ~np.isin(self.regime, down)

    def started(self, spec: PatternSpec) -> Floats:
        """(T,) when its last process had started."""
        starts = sorted(one.end for one in self.past.incidents if one.down and one.pattern == spec.name)
        first = min(self.past.proxy_started, self.past.start - spec.up_seconds)
        return np.array([first, *starts])[np.searchsorted(starts, self.times, side="right")]

    def restarts(self, spec: PatternSpec) -> Counts:
        """(T,) how often it had been started again."""
        later = [one.end for one in self.past.incidents if one.down and one.pattern == spec.name]
        return np.asarray(spec.restarts - len(later) + np.searchsorted(sorted(later), self.times, side="right"))

    @cached_property
    def published(self) -> tuple[Counts, Floats]:
        """(T,) messages published so far, and (T,) how many a second while nothing is wrong."""
        flows = np.array([flow.operation == PUBLISH for flow in self.past.scenario.flows])
        count = np.asarray(self.succeeded[:, flows].sum(axis=(1, 2)))
        return count, self.past.weights[flows, 0].sum() * self.past.rhythm.of(self.times)

    @cached_property
    def denied(self) -> Mapping[str, Counts]:
        """(T,) by reason."""
        return _by_reason(self.requests * AUTHZ_DENIED_RATIO, AUTHZ_DENIED_REASONS)

    @cached_property
    def refused(self) -> Mapping[str, Counts]:
        """(T,) tokens found invalid, by reason."""
        passed = self.requests + sum(self.denied.values())
        return _by_reason(passed * (AUTH_FAILURE_RATIO / (1.0 - AUTH_FAILURE_RATIO)), AUTH_FAILURE_REASONS)

    @cached_property
    def valid(self) -> Counts:
        """(T,) tokens found valid."""
        return np.asarray(self.requests + sum(self.denied.values()))

    @cached_property
    def misses(self) -> Counts:
        """(T,) lookups of keys that were not in the cache."""
        return whole((self.valid + sum(self.refused.values())) * JWKS_MISS_RATIO)

    @cached_property
    def refreshes(self) -> Counts:
        """(T,) tokens renewed."""
        return whole(self.up_seconds * RESTS_PER_SECOND["token refreshes"])

    def signal(self, name: str) -> tuple[Counts, Counts]:
        """(T,) each: what the OTel collector took in of a signal, and what of it it gave up; the rest was sent."""
        taken = 2 * self.requests if name == "spans" else whole(self.up_seconds * PER_SECOND[name])
        return taken, whole(taken * FAILED_RATIO)

    def _spread(self, curve: Floats, shares: Floats) -> Floats:
        regimes, flows, buckets = shares.shape
        table = (shares[:, None] * self.past.weights.T[None, :, :, None]).reshape(regimes * 3, flows * buckets)
        rows = curve.reshape(len(self.times), regimes * 3)
        # Not `@`: the threads of a linear algebra library cost more than they save, and round as they share the work.
        return np.asarray(np.einsum("tk,kc->tc", rows, table)).reshape(-1, flows, buckets)


def _by_reason(amount: Floats, shares: Mapping[str, float]) -> Mapping[str, Counts]:
    return {reason: whole(amount * share) for reason, share in shares.items()}
