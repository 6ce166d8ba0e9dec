"""The books: one seeded model of all traffic, advanced to `now` whenever anybody reads it, behind one lock.

Every server of the simulator answers from here, so all figures agree with each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.past.handover import hand_over
from simulator.past.instants import Instants
from simulator.past.past import Past
from simulator.past.rhythm import steady
from simulator.traffic.alert_rules import AlertRuleStates
from simulator.traffic.auth import Auth
from simulator.traffic.auth_log import CROWD, AuthLog, Refused
from simulator.traffic.draws import poisson
from simulator.traffic.effects import Effects, Mode
from simulator.traffic.latency import MIDDLES
from simulator.traffic.lost_spans import LostSpans
from simulator.traffic.patterns import PatternProcess, memstore_keys
from simulator.traffic.pipeline import Pipeline
from simulator.traffic.pools import Pool
from simulator.traffic.pubsub import Topic
from simulator.traffic.requests import Traffic
from simulator.traffic.scenario import POINTS_PER_SECOND, PROXY_CORES, RESTS_PER_SECOND, USUAL_RATE, Scenario
from simulator.traffic.span_store import SpanStore, slots_before

STEPS = ((120.0, 1.0), (3600.0, 5.0), (float("inf"), 60.0))
"""How far behind, and the longest step taken then, in seconds: a laptop that slept catches up at once."""

DAY_SECONDS, DAY_SLICES = 86400.0, 288


class TrafficModel:
    """Counters since `started` (seconds since 1970). Hold `lock` and call `advance` before reading anything."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        now: float,
        history: bool = True,
        failed_logins: int = 0,
        past_hours: float = 0.0,
    ) -> None:
        shape = (len(scenario.flows), len(MIDDLES))
        self.lock = threading.RLock()
        self.scenario = scenario
        self.started = self.at = now
        self.effects = Effects()
        self.succeeded: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self.failed: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
        self.seconds: NDArray[np.float64] = np.zeros(shape[0])
        self.cpu_seconds = 0.0
        self.processes = {spec.name: PatternProcess(spec, n, now) for n, spec in enumerate(scenario.patterns)}
        self.pools = {spec.name: Pool(spec) for spec in scenario.patterns if spec.maximum}
        self.topics = [Topic(spec) for spec in scenario.topics]
        self.auth = Auth(now)
        self.auth_log = _auth_log(scenario)
        self.pipeline = Pipeline()
        self.lost_spans = LostSpans()
        self.span_store = SpanStore(slot_bytes=2 * 4 * shape[0] * shape[1])
        self._rng = np.random.default_rng(seed)
        self._traffic = Traffic(scenario, self._rng)
        self._of_pattern = _flows_by_pattern(scenario)
        self._publishes = np.array([flow.operation == "PubSub.Publish" for flow in scenario.flows])
        self._topic_shares = _topic_shares(scenario)
        self._shares_for: tuple[object, ...] = ()
        self._shares: tuple[NDArray[np.float64], NDArray[np.float64]] = (np.zeros(shape), np.zeros(shape))
        self.alerts = AlertRuleStates(now)
        self.past = Past(scenario, self._traffic, seed, now, past_hours) if past_hours else None
        self._rhythm: Callable[[float], float] = hand_over(self.past, self) if self.past else steady
        if history and not self.span_store.shortened:
            self._remember(now)
        if failed_logins:
            self._refuse_before(failed_logins, now)

    def _refuse_before(self, count: int, now: float) -> None:
        """`count` failed token checks of the last day, which the counters that begin now hold already."""
        edges = np.linspace(now - DAY_SECONDS, now, DAY_SLICES + 1).tolist()
        for start, end, each in zip(
            edges, edges[1:], np.diff(np.arange(DAY_SLICES + 1) * count // DAY_SLICES), strict=False
        ):
            self.auth.refuse(self._rng, int(each))
            self.auth_log.book(start, end, self.auth.failures)

    def advance(self, now: float, tolerance: float = 0.0) -> None:
        """Bring everything to `now`; a time that went back changes nothing, nor one at most `tolerance` seconds on."""
        with self.lock:
            if now - self.at <= tolerance:
                return
            while now > self.at:
                longest = next(step for behind, step in STEPS if now - self.at <= behind)
                before, self.at = self.at, now if now - self.at <= longest else self.at + longest
                self._step(self.at - before)
            self.alerts.evaluate(self, self.at)

    def change(self, effects: Effects, now: float) -> None:
        """From `now` on these faults hold."""
        with self.lock:
            self.advance(now)
            self.effects = effects
            if effects.proxy.restarted_at > self.started:
                self._restart(self.at)
            self._shares_for = ()
            for name, process in self.processes.items():
                process.effect = effects.pattern(name)
                process.tick(self.at, 0.0)
            self._gauges()
            self.alerts.evaluate(self, self.at)

    def _restart(self, now: float) -> None:
        """The proxy begins anew: everything that it counts is 0 again."""
        self.started = now
        for counted in (self.succeeded, self.failed, self.seconds):
            counted[:] = 0
        self.cpu_seconds = 0.0
        self.auth = Auth(now)
        self.auth_log.forget_counters()
        self.pools = {name: Pool(pool.spec) for name, pool in self.pools.items()}
        self.topics = [Topic(topic.spec) for topic in self.topics]

    @property
    def memstore_keys(self) -> int:
        """How many keys the memstore holds."""
        wanted = self.effects.memstore_keys
        return memstore_keys(self.at) if wanted is None else wanted

    def status(self, pattern: str) -> str:
        """The status that a pattern's driver reports now, as a word."""
        pool = self.pools.get(pattern)
        return self.processes[pattern].status(pool is not None and pool.strained).value

    def requests(self) -> NDArray[np.int64]:
        """Requests of each flow and latency bucket, succeeded and failed."""
        return np.asarray(self.succeeded + self.failed)

    def of_pattern(self, pattern: str) -> NDArray[np.bool_]:
        """Which flows ask this pattern."""
        return self._of_pattern[pattern]

    def _step(self, seconds: float) -> None:
        for process in self.processes.values():
            process.tick(self.at, seconds)
        good, bad = self._current_shares()
        rates = self._traffic.rates(self.at - self.started, self.effects) * self._rhythm(self.at)
        expected = rates[:, None] * seconds
        succeeded = poisson(self._rng, expected * good)
        failed = poisson(self._rng, expected * bad)
        total = succeeded + failed
        self.succeeded += succeeded
        self.failed += failed
        self.seconds += total @ MIDDLES
        own = PROXY_CORES * (0.9 + 0.1 * float(total.sum()) / (USUAL_RATE * seconds))
        self.cpu_seconds += seconds * max(own, self.effects.proxy.cpu_cores)
        self.span_store.add(self.at - seconds / 2, total, failed)
        self._book(total, succeeded, failed, seconds)

    def _book(
        self, total: NDArray[np.int64], succeeded: NDArray[np.int64], failed: NDArray[np.int64], seconds: float
    ) -> None:
        """Everything that follows from one step's requests."""
        requests = int(total.sum())
        self.auth.draw(self._rng, requests, seconds, self.effects.auth_failure_ratio, self.effects.auth)
        attacks = self.auth.attacked(self._rng, seconds, self.effects.auth.attack)
        self.auth_log.book(self.at - seconds, self.at, self.auth.failures, attacks)
        asked, unmet = total.sum(axis=1), failed.sum(axis=1)
        for name, pool in self.pools.items():
            mine, process = self._of_pattern[name], self.processes[name]
            pool.draw(self._rng, int(asked[mine].sum()), int(unmet[mine].sum()), seconds, process.effect, process.up)
        down = [name for name, process in self.processes.items() if not process.up]
        self.lost_spans.note(self.at - seconds / 2, sum(int(total[self._of_pattern[name]].sum()) for name in down))
        for part, share in self.effects.telemetry.missing.items():
            self.lost_spans.note(self.at - seconds / 2, int(requests * share), part)
        published = self._rng.multinomial(int(succeeded[self._publishes].sum()), self._topic_shares)
        nats = self.processes.get("nats")
        up = nats is None or nats.up
        slowness = self.effects.everywhere.latency * self.effects.pattern("nats").latency
        for topic, count in zip(self.topics, published, strict=True):
            effect = self.effects.topic(topic.spec.name)
            topic.draw(self._rng, int(count * effect.demand), seconds, up, slowness, effect)
        arrived = {
            "spans": 2 * requests,
            "metric_points": int(self._rng.poisson(POINTS_PER_SECOND * seconds)),
            "log_records": int(self._rng.poisson(RESTS_PER_SECOND["log records"] * seconds)),
        }
        sink_up = self.effects.transport("signoz").mode is not Mode.DOWN
        self.pipeline.draw(self._rng, arrived, self.at, sink_up, self.effects.telemetry)
        self._gauges()

    def _gauges(self) -> None:
        for name, pool in self.pools.items():
            process = self.processes[name]
            pool.measure(process.effect, process.up, self.at)

    def _current_shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The shares under the present faults, worked out anew only when something changed."""
        state = tuple(process.up for process in self.processes.values())
        if state != self._shares_for:
            self._shares = self._traffic.shares(self.effects, self.processes)
            self._shares_for = state
        return self._shares

    def _remember(self, now: float) -> None:
        """What the tracing backend kept from before the proxy started: the same traffic, in ever longer slots."""
        good, bad = self._current_shares()
        for start, seconds, length in slots_before(now):
            total, failed = self._remembered(start, seconds, good, bad)
            self.span_store.add(start + seconds / 2, total, failed, length)

    def _remembered(
        self, start: float, seconds: float, good: NDArray[np.float64], bad: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Requests from `start` for so many seconds, and how many failed: of the past that is known what it says."""
        if self.past is not None and start >= self.past.begin:
            books = Instants(self.past, np.array([start, start + seconds]))
            return np.diff(books.total, axis=0)[0], np.diff(books.failed, axis=0)[0]
        expected = self._traffic.rates(start - self.at, self.effects)[:, None] * seconds * self._rhythm(start)
        failed = self._rng.poisson(expected * bad)
        return self._rng.poisson(expected * good) + failed, failed


def _auth_log(scenario: Scenario) -> AuthLog:
    strangers = (Refused("invalid_signature", f"10.0.9.{n}", name, 1.0) for n, name in enumerate(scenario.strangers))
    return AuthLog((*CROWD, *strangers))


def _flows_by_pattern(scenario: Scenario) -> dict[str, NDArray[np.bool_]]:
    patterns = np.array([flow.pattern for flow in scenario.flows])
    return {spec.name: patterns == spec.name for spec in scenario.patterns}


def _topic_shares(scenario: Scenario) -> NDArray[np.float64]:
    shares = np.array([topic.share for topic in scenario.topics])
    return np.asarray(shares / shares.sum())
