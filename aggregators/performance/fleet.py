"""The proxies beside each other: what each is asked, how much of it fails, how slow it is, and how unlike its peers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.requests.proxies import SOURCE, proxies
from aggregators.series.availability import TWO_READS
from aggregators.series.counters import rates
from aggregators.series.grouping import VALUE, column
from aggregators.series.histograms import merged_counters
from aggregators.series.quantiles import histogram_quantile
from aggregators.series.source_rows import source_table
from aggregators.series.window import Window
from model.measure import Measure, PerSecond, Ratio, Seconds
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
INSTANCE = "instance"
UNLIKE = 2.0
"""A proxy whose P99 is so many times its peers' median, or whose errors are, is told apart from them."""
LEAST_ERRORS = 0.005
"""Below this share of failures nobody is odd."""


@dataclass(frozen=True, slots=True)
class ProxyRow:
    """One proxy over the last 5 minutes. `share` of all requests; `reading` '' or what is wrong with reading it;
    `unlike` says in what it differs from its peers, '' in nothing.
    """

    name: str
    requests: PerSecond
    share: Ratio
    error: Ratio
    p99: Seconds
    reading: str
    unlike: str


@dataclass(frozen=True, slots=True)
class _Counts:
    """Requests per second, failed ones among them."""

    total: float
    failed: float


def fleet(snapshot: Snapshot, now: float) -> tuple[ProxyRow, ...]:
    """Every proxy, the one in most trouble first."""
    asked = Window.of(snapshot, now, REQUESTS, WINDOW_SECONDS)
    counts, latencies = _counts(asked), _latencies(snapshot, now)
    lost = {
        row.instance: row.word for row in source_table(snapshot, now) if row.source == SOURCE and row.error is not None
    }
    everything = sum(one.total for one in counts.values())
    rows = []
    for name in proxies(snapshot, now):
        own = counts.get(name)
        p99 = latencies.get(name)
        rows.append(
            ProxyRow(
                name=name,
                requests=_figure(asked, Unit.PER_SECOND, own.total if own else None),
                share=asked.ratio(own.total, everything) if own else _nothing(Unit.RATIO),
                error=asked.ratio(own.failed, own.total) if own else _nothing(Unit.RATIO),
                p99=p99 or _nothing(Unit.SECONDS),
                reading=lost.get(name, ""),
                unlike=_unlike(name, counts, latencies),
            )
        )
    return tuple(sorted(rows, key=_trouble))


def _nothing(unit: Unit) -> Measure:
    return Measure.not_reported(unit, TWO_READS)


def _figure(asked: Window, unit: Unit, value: float | None) -> Measure:
    return asked.counted(unit, value)


def _counts(asked: Window) -> dict[str, _Counts]:
    grown = rates(asked.counters, asked.start, asked.at)
    if not len(grown) or INSTANCE not in grown.columns:
        return {}
    values, who = grown[VALUE].to_numpy(dtype=np.float64), column(grown, INSTANCE)
    bad = is_failure(column(grown, "status")) if "status" in grown.columns else np.zeros(len(values), dtype=bool)
    return {str(name): _Counts(values[who == name].sum(), values[(who == name) & bad].sum()) for name in set(who)}


def _latencies(snapshot: Snapshot, now: float) -> dict[str, Measure]:
    """The P99 of each, from its own buckets."""
    timed = Window.of(snapshot, now, LATENCY, WINDOW_SECONDS)
    found = merged_counters(timed.laid_out((INSTANCE,)), timed.start, timed.at)
    return {
        name: timed.measure(Unit.SECONDS, histogram_quantile(0.99, one.bounds, one.counts))
        for (name,), one in found.items()
    }


def _unlike(name: str, counts: dict[str, _Counts], latencies: dict[str, Measure]) -> str:
    """In what it is worse than its peers are in the middle."""
    words = []
    own, peers = _ratio(counts.get(name)), [_ratio(one) for other, one in counts.items() if other != name]
    if own is not None and peers and own >= LEAST_ERRORS and own > UNLIKE * _middle(peers):
        words.append("more errors")
    slow = latencies.get(name)
    others = [one.value for other, one in latencies.items() if other != name and one.reading is Reading.VALUE]
    if slow is not None and slow.value is not None and others and slow.value > UNLIKE * _middle(others):
        words.append("slower")
    return " and ".join(words)


def _ratio(one: _Counts | None) -> float | None:
    return one.failed / one.total if one and one.total else None


def _middle(values: list[float | None]) -> float:
    known = [one for one in values if one is not None]
    return float(np.median(known)) if known else 0.0


def _trouble(row: ProxyRow) -> tuple[bool, bool, float, float, str]:
    """What cannot be read first, then who is unlike the others, then by errors and slowness."""
    return not row.reading, not row.unlike, -(row.error.value or 0.0), -(row.p99.value or 0.0), row.name
