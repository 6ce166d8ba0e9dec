"""Which alerts the rules would have reported before the start: the same rules over the same figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.past.instants import Instants
from simulator.past.ledgers import PoolPast
from simulator.past.past import GRID_SECONDS, Floats, Past
from simulator.traffic.alert_rules import RULES, WINDOW_SECONDS, Change, Rule
from simulator.traffic.latency import quantile

AFTER_SECONDS = 600.0
"""So long after an incident nothing of it fires any more."""
LATELY_SECONDS = 300.0
Found = tuple[Rule, str, NDArray[np.bool_], Floats]
"""A rule, the pattern, (T,) whether it fired and with which value."""


def changes(past: Past) -> list[Change]:
    """Beginnings and ends, oldest first. What still fires at the start is left to whoever evaluates the rules then."""
    found: list[Change] = []
    for start, end in _spans(past):
        books = Instants(past, np.arange(start, end + GRID_SECONDS / 2, GRID_SECONDS))
        for one in _conditions(books):
            found += _edges(books.times, *one)
    return sorted(found, key=lambda one: one.at)


def _spans(past: Past) -> list[tuple[float, float]]:
    """When something may have fired: incidents that follow each other closely are in one span."""
    spans: list[tuple[float, float]] = []
    for one in past.incidents:
        first, last = one.start - GRID_SECONDS, min(one.end + AFTER_SECONDS, past.start)
        if spans and first <= spans[-1][1]:
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return spans


def _edges(times: Floats, rule: Rule, pattern: str, fired: NDArray[np.bool_], values: Floats) -> Iterator[Change]:
    begins = np.flatnonzero(fired & ~np.concatenate([[False], fired[:-1]]))
    ends = np.flatnonzero(~fired & np.concatenate([[False], fired[:-1]]))
    for at, end in zip(begins.tolist(), ends.tolist(), strict=False):
        yield Change(rule, pattern, True, float(times[at]), float(values[at]))
        yield Change(rule, pattern, False, float(times[end]), float(values[end - 1]))


def _conditions(books: Instants) -> Iterator[Found]:
    _, restarted, down, pool_full, errors, slow = RULES
    before = Instants(books.past, books.times - LATELY_SECONDS)
    for spec in books.past.scenario.patterns:
        up = books.up(spec.name)
        if spec.restarts and not up.all():
            yield down, spec.name, ~up, np.zeros(len(up))
            lately = books.restarts(spec) - before.restarts(spec)
            yield restarted, spec.name, lately >= restarted.target, lately.astype(np.float64)
        if spec.name == "redis":
            used = PoolPast(books, spec).gauges[:, 0] / spec.maximum
            yield pool_full, spec.name, used > pool_full.target, used
    good, bad = books.lately(WINDOW_SECONDS)
    ratio = bad.sum(axis=1) / (good + bad).sum(axis=1)
    yield errors, "", ratio > errors.target, ratio
    p99 = np.array([quantile(0.99, counts) * 1000 for counts in good + bad])
    yield slow, "", p99 > slow.target, p99
