"""SigNoz's rules over the books: which alerts are open, and when each began and ended."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.status import Status
from simulator.traffic.latency import quantile

if TYPE_CHECKING:
    from simulator.traffic.traffic_model import TrafficModel

WINDOW_SECONDS = 60.0
EVALUATE_SECONDS = 1.0
KEEP_CHANGES = 2000


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `query` words its condition, `target` is compared with the value."""

    id: str
    name: str
    severity: str
    description: str
    query: str
    target: float


RULES = (
    Rule("1", "Pattern restart loop", "warning", "restarted repeatedly", "restarts in 24 h", 2.0),
    Rule("2", "Pattern restarted", "info", "restarted in the last 5 minutes", "restarts in 5 min", 1.0),
    Rule("3", "Pattern down", "critical", "is not serving", "up", 0.0),
    Rule("4", "Redis pool >90 %", "warning", "pool is nearly full", "active / max", 0.9),
    Rule("5", "Error ratio high", "critical", "requests fail", "error ratio over 1 min", 0.01),
    Rule("6", "P99 latency high", "warning", "answers are slow", "P99 over 1 min in ms", 10.0),
)


@dataclass(frozen=True, slots=True)
class Change:
    """An alert that began (`firing`) or ended at `at`, seconds since 1970."""

    rule: Rule
    pattern: str
    firing: bool
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Alert:
    """An open alert."""

    rule: Rule
    pattern: str
    since: float
    value: float

    @property
    def labels(self) -> dict[str, str]:
        """Alertmanager's labels."""
        return labels_of(self.rule, self.pattern)


def labels_of(rule: Rule, pattern: str) -> dict[str, str]:
    """The labels of a rule's alert for a pattern ("" when it is about all of them)."""
    labels = {"alertname": rule.name, "severity": rule.severity, "ruleId": rule.id}
    return {**labels, "pattern": pattern} if pattern else labels


def fingerprint(rule: Rule, pattern: str) -> int:
    """The same 64-bit number for the same alert, always."""
    low, high = zlib.crc32(f"{rule.id}/{pattern}".encode()), zlib.crc32(f"{pattern}/{rule.name}".encode())
    return high << 32 | low


class AlertRuleStates:
    """Open alerts and the changes of the past: unless `changes` are given, a full Redis pool that got well 15 minutes
    ago.
    """

    def __init__(self, now: float, changes: Iterable[Change] | None = None) -> None:
        pool = RULES[3]
        self.open: dict[tuple[str, str], Alert] = {}
        usual = (Change(pool, "redis", True, now - 1320, 0.95), Change(pool, "redis", False, now - 900, 0.7))
        self.changes = list(usual if changes is None else changes)
        self._next = 0.0

    def evaluate(self, traffic_model: TrafficModel, now: float) -> None:
        """Compare every rule with the books, at most once a second."""
        if now < self._next:
            return
        self._next = now + EVALUATE_SECONDS
        found = {
            (rule.id, pattern): (rule, value, since) for rule, pattern, value, since in _conditions(traffic_model, now)
        }
        for key, (rule, value, since) in found.items():
            if key not in self.open:
                self.changes.append(Change(rule, key[1], True, since, value))
                self.open[key] = Alert(rule, key[1], since, value)
        for key in set(self.open) - set(found):
            gone = self.open.pop(key)
            self.changes.append(Change(gone.rule, gone.pattern, False, now, gone.value))
        del self.changes[:-KEEP_CHANGES]


def _conditions(traffic_model: TrafficModel, now: float) -> Iterator[tuple[Rule, str, float, float]]:
    """Every condition that holds: rule, pattern, value, since when."""
    loop, restarted, down, pool_full, errors, slow = RULES
    for name, process in traffic_model.processes.items():
        day, lately = process.restarts_within(86400.0, now), process.restarts_within(300.0, now)
        if day >= loop.target:
            yield loop, name, float(day), process.restarted[-1] + 1.0
        if lately >= restarted.target:
            yield restarted, name, float(lately), process.restarted[-1]
        if not process.up or process.effect.status is Status.UNHEALTHY:
            yield down, name, 0.0, process.crashed if not process.up else now
    pool = traffic_model.pools.get("redis")
    if pool and pool.maximum and pool.active / pool.maximum > pool_full.target:
        yield pool_full, "redis", pool.active / pool.maximum, now
    slots = list(traffic_model.span_store.slots(now - WINDOW_SECONDS, now + WINDOW_SECONDS))
    if not slots:
        return
    total = np.sum([slot.total.sum(axis=0, dtype=np.int64) for slot in slots], axis=0)
    failed = sum(int(slot.failed.sum()) for slot in slots)
    if total.sum() and failed / total.sum() > errors.target:
        yield errors, "", failed / float(total.sum()), now
    p99_ms = quantile(0.99, total) * 1000
    if p99_ms > slow.target:
        yield slow, "", p99_ms, now
