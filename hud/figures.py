"""The figures that the pages draw over a window, as frames: worked out by the same functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from aggregators.backends.pool_series import pool_series
from aggregators.messaging.message_series import message_series
from aggregators.performance.performance_series import performance_series
from aggregators.requests.traffic import traffic_series
from aggregators.security.auth_series import auth_series
from hud.samples import utc
from model.series import Unit
from store.snapshot import Snapshot

Column = Iterable[float | None]
OTHERS = "others"
"""Patterns beyond those that a chart can show."""
UNNAMED = "unnamed"
"""What no label names."""


@dataclass(frozen=True)
class Figure:
    """`table(snapshot, now, window, step)`: a row per step of the last `window` (seconds), by the time of its end."""

    unit: str
    table: Callable[[Snapshot, float, float, float], pd.DataFrame]


def _table(times: Iterable[float], columns: Mapping[str, Column]) -> pd.DataFrame:
    index = utc(times)
    return pd.DataFrame(
        {name or UNNAMED: pd.Series(list(one), index, dtype=float) for name, one in columns.items()}, index=index
    )


def _requests(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = traffic_series(snapshot, now, window, step)
    return _table(found.times, {"read": found.read, "write": found.write, "other": found.other})


def _latency(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = traffic_series(snapshot, now, window, step)
    return _table(found.times, {"p50": found.p50, "p99": found.p99, "p999": found.p999})


def _errors(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = traffic_series(snapshot, now, window, step)
    return _table(found.error_times, {"errors": found.errors_per_minute})


def _patterns(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = performance_series(snapshot, now, window, step).throughput
    return _table(found.times, dict(found.lines) | ({OTHERS: found.others} if found.more else {}))


def _pools(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = pool_series(snapshot, now, window, step)
    return _table(found.times, found.in_use)


def _messages(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = message_series(snapshot, now, window, step)
    return _table(found.times, {"published": found.published, "delivered": found.delivered, "dropped": found.dropped})


def _auth_failures(snapshot: Snapshot, now: float, window: float, step: float) -> pd.DataFrame:
    found = auth_series(snapshot, now, window, step)
    return _table(found.times, dict(found.failures))


PER_MINUTE = "per minute"
FIGURES: Mapping[str, Figure] = {
    "requests": Figure(Unit.PER_SECOND.value, _requests),
    "latency": Figure(Unit.SECONDS.value, _latency),
    "errors": Figure(PER_MINUTE, _errors),
    "patterns": Figure(Unit.PER_SECOND.value, _patterns),
    "pools": Figure("connections in use", _pools),
    "messages": Figure(Unit.PER_SECOND.value, _messages),
    "auth_failures": Figure(PER_MINUTE, _auth_failures),
}
"""By the name that `hud.frame` takes."""
