"""How the requests of one step are drawn: rates, shares per latency bucket, what fails."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model.status import Status
from simulator.traffic.effects import Effects, PatternEffect, Slowness
from simulator.traffic.latency import bucket_shares
from simulator.traffic.scenario import AUTH_FAILURE_RATIO, Flow, Scenario

FULL_POOL_FACTOR = 40.0
DEGRADED_FACTOR = 2.0
FULL_POOL_ERRORS = 0.05
UNHEALTHY_ERRORS = 0.9
WAIT_SHARE, QUERY_SHARE = 0.2, 0.5
"""How much of a request's time is the wait for a connection, and the backend's own answer."""
_REFUSED_MEDIAN, _FAILED_MEDIAN, _TIMEOUT_MEDIAN = 0.0006, 0.002, 0.9

Shares = NDArray[np.float64]


class Standing(Protocol):
    """A pattern's process, as far as what becomes of requests to it goes."""

    @property
    def effect(self) -> PatternEffect:
        """What is wrong with it."""

    @property
    def up(self) -> bool:
        """Whether it runs."""


class Traffic:
    """Expected requests per second of each flow and latency bucket, succeeded and failed."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        self.flows = scenario.flows
        self._rates = np.array([flow.rate for flow in scenario.flows])
        self._errors = {tenant.name: tenant.error_ratio for tenant in scenario.namespaces}
        names = [tenant.name for tenant in scenario.namespaces]
        phases = rng.uniform(0, 2 * pi, len(names) + 1)
        self._phase = float(phases[-1])
        self._phases = np.array([phases[names.index(flow.namespace)] for flow in scenario.flows])
        self._known: dict[float, Shares] = {}

    def shares(self, effects: Effects, processes: Mapping[str, Standing]) -> tuple[Shares, Shares]:
        """Of one request of each flow: how much of it succeeds and fails in each bucket; the two sum to 1."""
        good, bad = [], []
        for flow in self.flows:
            ratio, factor, failed_median = self._fate(flow, effects, processes[flow.pattern])
            good.append((1.0 - ratio) * self._bucket_shares(flow.median * factor))
            bad.append(ratio * self._bucket_shares(failed_median))
        return np.array(good), np.array(bad)

    def _fate(self, flow: Flow, effects: Effects, process: Standing) -> tuple[float, float, float]:
        """Error ratio, slowness, and the median seconds of a failure."""
        wrong, whole = process.effect, effects.everywhere
        tenant = effects.tenants.get(flow.namespace) or Slowness()
        operation = effects.operations.get(flow.operation) or Slowness()
        usual = self._errors[flow.namespace]
        ratio = max(usual, wrong.error_ratio, tenant.error_ratio, operation.error_ratio, whole.error_ratio)
        factor = wrong.latency * tenant.latency * operation.latency * whole.latency * _backend_slowness(wrong)
        if not process.up:
            return 1.0, factor, _REFUSED_MEDIAN
        if wrong.full_since is not None:
            return max(ratio, FULL_POOL_ERRORS), factor * FULL_POOL_FACTOR, _TIMEOUT_MEDIAN
        if wrong.status is Status.UNHEALTHY:
            return max(ratio, UNHEALTHY_ERRORS), factor, _FAILED_MEDIAN
        return ratio, factor * (DEGRADED_FACTOR if wrong.status is Status.DEGRADED else 1.0), _FAILED_MEDIAN

    def _bucket_shares(self, median: float) -> Shares:
        known = self._known.get(median)
        if known is None:
            if len(self._known) > 5000:
                self._known.clear()
            known = self._known[median] = bucket_shares(median)
        return known

    def waves(self, at: NDArray[np.floating[Any]]) -> Shares:
        """(3, T) at each of `at`, seconds after the start: the rates of `rates` without effects are `weights` times
        this.
        """
        whole = 1.0 + 0.012 * np.sin(2 * pi * at / 1500.0 + self._phase)
        angles = 2 * pi * at / 420.0
        return np.asarray(whole * np.stack([np.ones_like(at), np.sin(angles), np.cos(angles)]))

    @property
    def weights(self) -> Shares:
        """(flows, 3): how much of each of the `waves` is in each flow."""
        own = np.stack([np.ones_like(self._phases), 0.015 * np.cos(self._phases), 0.015 * np.sin(self._phases)], axis=1)
        return np.asarray(self._rates[:, None] * own)

    def rates(self, at: float, effects: Effects) -> Shares:
        """Requests per second of each flow `at` seconds after the start: a slow, small wave; fewer when tokens fail."""
        whole = 1.0 + 0.012 * np.sin(2 * pi * at / 1500.0 + self._phase)
        own = 1.0 + 0.015 * np.sin(2 * pi * at / 420.0 + self._phases)
        ratio = effects.auth_failure_ratio
        passed = 1.0 if ratio is None else (1.0 - ratio) / (1.0 - AUTH_FAILURE_RATIO)
        return np.asarray(self._rates * whole * own * passed * self._demand(effects))

    def _demand(self, effects: Effects) -> Shares:
        """How many times as much is asked in each flow."""
        everywhere = effects.everywhere.demand
        scopes = (effects.patterns, effects.tenants, effects.operations)
        if all(one.demand == 1.0 for scope in scopes for one in scope.values()):
            return np.array(everywhere)
        tenants = {name: one.demand for name, one in effects.tenants.items()}
        operations = {name: one.demand for name, one in effects.operations.items()}
        return np.array(
            [
                everywhere
                * effects.pattern(flow.pattern).demand
                * tenants.get(flow.namespace, 1.0)
                * operations.get(flow.operation, 1.0)
                for flow in self.flows
            ]
        )


def _backend_slowness(wrong: PatternEffect) -> float:
    """How many times as long a request takes that waits for a connection, or for a slow query."""
    retried = 1.0 + sum(wrong.pool_errors.values())
    return (1.0 + WAIT_SHARE * (wrong.pool_wait - 1.0)) * (1.0 + QUERY_SHARE * (wrong.slow_queries - 1.0)) * retried
