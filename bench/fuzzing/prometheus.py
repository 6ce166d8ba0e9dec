"""The ways to read Prometheus' answers."""

from __future__ import annotations

from itertools import count

from bench.fuzzing import seeds
from bench.fuzzing.reading import (
    JSON_TYPE,
    OPTIONS,
    PROMETHEUS,
    Read,
    Reader,
    check_times,
    collected,
)
from collectors.prometheus.api import PrometheusApi
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.range_rows import STEP_SECONDS, Part, RangeRows
from collectors.prometheus.target_discovery import TargetDiscovery
from collectors.prometheus.target_kinds import KINDS
from model.access import Access
from model.prometheus import PrometheusOptions
from model.settings import Aliases


def prometheus_readers() -> list[Reader]:
    """All of them: instant queries, targets, ranges."""
    others = {"/targets": seeds.TARGETS[0], "/query": seeds.INSTANT[1]}
    through, why = (
        PrometheusCollector(PROMETHEUS, OPTIONS, PrometheusOptions(history_hours=0), KINDS, Aliases()) for _ in range(2)
    )
    return [
        Reader("Prometheus query", collected(through), seeds.INSTANT, JSON_TYPE, 6, "/query", others),
        Reader("Prometheus targets", collected(why), seeds.TARGETS, JSON_TYPE, 2, "/targets", others),
        Reader("Prometheus range", _range(), seeds.RANGE, JSON_TYPE, 4),
    ]


def _range() -> Read:
    api = PrometheusApi(PROMETHEUS, timeout_seconds=3.0, max_bytes=OPTIONS.max_bytes, headers={}, access=Access())
    discovery, numbers = TargetDiscovery(KINDS, Aliases()), count()

    def read(now: float) -> None:
        api.begin()
        part = Part(seeds.NOW - STEP_SECONDS * (next(numbers) % 3), 3)
        for _, rows in RangeRows(discovery, 0.0).rows(api.span("up", part.start, part.end, STEP_SECONDS), part):
            check_times(rows.times.tolist())

    return read
