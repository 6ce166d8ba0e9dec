"""What samples show of a component around the time in which it came into trouble: which figure left its range when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from aggregators.incidents.departures import Departure, left_range
from aggregators.incidents.dependencies import Component, Kind
from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.security.auth import FAMILY as CHECKS
from aggregators.series.counters import counters
from aggregators.series.grouping import Floats
from aggregators.series.histograms import layouts, quantiles_by_group
from aggregators.series.label_filter import with_label
from aggregators.series.stepped_rates import grid, rate_over_time
from model.number_text import about_latency, round_percent
from model.series import Series
from store.frames import Frame
from store.snapshot import Snapshot

BEFORE_SECONDS, SINCE_SECONDS, AFTER_SECONDS = 240.0, 45.0, 10.0
"""What is usual is learnt from BEFORE_SECONDS until SINCE_SECONDS before the alert; there a departure may begin."""
STEP_SECONDS = 2.0


class Line(NamedTuple):
    """One figure over time: `least` is the smallest rise that is any news, `word` how a value reads."""

    title: str
    times: Floats
    values: Floats
    least: float
    word: Callable[[float], str]


def departures(snapshot: Snapshot, components: Iterable[Component], at: float, now: float) -> list[Departure]:
    """The first departure of each component around `at`, of those that samples show; oldest first."""
    found = [one for one in (_departure(snapshot, component, at, now) for component in components) if one is not None]
    return sorted(found, key=lambda one: one.at)


def _departure(snapshot: Snapshot, component: Component, at: float, now: float) -> Departure | None:
    start, end = at - BEFORE_SECONDS, min(now, at + AFTER_SECONDS)
    found = []
    for line in _lines(snapshot, component, start, end):
        left = left_range(line.times, line.values, at - SINCE_SECONDS, line.least)
        if left is not None:
            words = f"{line.title} rose from {line.word(left.usual)} to {line.word(left.value)}"
            found.append(Departure(component, left.at, f"{component.words}: {words}"))
    return min(found, key=lambda one: one.at, default=None)


def _lines(snapshot: Snapshot, component: Component, start: float, end: float) -> Iterator[Line]:
    """The figures by which a component of this kind is watched."""
    name = component.name
    if component.kind is Kind.POOL:
        yield from _pool(snapshot, name, start, end)
    elif component.kind in (Kind.PATTERN, Kind.NAMESPACE):
        yield from _requests(with_label(snapshot, component.kind.value, name), start, end)
    elif component.kind is Kind.PROXY and not name:
        yield from _requests(snapshot, start, end)
    elif component.kind is Kind.TOKENS:
        yield from _checks(snapshot, start, end)
    elif component.kind is Kind.SERVER:
        yield _gauge(snapshot, "backend_connections", "connections", 5.0, start, end, instance=name.partition("@")[2])


def _pool(snapshot: Snapshot, name: str, start: float, end: float) -> Iterator[Line]:
    labels = {"pattern": name}
    if not any(one.label("pattern") == name for one in _series(snapshot, "prism_pool_connections_active", start, end)):
        labels = {"backend": name}
    yield _gauge(snapshot, "prism_pool_waiting", "requests waiting", 2.0, start, end, **labels)
    yield _gauge(snapshot, "prism_pool_connections_active", "connections in use", 3.0, start, end, **labels)


def _series(snapshot: Snapshot, family: str, start: float, end: float) -> Iterator[Series]:
    for block in snapshot.frame(family, start, end).blocks:
        yield from block.series


def _gauge(snapshot: Snapshot, family: str, title: str, least: float, start: float, end: float, **labels: str) -> Line:
    """A gauge's series with these labels, added up read by read; of several sources at the first one's reads."""
    ends = grid(start, end, STEP_SECONDS)
    total = np.full(len(ends), np.nan)
    for block in snapshot.frame(family, start, end).blocks:
        places = [
            at for at, one in enumerate(block.series) if all(one.label(key) == value for key, value in labels.items())
        ]
        if not places:
            continue
        times = block.times
        rows = np.nansum(block.samples[:, places], axis=1)
        at = times.searchsorted(ends, "right") - 1
        read = np.where(
            (at >= 0) & (ends - times[np.maximum(at, 0)] < 5 * STEP_SECONDS), rows[np.maximum(at, 0)], np.nan
        )
        total = np.where(np.isnan(total), read, total + np.nan_to_num(read))
    return Line(title, ends, total, least, lambda value: f"{value:,.0f}")


def _requests(snapshot: Snapshot, start: float, end: float) -> Iterator[Line]:
    """P99 and failed over all, step by step."""
    ends = grid(start, end, STEP_SECONDS)
    asked = snapshot.frame(REQUESTS, start, end)
    yield Line("failed requests", ends, _failed(asked, start, end, "status"), 0.003, round_percent)
    parts = [(one, layouts(one.labels, ())) for one in counters(snapshot.frame(LATENCY, start, end))]
    slow = quantiles_by_group(parts, (0.99,), start, end, STEP_SECONDS).get(())
    if slow is not None:
        yield Line("P99", ends, slow.values[0.99].to_numpy(dtype=np.float64), 0.001, about_latency)


def _checks(snapshot: Snapshot, start: float, end: float) -> Iterator[Line]:
    ends = grid(start, end, STEP_SECONDS)
    yield Line(
        "refused tokens", ends, _failed(snapshot.frame(CHECKS, start, end), start, end, "result"), 0.005, round_percent
    )


def _failed(frame: Frame, start: float, end: float, label: str) -> Floats:
    """Failures over all in each step; NaN where nothing was asked, or nobody says how it went."""
    rates = rate_over_time(frame, start, end, STEP_SECONDS, (label,))
    names = np.array([str(group[0]) for group in rates.columns], dtype=object)
    if not len(names) or not names.any():
        return np.full(len(rates), np.nan)
    values = np.nan_to_num(rates.to_numpy(dtype=np.float64))
    total = values.sum(axis=1)
    failed = values[:, is_failure(names)].sum(axis=1)
    return np.where(total > 0, failed / np.where(total > 0, total, 1.0), np.nan)
